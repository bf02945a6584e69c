import Logging
import NIOCore
import NIOHTTP1

/// One request and its answer, between NIO's types and ours.
struct HTTPExchange: Sendable {
    var port: WebPort
    var head: HTTPRequestHead
    var body: RequestBody
    var addresses: PeerAddresses
    var writer: AnswerWriter

    private var limits: HTTPLimits { self.port.limits }

    /// Has the request answered, and the answer written.
    func run() async {
        let answer: WebAnswer
        do throws(RESTFailure) {
            var question = try self.question()
            if question.header("expect")?.lowercased() == "100-continue", self.wantsBody {
                try? self.writer.put(.interim(.continue))
            }
            // A client that is answered while it sends closes the connection (curl), and a new one costs more than these bytes.
            if self.hearsOut { question.body = await question.body.arrived().body }
            answer = await self.port.respond(question)
        } catch {
            answer = .failure(error, as: .json)
        }
        do {
            try await self.write(answer)
        } catch {
            let asked = "\(self.head.method.rawValue) \(self.head.uri.prefix(1_024))"
            self.port.logger.debug("the answer to \(asked) broke off: \(error)")
            self.writer.abort()
        }
    }

    // MARK: The request

    /// Where files are uploaded, other requests are answered before long bodies come: the answer may be to send the body to
    /// another address.
    private var wantsBody: Bool { self.limits.isUpload == nil || self.hearsOut || self.isUpload }

    private var isUpload: Bool { self.limits.isUpload?(self.head.method.rawValue, self.head.uri) ?? false }

    /// Whether it has a body that may be meant for another address, and is short enough to wait for.
    private var hearsOut: Bool {
        guard self.limits.isUpload != nil, let length = self.statedLength,
            (1...Self.heardBytesMaximum).contains(length)
        else { return false }
        return !self.isUpload
    }

    private static let heardBytesMaximum = 64 << 10

    private var statedLength: Int? { self.head.headers.first(name: "Content-Length").flatMap { Int($0) } }

    private func question() throws(RESTFailure) -> WebRequest {
        guard let method = WebMethod(rawValue: self.head.method.rawValue) else {
            throw .http(501, "The method \(self.head.method.rawValue) is not known here.")
        }
        let length = self.statedLength ?? 0
        guard self.limits.isUpload != nil || length <= self.limits.bodyBytesMaximum else {
            throw .http(413, "The body is longer than the \(self.limits.bodyBytesMaximum) bytes that are accepted.")
        }
        let (authority, target) = Self.parts(of: self.head.uri)
        var question = WebRequest(
            method: method,
            target: try WebTarget(target),
            headers: self.head.headers.map { WebHeader($0.name, $0.value) }.filter { !$0.isNamed("host") },
            authority: authority ?? self.head.headers.first(name: "Host"),
            peerAddress: self.addresses.peer,
            localAddress: self.addresses.local,
            body: WebBody(self.body)
        )
        question.isSecure = self.port.isSecure
        return question
    }

    /// A target that names the server too (RFC 9112, 3.2.2), as one sends it to proxies, in its two parts.
    private static func parts(of target: String) -> (authority: String?, target: String) {
        guard target.utf8.first != UInt8(ascii: "/"), let scheme = target.firstRange(of: "://") else {
            return (nil, target)
        }
        let rest = target[scheme.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let path = rest[end...]
        return (String(rest[..<end]), path.hasPrefix("/") ? String(path) : "/\(path)")
    }

    // MARK: The answer

    private func write(_ answer: WebAnswer) async throws {
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status))
        head.headers.reserveCapacity(answer.headers.count + 4)
        for header in answer.headers where Self.isToken(header.name) {
            head.headers.add(name: header.name, value: Self.fieldValue(header.value))
        }
        switch answer.body {
        case .bytes(let bytes):
            if answer.status != 204, answer.status != 304 {
                head.headers.replaceOrAdd(name: "Content-Length", value: String(bytes.readableBytes))
            }
            if self.head.method == .HEAD {
                try self.writer.put(.head(head), .end)
            } else {
                try self.writer.put(.head(head), .bytes(bytes), .end)
            }
        case .stream(let length, let produce):
            self.frame(&head, length)
            guard self.head.method != .HEAD else { return try self.writer.put(.head(head), .end) }
            try self.writer.put(.head(head))
            try await produce(self.writer)
            // Only the end of the connection tells a caller that this is not all.
            if let length, self.writer.written != length { throw UnevenAnswer() }
            try self.writer.put(.end)
        }
    }

    private func frame(_ head: inout HTTPResponseHead, _ length: Int64?) {
        if let length {
            head.headers.replaceOrAdd(name: "Content-Length", value: String(length))
        } else if self.head.version != .http1_0 {
            // An answer to HEAD need not say how its body would have been cut.
            if self.head.method != .HEAD { head.headers.replaceOrAdd(name: "Transfer-Encoding", value: "chunked") }
        } else {
            // Of this version a body without a length ends with the connection.
            head.version = .http1_0
        }
    }

    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// What would end a line, and let a value begin another header or answer, becomes a blank (RFC 9110, 5.5).
    private static func fieldValue(_ text: String) -> String {
        func isForbidden(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D || byte == 0 }
        guard text.utf8.contains(where: isForbidden) else { return text }
        return String(decoding: text.utf8.map { isForbidden($0) ? 0x20 : $0 }, as: UTF8.self)
    }
}

/// An answer's body was longer or shorter than its head says.
private struct UnevenAnswer: Error {}
