import FoundationEssentials

/// A delegation token and who speaks about it to the server that gave it out.
package struct DelegationTokenCall: Sendable {
    /// Whether its server is asked over https.
    package var isSecure: Bool
    /// `address:port` or `host:port`.
    package var service: String
    /// Whom the server knows the caller as.
    package var user: String
    package var text: String

    package init(isSecure: Bool, service: String, user: String, text: String) {
        self.isSecure = isSecure
        self.service = service
        self.user = user
        self.text = text
    }
}

extension Transfers {
    /// RENEWDELEGATIONTOKEN.
    /// - Returns: when the token now ends, in milliseconds since 1970.
    /// - Throws: with the server's own words; transient where asking again may help.
    package func renew(_ call: DelegationTokenCall, _ cancellation: Cancellation) throws(TransferFailure) -> Int64 {
        struct Answer: Decodable { var long: Int64 }
        let body = try self.ask(call, "RENEWDELEGATIONTOKEN", "renew a token", cancellation)
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)) else {
            throw TransferFailure("\(call.service) does not answer as a WebHDFS server does")
        }
        return answer.long
    }

    /// CANCELDELEGATIONTOKEN.
    package func cancel(_ call: DelegationTokenCall, _ cancellation: Cancellation) throws(TransferFailure) {
        _ = try self.ask(call, "CANCELDELEGATIONTOKEN", "cancel a token", cancellation)
    }

    private func ask(
        _ call: DelegationTokenCall,
        _ operation: String,
        _ what: String,
        _ cancellation: Cancellation
    ) throws(TransferFailure) -> [UInt8] {
        guard let root = ResourceLocation(url: "\(call.isSecure ? "swebhdfs" : "webhdfs")://\(call.service)/"),
            root.port != nil
        else { throw TransferFailure("\"\(call.service)\" is no address of a WebHDFS server") }
        let address = try HTTPAddress(
            webHDFS: root,
            operation: operation,
            user: call.user,
            parameters: [("token", call.text)]
        )
        let calls = HTTPCalls(
            settings: self.settings,
            loop: self.loop,
            cancellation: cancellation,
            chance: self.chance
        )
        return try calls.call(
            "\(call.service)",
            maximum: Self.tokenAnswerMaximum,
            failure: { WebHDFSFiles.failure("asked to \(what)", root, $0) },
            request: {
                // Wherever else it leads, the token is not for that server.
                HTTPRequest(method: .put, url: address.url, followsRedirects: false)
            }
        ).body
    }

    /// Bytes of an answer about tokens.
    private static let tokenAnswerMaximum = 64 << 10
}
