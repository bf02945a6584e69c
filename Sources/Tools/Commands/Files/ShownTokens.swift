import Foundation
import HadoopConfig
import HadoopWire
import Staging

extension DelegationTokens {
    /// Those of WebHDFS in the credentials file that `HADOOP_TOKEN_FILE_LOCATION` names, which Hadoop's own commands show
    /// too; none where it names nothing.
    init(_ environment: ConfigurationEnvironment) throws(CommandFailure) {
        self.init()
        let variable = "HADOOP_TOKEN_FILE_LOCATION"
        guard let path = environment.variables[variable], !path.isEmpty else { return }
        func failure(_ problem: String) -> CommandFailure {
            CommandFailure("\(variable) is \(path): \(problem); name a file of Hadoop credentials, or unset it")
        }
        let content: Data
        do {
            content = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw failure("it cannot be read")
        }
        do throws(CredentialsError) {
            let credentials = try Credentials(bytes: Array(content))
            for entry in credentials.tokens where TokenKind.ofWebHDFS.contains(entry.token.kind) {
                self.add(entry.token.urlString, service: entry.token.service)
            }
        } catch {
            throw failure("\(error)")
        }
    }
}
