import FoundationEssentials

/// Where a container of ECS or a pod of EKS asks for its keys, as its environment says ("Container credential provider" in the
/// reference guide of AWS's SDKs).
struct ContainerCredentials: Sendable, Hashable {
    let address: String
    private let token: String?

    /// nil outside of such containers.
    init?(_ environment: [String: String]) throws(TransferFailure) {
        let names = (relative: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", full: "AWS_CONTAINER_CREDENTIALS_FULL_URI")
        if let path = environment[names.relative], !path.isEmpty {
            guard path.hasPrefix("/") else { throw TransferFailure("\(names.relative) does not begin with a slash") }
            self.address = "http://169.254.170.2\(path)"
        } else if let address = environment[names.full], !address.isEmpty {
            guard ServiceAddress.mayHear(address) else {
                throw TransferFailure("\(names.full) is neither https nor an address that only this machine reaches")
            }
            self.address = address
        } else {
            return nil
        }
        self.token = try Self.token(environment)
    }

    var headers: [HTTPRequest.Header] {
        self.token.map { [HTTPRequest.Header(name: "Authorization", value: $0)] } ?? []
    }

    private static func token(_ environment: [String: String]) throws(TransferFailure) -> String? {
        let name = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
        var token = environment[name] ?? ""
        if let path = environment["\(name)_FILE"], !path.isEmpty {
            token = try ServiceAddress.token(in: path, named: "\(name)_FILE")
        }
        token = HTTPHead.trimmed(token[...])
        guard token.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) else {
            throw TransferFailure("\(name) is no header's value")
        }
        return token.isEmpty ? nil : token
    }
}

/// Rules for services that give keys for tokens.
enum ServiceAddress {
    /// The token would be heard on the way to any other.
    static func mayHear(_ address: String) -> Bool {
        // A host alone is an address, too.
        guard let location = ResourceLocation(url: "\(address)/") else { return false }
        if location.scheme == "https" { return true }
        let host = location.host.lowercased()
        let known = ["localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]
        let bytes = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return location.scheme == "http"
            && (known.contains(host) || (bytes.count == 4 && bytes[0] == 127 && !bytes.contains(nil)))
    }

    /// - Parameter name: of the variable that names the file.
    static func token(in path: String, named name: String) throws(TransferFailure) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw TransferFailure("\(path), which \(name) names, cannot be read")
        }
        return text
    }
}
