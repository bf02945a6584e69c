/// What a web server answered to a question whose answer is short, whatever its status.
package struct WebReply: Sendable, Hashable {
    package var status: Int
    package var body: [UInt8]
    /// How many bytes there are in all, where a part was asked for and the server says so.
    package var total: Int64?
}

extension Transfers {
    /// Asks a web server, once; where the fault may pass the failure says so.
    /// - Parameters:
    ///   - location: of scheme http or https.
    ///   - query: names and values behind the question mark.
    ///   - part: of the answer, at most `partMaximum` bytes; nil: all of it.
    package func ask(
        _ location: ResourceLocation,
        query: [(String, String)] = [],
        part: Range<Int64>? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(TransferFailure) -> WebReply {
        let address = try HTTPAddress(location)
        let words = query.map { "\(URIText.encoded($0.0))=\(URIText.encoded($0.1))" }.joined(separator: "&")
        var settings = self.settings
        settings.attemptsMaximum = 1
        let calls = HTTPCalls(settings: settings, loop: self.loop, cancellation: cancellation, chance: self.chance)
        let (answer, body) = try calls.call(
            "\(location) cannot be asked",
            accepts: { _ in true },
            failure: { HTTPFiles.failure("asked", location, $0) },
            request: {
                var request = HTTPRequest(url: words.isEmpty ? address.url : "\(address.url)?\(words)")
                if let part { request.headers.append(ByteRange.header(part)) }
                return request
            }
        )
        return WebReply(
            status: answer.head.status,
            body: answer.head.isSuccess ? body : answer.errorBody,
            total: Self.total(answer.head)
        )
    }

    /// `bytes 0-3/10`, or `bytes */10` of a part behind the end.
    private static func total(_ head: HTTPHead) -> Int64? {
        guard let text = head["content-range"] else { return nil }
        if let (_, total) = ByteRange.parse(text) { return total }
        let prefix = "bytes */"
        return text.hasPrefix(prefix) ? Int64(text.dropFirst(prefix.utf8.count)) : nil
    }
}
