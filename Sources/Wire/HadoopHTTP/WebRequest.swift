package import NIOCore

package enum WebMethod: String, Sendable, Hashable {
    case get = "GET"
    case head = "HEAD"
    case put = "PUT"
    case post = "POST"
    case delete = "DELETE"
    case options = "OPTIONS"
}

/// One request, its path split and decoded, its body still to come.
package struct WebRequest: Sendable {
    package var method: WebMethod
    /// As it stood in the request line, undecoded, without the query.
    package var rawPath: String
    /// As it stood in the request line, undecoded; nil without a question mark.
    package var rawQuery: String?
    /// The path's parts, percent-decoded. A slash at the end adds none.
    package var segments: [String]
    package var query: WebQuery
    package var headers: [WebHeader]
    /// The `Host` header.
    package var authority: String?
    package var peerAddress: String
    package var localAddress: String
    /// Pieces of the body as they arrive.
    package var body: WebBody
    /// Whether it came over TLS.
    package var isSecure = false
    /// The name of a caller who gives none.
    package var staticUser = WebUser.staticName

    package init(
        method: WebMethod,
        target: WebTarget,
        headers: [WebHeader] = [],
        authority: String? = nil,
        peerAddress: String = "",
        localAddress: String = "",
        body: WebBody = .empty
    ) {
        self.method = method
        self.rawPath = target.rawPath
        self.rawQuery = target.rawQuery
        self.segments = target.segments
        self.query = target.query
        self.headers = headers
        self.authority = authority
        self.peerAddress = peerAddress
        self.localAddress = localAddress
        self.body = body
    }

    package var scheme: String { self.isSecure ? "https" : "http" }

    /// The value of the first header of that name, in any case.
    package func header(_ name: String) -> String? {
        self.headers.first { $0.isNamed(name) }?.value
    }

    /// What `Accept` chooses; JSON where nothing fits, for the error that says so.
    package var format: RESTFormat { RESTFormat.negotiated(accept: self.header("accept")) ?? .json }

    /// Reads the whole body.
    /// - Throws: `RESTFailure` 413 above `maximum` bytes.
    package func collectBody(upTo maximum: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await self.body.forEachPiece { piece in
            guard bytes.count + piece.readableBytes <= maximum else {
                throw RESTFailure.http(413, "The body is longer than the \(maximum) bytes that are accepted.")
            }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        return bytes
    }
}

package struct WebHeader: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// - Parameter name: in small letters.
    func isNamed(_ name: String) -> Bool {
        self.name.utf8.elementsEqual(name.utf8) { mine, small in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(mine) ? mine | 0x20 == small : mine == small
        }
    }
}

extension WebHeader {
    /// Tells a browser to keep an answer as a file of that name.
    package static func attachment(_ name: String) -> WebHeader {
        // What is no plain letter stands in the encoded form alone (RFC 6266).
        let plain = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
        return WebHeader(
            "Content-Disposition",
            "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(percentEncoded(name))"
        )
    }
}

/// The connection ended before its request's body did.
package struct WebBodyCutOff: Error {}

/// A body that is read once, piece by piece; the sender waits while the reader does. Reading throws `WebBodyCutOff` when
/// the connection ends before the body.
package struct WebBody: Sendable {
    private let read: @Sendable (_ piece: (ByteBuffer) async throws -> Void) async throws -> Void

    package init(_ read: @escaping @Sendable (_ piece: (ByteBuffer) async throws -> Void) async throws -> Void) {
        self.read = read
    }

    package static let empty = WebBody { _ in }

    package init(bytes: [UInt8]) {
        self.init { piece in try await piece(ByteBuffer(bytes: bytes)) }
    }

    /// The same body when all of it has arrived, or as much as comes, in memory.
    package func arrived() async -> (body: WebBody, isWhole: Bool) {
        var bytes = ByteBuffer()
        var isWhole = true
        do {
            try await self.forEachPiece { bytes.writeImmutableBuffer($0) }
        } catch {
            isWhole = false
        }
        let (came, isCutOff) = (bytes, !isWhole)
        let body = WebBody { piece in
            if came.readableBytes > 0 { try await piece(came) }
            if isCutOff { throw WebBodyCutOff() }
        }
        return (body, isWhole)
    }

    package func forEachPiece(_ piece: (ByteBuffer) async throws -> Void) async throws {
        try await self.read(piece)
    }
}
