import ClusterModel

/// What is asked of the shuffle service, read from its path by grammar:
/// `/v1/APPLICATION/EXECUTOR/shuffle/DIGEST/PARTITION/MAPTASK/FRAME/LIMIT`.
struct ShuffleRequest: Hashable, Sendable {
    var application: ApplicationID
    /// The number of the executor that wrote the files.
    var executor: Int
    /// Which shuffle: 64 hexadecimal digits.
    var digest: String
    var partition: Int
    /// The first map task that is wanted.
    var mapTask: Int
    /// How many frames of the first map task the caller has already.
    var frame: Int
    /// How many bytes of frames are enough.
    var limit: Int64

    static let prefix = "/v1/"
    /// Far beyond any answer, so that no sum overflows.
    static let limitMaximum = Int64(1) << 40
    private static let digestCount = 64

    /// - Returns: nil for what is written in any other way.
    init?(path: String) {
        guard let application = Self.application(in: path) else { return nil }
        let parts = Self.parts(path)
        guard parts.count == 8, parts[2] == "shuffle", Self.isDigest(parts[3]), let executor = Self.number(parts[1]),
            let partition = Self.number(parts[4]), let mapTask = Self.number(parts[5]),
            let frame = Self.number(parts[6]), let limit = decimal(parts[7], upTo: Self.limitMaximum)
        else { return nil }
        self.application = application
        self.executor = executor
        self.digest = String(parts[3])
        self.partition = partition
        self.mapTask = mapTask
        self.frame = frame
        self.limit = limit
    }

    /// Whose files a path is about, whatever else it says; nil where it does not say that.
    static func application(in path: String) -> ApplicationID? {
        guard let text = self.parts(path).first.map(String.init), let application = ApplicationID(text),
            application.description == text
        else { return nil }
        return application
    }

    private static func parts(_ path: String) -> [Substring] {
        guard path.hasPrefix(self.prefix) else { return [] }
        return path.dropFirst(self.prefix.count).split(separator: "/", omittingEmptySubsequences: false)
    }

    private static func number(_ text: Substring) -> Int? { decimal(text, upTo: Int64(Int32.max)).map(Int.init) }

    private static func isDigest(_ text: Substring) -> Bool {
        text.utf8.count == self.digestCount
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }

    /// The map task whose file has that name in the shuffle's folder; nil for one that is still being written, and for whatever
    /// else a container has put there.
    static func mapTask(of name: String) -> Int? { self.number(name[...]) }
}

/// A number as it is written once and in no other way: decimal digits, no sign, no zero in front.
private func decimal(_ text: Substring, upTo maximum: Int64) -> Int64? {
    guard !text.isEmpty, text.utf8.count <= 19,
        text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
        text == "0" || text.first != "0", let value = Int64(text), value <= maximum
    else { return nil }
    return value
}
