internal import Glibc
internal import Staging

/// A run of a file's bytes whose lines make one partition: those that begin in it.
@usableFromInline struct FileSplit: Codable, Hashable, Sendable {
    var file: SourceFile
    var start: Int64
    /// One behind the last byte in which a line of this split may begin.
    var end: Int64

    /// All of a file; nothing of one whose length is not known.
    init(all file: SourceFile) { self.init(file: file, start: 0, end: max(0, file.length)) }

    init(file: SourceFile, start: Int64, end: Int64) {
        self.file = file
        self.start = start
        self.end = end
    }

    var isGzip: Bool { self.file.name.hasSuffix(".gz") }

    /// Cuts files as Spark does: into splits of at most 128 MiB, smaller where more are wanted; none crosses files, and what
    /// is compressed is not cut.
    static func splits(of files: [SourceFile], wanted: Int) -> [FileSplit] {
        let total = files.reduce(0) { $0 + max(0, $1.length) }
        let size = max(1, min(128 << 20, (total + Int64(wanted) - 1) / Int64(max(1, wanted))))
        return files.flatMap { file in
            let whole = FileSplit(all: file)
            if whole.isGzip || file.length <= size { return [whole] }
            return stride(from: 0, to: file.length, by: Int64.Stride(size)).map { start in
                FileSplit(file: file, start: start, end: min(file.length, start + size))
            }
        }
    }
}

extension FileSplit {
    /// Of more files nobody asks where they lie: it is a question for each.
    private static let filesMaximum = 256
    /// As many machines as hold a block of an HDFS.
    private static let hostsMaximum = 3

    /// For each partition the machines that hold most of its splits, by all their names; empty where nothing is known of any.
    /// Calls block.
    static func hosts(of partitions: [[FileSplit]]) throws -> [[String]] {
        let files = Set(partitions.joined().map(\.file))
        guard files.count <= Self.filesMaximum else { return [] }
        var blocks: [SourceFile: [FileBlock]] = [:]
        for file in files { blocks[file] = try FileSources.source(of: file.name).blocks(of: file) }
        guard blocks.values.contains(where: { !$0.isEmpty }) else { return [] }
        return partitions.map { Self.hosts(of: $0, blocks) }
    }

    /// The machines that hold most of some splits, the same bytes' machines in the order in which they are told.
    static func hosts(of splits: [FileSplit], _ blocks: [SourceFile: [FileBlock]]) -> [String] {
        var held: [(host: String, bytes: Int64)] = []
        for split in splits {
            for block in blocks[split.file] ?? [] where block.range.overlaps(split.start..<split.end) {
                let bytes = block.range.clamped(to: split.start..<split.end)
                for host in block.hosts {
                    if let known = held.firstIndex(where: { $0.host == host }) {
                        held[known].bytes += Int64(bytes.count)
                    } else {
                        held.append((host, Int64(bytes.count)))
                    }
                }
            }
        }
        let enough = held.map(\.bytes).sorted(by: >).prefix(Self.hostsMaximum).last ?? 0
        return held.filter { $0.bytes >= enough }.map(\.host)
    }
}

/// The lines of one split, block by block. What is read stays in memory only as long as some line of it is used.
final class SplitLines {
    let split: FileSplit
    private let bytes: SplitBytes
    private let lines: LineReader

    init(_ split: FileSplit) throws {
        self.split = split
        // One byte before: whether the first line is this split's is seen from what stands there.
        self.bytes = try SplitBytes(split.file, from: max(0, split.start - 1))
        let end = split.isGzip ? Int64.max : split.end
        let source: any BlockSource = split.isGzip ? GzipBytes(self.bytes, name: split.file.name) : self.bytes
        self.lines = LineReader(source, start: split.start, end: end)
    }

    /// Appends lines to an empty batch.
    /// - Returns: false at the end.
    func next(into batch: inout [Text]) throws -> Bool {
        if try self.lines.next(into: &batch) { return true }
        try self.bytes.checkUnchanged()
        return false
    }
}

/// Lines of files.
@usableFromInline struct TextFileSource: Operator {
    /// Enough that a block costs little, few enough that a block fits into the processor's cache.
    static let blockBytes = 256 << 10

    @usableFromInline static func open(_ input: OperatorInput) throws -> AnyObject {
        let lines = try SplitLines(input.slice(as: FileSplit.self))
        return Stream<Text> { batch in
            batch.removeAll(keepingCapacity: true)
            return try lines.next(into: &batch)
        }
    }
}

/// The bytes of a file from an offset on.
final class SplitBytes: BlockSource {
    private let file: any RangedFile
    private var position: Int64

    init(_ file: SourceFile, from position: Int64 = 0) throws {
        self.position = position
        self.file = try FileSources.source(of: file.name).open(file)
    }

    func read(into memory: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try unsafe self.file.read(at: self.position, into: memory)
        self.position += Int64(count)
        return count
    }

    func checkUnchanged() throws { try self.file.checkUnchanged() }
}

/// Why a file cannot be used.
struct FileFailure: Error, CustomStringConvertible {
    var description: String

    init(_ path: String, _ problem: String, _ number: Int32? = nil) {
        let reason = number.map { unsafe ": " + String(cString: strerror($0)) } ?? ""
        self.description = "\(path) \(problem)\(reason)"
    }
}
