package import NIOCore

/// What a request is answered with.
package struct WebAnswer: Sendable {
    package var status: Int
    package var headers: [WebHeader]
    package var body: Body

    package enum Body: Sendable {
        case bytes(ByteBuffer)
        /// - length: in bytes; nil when it is not known beforehand.
        case stream(length: Int64?, @concurrent @Sendable (any WebBodyWriter) async throws -> Void)
    }

    package init(status: Int, headers: [WebHeader] = [], body: Body = .bytes(ByteBuffer())) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A representation in the form that the caller likes best.
    package static func document(_ document: RESTDocument, as format: RESTFormat, status: Int = 200) -> WebAnswer {
        let bytes =
            switch format {
            case .json: document.json()
            case .xml: document.xml()
            }
        return WebAnswer(
            status: status,
            headers: hadoopHeaders + [WebHeader("Content-Type", format.contentType)],
            body: .bytes(ByteBuffer(bytes: bytes))
        )
    }

    package static func failure(_ failure: RESTFailure, as format: RESTFormat) -> WebAnswer {
        .document(failure.document, as: format, status: failure.status)
    }

    package static func text(_ text: String, status: Int = 200) -> WebAnswer {
        WebAnswer(
            status: status,
            headers: hadoopHeaders + [WebHeader("Content-Type", "text/plain;charset=utf-8")],
            body: .bytes(ByteBuffer(string: text))
        )
    }

    package static func redirect(to location: String, status: Int = 302) -> WebAnswer {
        WebAnswer(status: status, headers: hadoopHeaders + [WebHeader("Location", location)])
    }

    package func adding(_ name: String, _ value: String) -> WebAnswer {
        var answer = self
        answer.headers.append(WebHeader(name, value))
        return answer
    }

    /// What Hadoop's filters put on every answer. `Date` and `Expires`, which change, are the server's.
    package static let hadoopHeaders = [
        WebHeader("Cache-Control", "no-cache"),
        WebHeader("Pragma", "no-cache"),
        WebHeader("X-Content-Type-Options", "nosniff"),
        WebHeader("X-XSS-Protection", "1; mode=block"),
        WebHeader("X-Frame-Options", "SAMEORIGIN"),
        WebHeader("Vary", "Accept-Encoding"),
    ]
}

/// Where a streamed body goes. Writing waits while the caller is slow to read.
package protocol WebBodyWriter {
    @concurrent
    func write(_ piece: ByteBuffer) async throws

    /// Sends part of a file without reading it into memory. The descriptor stays open until this returns, and the file
    /// has all of those bytes.
    @concurrent
    func send(_ descriptor: CInt, from offset: Int64, count: Int64) async throws
}
