import ClusterModel

/// How far the logs that are followed were read, and what stands above them: decisions without any I/O.
struct FollowedLogs: Sendable {
    private struct Key: Hashable {
        var container: ContainerID
        var file: String
    }

    private var offsets: [Key: Int64] = [:]
    private var last: Key?
    private var endsLine = true
    /// Whether several logs may come, so that each says which it is.
    private let hasTitles: Bool
    /// Where a log begins that was there before: nil at its beginning, else so many bytes before its end.
    private let tail: Int64?

    init(hasTitles: Bool, tail: Int64? = nil) {
        self.hasTitles = hasTitles
        self.tail = tail
    }

    /// What the next read of a file is.
    enum Step: Equatable {
        case nothing
        case read(Range<Int64>)
        /// The file became shorter: it is read from its beginning.
        case cut(Range<Int64>)
    }

    /// - Parameter isFirstLook: the container was not looked at before, so that what is in the file is old.
    mutating func step(_ container: ContainerID, _ file: String, length: Int64, isFirstLook: Bool) -> Step {
        let key = Key(container: container, file: file)
        guard let offset = self.offsets[key] else {
            let start = isFirstLook ? self.tail.map { max(0, length - $0) } ?? 0 : 0
            self.offsets[key] = start
            return start < length ? .read(start..<length) : .nothing
        }
        if length < offset {
            self.offsets[key] = 0
            return .cut(0..<length)
        }
        return offset < length ? .read(offset..<length) : .nothing
    }

    /// Bytes of a file were read.
    /// - Returns: what to write: the bytes, below a title where another log's stand above.
    mutating func take(_ container: ContainerID, _ file: String, _ bytes: [UInt8]) -> [UInt8] {
        let key = Key(container: container, file: file)
        self.offsets[key, default: 0] += Int64(bytes.count)
        var text: [UInt8] = []
        if self.hasTitles, self.last != key {
            let gap = self.last == nil ? "" : self.endsLine ? "\n" : "\n\n"
            text += Array("\(gap)==> \(container) \(file) <==\n".utf8)
        }
        self.last = key
        self.endsLine = bytes.last == UInt8(ascii: "\n")
        return text + bytes
    }

    /// How far each file of a container was read, by name.
    func offsets(of container: ContainerID) -> [String: Int64] {
        var found: [String: Int64] = [:]
        for (key, offset) in self.offsets where key.container == container { found[key.file] = offset }
        return found
    }
}
