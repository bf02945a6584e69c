import HadoopProtos
import HadoopWire
import ResourceManagerCore

extension RenewableToken {
    /// The WebHDFS tokens in the credentials of a launch context. Credentials and identifiers that cannot be read have none:
    /// whom they are for says more about them than this could.
    static func all(in context: ContainerLaunchContextProto) -> [RenewableToken] {
        guard !context.tokens.isEmpty, let credentials = try? Credentials(bytes: [UInt8](context.tokens)) else {
            return []
        }
        return credentials.tokens.compactMap { RenewableToken($0.token) }
    }

    /// nil for other kinds of token.
    init?(_ token: HadoopToken) {
        guard TokenKind.ofWebHDFS.contains(token.kind),
            let identifier = try? HDFSTokenIdentifier(bytes: token.identifier)
        else { return nil }
        self.init(
            isSecure: token.kind == TokenKind.secureWebHDFS,
            service: token.service,
            renewer: identifier.renewer,
            owner: identifier.owner,
            number: identifier.sequenceNumber,
            maximumDate: identifier.maxDate,
            text: token.urlString
        )
    }
}
