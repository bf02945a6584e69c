internal import Glibc

/// A run of a file's bytes whose lines make one partition: those that begin in it.
@usableFromInline struct FileSplit: Codable, Hashable, Sendable {
    var path: String
    var start: Int64
    /// One behind the last byte in which a line of this split may begin.
    var end: Int64
    /// How long the file was when the splits were made.
    var length: Int64
}

/// Lines of a local file, block by block. What is read stays in memory only as long as some line of it is used.
@usableFromInline struct TextFileSource: Operator {
    /// Enough that a block costs little, few enough that a block fits into the processor's cache.
    static let blockBytes = 256 << 10

    @usableFromInline static func open(_ input: OperatorInput) throws -> AnyObject {
        let split = try input.slice(as: FileSplit.self)
        let lines = LineReader(try SplitBytes(split), start: split.start, end: split.end)
        return Stream<Text> { batch in
            batch.removeAll(keepingCapacity: true)
            return try lines.next(into: &batch)
        }
    }
}

/// The bytes of a local file from a split's start on.
private final class SplitBytes: BlockSource {
    private let descriptor: Int32
    private let split: FileSplit
    private var position: Int64

    init(_ split: FileSplit) throws {
        self.split = split
        // One byte before: whether the first line is this split's is seen from what stands there.
        self.position = max(0, split.start - 1)
        self.descriptor = unsafe open(split.path, O_RDONLY | O_CLOEXEC)
        guard self.descriptor >= 0 else { throw FileFailure(split.path, "cannot be opened", errno) }
    }

    deinit { close(self.descriptor) }

    func read(into memory: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = unsafe pread(self.descriptor, memory.baseAddress, memory.count, Int(self.position))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure(self.split.path, "cannot be read", errno) }
            if count == 0 && self.position < self.split.length {
                throw FileFailure(
                    self.split.path,
                    "has \(self.position) bytes now where it had \(self.split.length): it was changed while it was read"
                )
            }
            self.position += Int64(count)
            return count
        }
    }
}

/// Why a file cannot be used.
struct FileFailure: Error, CustomStringConvertible {
    var description: String

    init(_ path: String, _ problem: String, _ number: Int32? = nil) {
        let reason = number.map { unsafe ": " + String(cString: strerror($0)) } ?? ""
        self.description = "\(path) \(problem)\(reason)"
    }
}
