internal import Foundation
package import HadoopWire
package import Staging

/// A credentials file that was named and cannot be used.
package struct UnusableCredentials: Error, CustomStringConvertible {
    package var description: String
}

extension Credentials {
    /// Those of the file that `HADOOP_TOKEN_FILE_LOCATION` names, which Hadoop's own commands show too; none where it names
    /// nothing.
    /// - Parameter variables: of the environment.
    package static func shown(_ variables: [String: String]) throws(UnusableCredentials) -> Credentials {
        let variable = "HADOOP_TOKEN_FILE_LOCATION"
        guard let path = variables[variable], !path.isEmpty else { return Credentials() }
        func failure(_ problem: String) -> UnusableCredentials {
            UnusableCredentials(
                description: "\(variable) is \(path): \(problem); name a file of Hadoop credentials, or unset it"
            )
        }
        let content: Data
        do {
            content = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw failure("it cannot be read")
        }
        do {
            return try Credentials(bytes: Array(content))
        } catch {
            throw failure("\(error)")
        }
    }

    /// The tokens that file systems take, and nothing else.
    package var ofFileSystems: Credentials {
        Credentials(tokens: self.tokens.filter { TokenKind.ofWebHDFS.contains($0.token.kind) })
    }
}

extension DelegationTokens {
    /// Those of them that WebHDFS servers take.
    package init(_ credentials: Credentials) {
        self.init()
        for entry in credentials.ofFileSystems.tokens {
            self.add(entry.token.urlString, service: entry.token.service)
        }
    }
}
