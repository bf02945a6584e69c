import Glibc

/// What a client said of a resource when it submitted it. The source must still be that when it is fetched: a file that
/// changed in between would give containers of one application different code.
package struct ResourceExpectation: Sendable, Hashable {
    /// Time of the last change in milliseconds since 1970; nil where nobody knows (http).
    package var timestamp: Int64?
    /// Bytes; nil if not to be checked.
    package var size: Int64?
    /// Whether everybody on the source's machine may read it, as the public cache demands.
    package var isPublic: Bool
    /// Whether nobody may be writing it, where its file system shows files that are being written (WebHDFS). Its time
    /// and its length may be the expected ones then, and what is there is a part.
    package var isClosed: Bool

    /// Whether the bytes alone tell if it is met.
    var isAboutBytes: Bool { self.timestamp == nil && !self.isPublic && !self.isClosed }

    package init(timestamp: Int64? = nil, size: Int64? = nil, isPublic: Bool = false, isClosed: Bool = false) {
        self.timestamp = timestamp
        self.size = size
        self.isPublic = isPublic
        self.isClosed = isClosed
    }

    /// - Throws: in Hadoop's words, when the source was changed at another time than expected.
    func check(timestamp actual: Int64, of location: ResourceLocation) throws(TransferFailure) {
        guard let expected = self.timestamp, expected != actual else { return }
        throw TransferFailure(
            "Resource \(location) changed on src filesystem - expected: \"\(iso8601(milliseconds: expected))\", "
                + "was: \"\(iso8601(milliseconds: actual))\", "
                + "current time: \"\(iso8601(milliseconds: currentMilliseconds()))\""
        )
    }

    func check(size actual: Int64, of location: ResourceLocation) throws(TransferFailure) {
        guard let expected = self.size, expected != actual else { return }
        throw TransferFailure(
            "Resource \(location) has \(actual) bytes, expected \(expected): upload it again, or state its present size"
        )
    }
}

/// Why something could not be fetched, in words for a container's diagnostics.
package struct TransferFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String
    /// Whether trying again may help.
    package var isTransient: Bool
    /// What came so far is worth nothing: the next try must begin anew, with one stream.
    var needsRestart = false
    /// How long the server asks to be left alone (Retry-After).
    var retryAfter: Duration?
    /// The HTTP status that the server answered, if that is the failure.
    package var status: Int?
    /// The server's own name for the failure, where its protocol has names (S3's Code).
    var code: String?

    package init(_ description: String, isTransient: Bool = false) {
        self.description = description
        self.isTransient = isTransient
    }

    init(
        _ description: String,
        isTransient: Bool = false,
        needsRestart: Bool = false,
        retryAfter: Duration? = nil,
        status: Int? = nil
    ) {
        self.description = description
        self.isTransient = isTransient
        self.needsRestart = needsRestart
        self.retryAfter = retryAfter
        self.status = status
    }

    static let cancelled = TransferFailure("the transfer was cancelled")
}

/// Milliseconds since 1970.
func currentMilliseconds() -> Int64 {
    var now = timespec()
    guard unsafe clock_gettime(CLOCK_REALTIME, &now) == 0 else { return 0 }
    return milliseconds(now)
}

/// A file time as Java gives it: whole milliseconds, the rest cut off.
func milliseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}

/// A moment as Hadoop's diagnostics write it, in this machine's time zone: 2026-11-23T17:09:57.123+0000.
func iso8601(milliseconds: Int64) -> String {
    var seconds = time_t(milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000)
    let rest = milliseconds - Int64(seconds) * 1000
    var fields = unsafe tm()
    guard unsafe localtime_r(&seconds, &fields) != nil else { return "\(milliseconds) ms" }
    func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(abs(number))
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let offset = Int(unsafe fields.tm_gmtoff) / 60
    let zone = (offset < 0 ? "-" : "+") + padded(abs(offset) / 60, 2) + padded(abs(offset) % 60, 2)
    let date =
        "\(padded(Int(unsafe fields.tm_year) + 1900, 4))-\(padded(Int(unsafe fields.tm_mon) + 1, 2))-"
        + padded(Int(unsafe fields.tm_mday), 2)
    let time =
        "\(padded(Int(unsafe fields.tm_hour), 2)):\(padded(Int(unsafe fields.tm_min), 2)):"
        + padded(Int(unsafe fields.tm_sec), 2)
    return "\(date)T\(time).\(padded(Int(rest), 3))\(zone)"
}
