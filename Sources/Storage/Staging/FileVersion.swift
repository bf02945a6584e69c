/// One state of a remote file: parts of it that are fetched one by one belong together only if they are of one state.
struct FileVersion: Sendable, Hashable {
    /// Bytes; nil where the server does not say.
    var length: Int64?
    /// What the server compares to say whether it is still that state; nil where it offers nothing that could be trusted.
    var validator: String?
    /// Whether parts may be asked for: parallel streams need it, going on after a broken connection does not.
    var takesRanges = false
    var digests: [StatedDigest] = []
    /// Milliseconds since 1970.
    var lastModified: Int64?
}

/// Where the bytes of one file come from: how a protocol asks for a part, and how it can be told that it got it.
protocol DownloadSource: Sendable {
    var location: ResourceLocation { get }

    /// The same file as it is now, for a new beginning.
    func renewed() throws(TransferFailure) -> Self

    /// - Parameter part: bytes of `version`; nil for the whole file. An upper bound of `Int64.max` means to its end.
    func request(_ part: Range<Int64>?, of version: FileVersion?) throws(TransferFailure) -> HTTPRequest

    /// Looks at the head of a successful answer.
    /// - Returns: what is known of the file now.
    /// - Throws: with `needsRestart` when the answer holds anything but the asked part of the asked version.
    func judge(
        _ head: HTTPHead,
        for part: Range<Int64>?,
        of version: FileVersion?
    ) throws(TransferFailure) -> FileVersion

    /// What an answer means that is no success.
    func failure(_ answer: HTTPAnswer) -> TransferFailure

    /// Asks once more, when all bytes are there, whether they are those of the version.
    /// - Parameters:
    ///   - isPieced: whether they came with more than one request.
    ///   - target: where they are; nil when they were handed on and not kept.
    func confirm(
        _ version: FileVersion,
        isPieced: Bool,
        target: Int32?,
        path: String
    ) throws(TransferFailure)
}

/// How a range of bytes is asked for and judged in HTTP (RFC 9110, section 14).
enum ByteRange {
    static func header(_ part: Range<Int64>) -> HTTPRequest.Header {
        let end = part.upperBound == Int64.max ? "" : "\(part.upperBound - 1)"
        return HTTPRequest.Header(name: "Range", value: "bytes=\(part.lowerBound)-\(end)")
    }

    /// `bytes 0-499/1234`; nil for anything else.
    static func parse(_ contentRange: String) -> (part: Range<Int64>, total: Int64?)? {
        let words = contentRange.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
        let halves = words[1].split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last,
            last < Int64.max
        else { return nil }
        if halves[1] == "*" { return (first..<last + 1, nil) }
        guard let total = Self.number(halves[1]), last < total else { return nil }
        return (first..<last + 1, total)
    }

    private static func number(_ text: Substring) -> Int64? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int64(text) : nil
    }

    /// - Returns: nil when the answer holds the asked part of the version; else what is wrong.
    static func problem(_ head: HTTPHead, for part: Range<Int64>, of version: FileVersion) -> String? {
        switch head.status {
        case 206: break
        case 200:
            return "its server answered a request for a part with the whole file: it has changed, or ranges are ignored"
        default: return "its server answered a request for a part with \(head.text)"
        }
        guard let text = head["content-range"], let (found, total) = Self.parse(text) else {
            return "its server sent a part without saying which one"
        }
        guard found.lowerBound == part.lowerBound, found.upperBound <= part.upperBound else {
            return "its server sent bytes \(found.lowerBound)-\(found.upperBound - 1) for a request that began "
                + "at byte \(part.lowerBound)"
        }
        if let length = version.length, let total, total != length {
            return "it had \(length) bytes and has \(total) now"
        }
        if let length = head.contentLength, length != Int64(found.count) {
            return "its server announced a part of \(found.count) bytes and one of \(length) at once"
        }
        if let etag = head["etag"], let known = version.validator, known.hasPrefix("\""), etag != known {
            return "it has changed on its server"
        }
        return nil
    }
}

/// How a large file is cut up for streams side by side.
struct SplitRule: Sendable, Hashable {
    var streamsMaximum: Int
    /// Bytes that are worth a stream of their own.
    var partMinimum: Int64
    /// What is left must take the first stream at least so long.
    var timeMinimum: Duration

    /// How long the first stream runs before its pace says something.
    static let pacedAfter: Duration = .milliseconds(250)

    /// Bytes a second. What comes faster is not held up by its line or by what a server gives to one connection: others would only
    /// take the processor from it, and the hash, which stands still behind a gap, would be left to the end.
    static let lineRateMaximum = 256e6

    /// Whether others should help the first stream. They cost their server more, and a file that comes in several places at a
    /// time cannot be hashed on the way.
    /// - Parameters:
    ///   - done: bytes that it has brought.
    ///   - left: bytes that are still to come.
    ///   - elapsed: since its answer began.
    func isWorthwhile(done: Int64, left: Int64, elapsed: Duration) -> Bool {
        guard self.timeMinimum > .zero else { return true }
        guard elapsed >= Self.pacedAfter, Double(done) < Self.lineRateMaximum * (elapsed / .seconds(1)) else {
            return false
        }
        return Double(left) * (elapsed / .seconds(1)) >= Double(done) * (self.timeMinimum / .seconds(1))
    }

    /// - Parameter position: how far the first stream is.
    /// - Returns: what is left, in order, the first part for the stream that runs; one part if cutting is not worth it.
    func parts(from position: Int64, to length: Int64) -> [Range<Int64>] {
        guard position < length else { return [] }
        let rest = length - position
        let count = max(1, min(Int64(self.streamsMaximum), rest / max(1, self.partMinimum)))
        let size = rest / count
        return (0..<count).map { number in
            let start = position + number * size
            return start..<(number == count - 1 ? length : start + size)
        }
    }
}
