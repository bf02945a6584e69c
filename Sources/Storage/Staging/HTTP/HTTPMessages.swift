/// One request as it goes to libcurl.
struct HTTPRequest: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// A part of an open file, read where it stands with pread; the descriptor outlives the request.
        case file(descriptor: Int32, offset: Int64, length: Int64)

        var length: Int64 {
            switch self {
            case .none: 0
            case .bytes(let bytes): Int64(bytes.count)
            case .file(_, _, let length): length
            }
        }
    }

    struct Header: Sendable, Hashable {
        var name: String
        var value: String
    }

    var method = Method.get
    /// Checked and encoded; holds no credentials of HTTP's own.
    var url: String
    var headers: [Header] = []
    var body = Body.none
    /// For Basic authentication; sent to the first host only.
    var user: String?
    var password: String?
    /// Headers that prove who asks (Authorization): they stay with the first host, too.
    var secretHeaders: [Header] = []
    /// Whether an answer that leads elsewhere is followed.
    var followsRedirects = true
}

/// Status and headers of an answer.
struct HTTPHead: Sendable {
    var status = 0
    /// The server's own words for its status, as far as they are printable.
    var reason = ""
    private(set) var headers: [HTTPRequest.Header] = []
    /// Last-Modified and Date in seconds since 1970, where the server states them.
    var lastModified: Int64?
    var date: Int64?

    /// So many headers are plenty; a server that sends more is not heard out.
    private static let headersMaximum = 200

    init() {}

    /// - Parameter line: `HTTP/1.1 404 Not Found`.
    init(statusLine line: String) {
        let words = line.split(separator: " ", maxSplits: 2)
        self.status = words.count > 1 ? Int(words[1]) ?? 0 : 0
        let reason = words.count > 2 ? words[2] : ""
        self.reason = String(
            String.UnicodeScalarView(reason.unicodeScalars.filter { $0.value >= 32 && $0.value < 127 })
        )
    }

    mutating func add(line: String) {
        guard self.headers.count < Self.headersMaximum, let colon = line.firstIndex(of: ":") else { return }
        self.headers.append(
            HTTPRequest.Header(
                name: line[..<colon].lowercased(),
                value: Self.trimmed(line[line.index(after: colon)...])
            )
        )
    }

    /// What a header's value is without the blanks around it.
    static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// - Parameter name: in lower case.
    /// - Returns: the only value of that name; nil if there is none, or if two differ.
    subscript(name: String) -> String? {
        let values = self.headers.filter { $0.name == name }.map(\.value)
        guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    func has(_ name: String) -> Bool { self.headers.contains { $0.name == name } }

    var isSuccess: Bool { (200..<300).contains(self.status) }

    var contentLength: Int64? { self["content-length"].flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil } }

    /// As an error names it: `404 Not Found`.
    var text: String { self.reason.isEmpty ? "\(self.status)" : "\(self.status) \(self.reason)" }

    /// Overload and the like pass; a wrong address does not.
    var isTransient: Bool { [408, 425, 429, 500, 502, 503, 504].contains(self.status) }

    /// How long the server asks to be left alone, if it says so in seconds.
    var retryAfter: Duration? {
        self["retry-after"].flatMap { Int64($0) }.flatMap { $0 >= 0 ? .seconds(min($0, 86_400)) : nil }
    }
}

/// What came of one request, redirects followed.
struct HTTPAnswer: Sendable {
    var head: HTTPHead
    /// The body of an answer that is no success, as far as it is short.
    var errorBody: [UInt8]
    /// Where an answer leads that was not followed.
    var redirect: String?
}

/// Takes the body of a successful answer, on the thread of all transfers: it must not wait.
protocol BodySink: Sendable {
    /// Looks at the head before the first byte of the body.
    func begin(_ head: HTTPHead) throws(TransferFailure)
    /// - Returns: false when nothing more is wanted; the request then counts as done.
    func take(_ bytes: UnsafeRawBufferPointer) throws(TransferFailure) -> Bool
}
