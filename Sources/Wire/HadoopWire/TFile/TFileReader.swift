/// A file that is read at any place.
package protocol TFileSource {
    /// Bytes in all.
    var length: Int64 { get }
    /// Exactly `count` bytes; asked for only within the file.
    func bytes(at offset: Int64, count: Int) throws -> [UInt8]
}

/// Goes forward through a range of a file, of which only what is asked for is read.
struct TFileCursor<Source: TFileSource> {
    private let source: Source
    private(set) var offset: Int64
    let end: Int64
    /// Bytes that were read ahead, and where they begin.
    private var window: [UInt8] = []
    private var windowStart: Int64 = 0

    private static var windowLength: Int64 { 4_096 }

    init(_ source: Source, _ range: Range<Int64>) {
        self.source = source
        self.offset = range.lowerBound
        self.end = range.upperBound
    }

    var isAtEnd: Bool { self.offset >= self.end }

    mutating func byte() throws -> UInt8 {
        guard self.offset < self.end else { throw TFileFailure.truncated }
        if self.offset < self.windowStart || self.offset >= self.windowStart + Int64(self.window.count) {
            self.window = try self.source.bytes(
                at: self.offset,
                count: Int(min(Self.windowLength, self.end - self.offset))
            )
            self.windowStart = self.offset
        }
        defer { self.offset += 1 }
        return self.window[Int(self.offset - self.windowStart)]
    }

    mutating func bytes(_ count: Int64) throws -> [UInt8] {
        // Nothing that is read whole is longer: keys, names and tables of one node's file.
        guard count >= 0, count <= 16 << 20 else {
            throw TFileFailure("a field of the aggregated log file is too long")
        }
        var result: [UInt8] = []
        guard count <= self.end - self.offset else { throw TFileFailure.truncated }
        for _ in 0..<count { result.append(try self.byte()) }
        return result
    }

    mutating func skip(_ count: Int64) throws {
        guard count >= 0, count <= self.end - self.offset else { throw TFileFailure.truncated }
        self.offset += count
    }

    mutating func number() throws -> Int64 {
        let first = Int64(Int8(bitPattern: try self.byte()))
        switch first {
        case (-32)...: return first
        case (-72)...: return (first + 52) << 8 | (try self.bigEndian(1))
        case (-104)...: return (first + 88) << 16 | (try self.bigEndian(2))
        case (-120)...: return (first + 112) << 24 | (try self.bigEndian(3))
        default:
            let count = Int(first + 129)
            guard count >= 4 else { throw TFileFailure("a number of the aggregated log file is malformed") }
            let unused = Int64(8 * (8 - count))
            return ((try self.bigEndian(count)) << unused) >> unused
        }
    }

    /// How many entries follow.
    mutating func entryCount() throws -> Int64 {
        let count = try self.number()
        guard count >= 0 else { throw TFileFailure("a table of the aggregated log file has a negative length") }
        return count
    }

    private mutating func bigEndian(_ count: Int) throws -> Int64 {
        var value: UInt64 = 0
        for _ in 0..<count { value = value << 8 | UInt64(try self.byte()) }
        return Int64(bitPattern: value)
    }

    mutating func text() throws -> String {
        guard let text = String(validating: try self.bytes(try self.number()), as: UTF8.self) else {
            throw TFileFailure("a text of the aggregated log file is not UTF-8")
        }
        return text
    }

    /// A place and length in the file; what is stored is what is read.
    mutating func region() throws -> Range<Int64> {
        let (offset, stored, raw) = (try self.number(), try self.number(), try self.number())
        guard stored == raw, offset >= 0, stored >= 0, offset <= self.source.length,
            stored <= self.source.length - offset
        else { throw TFileFailure("a table of the aggregated log file points outside of it") }
        return offset..<offset + stored
    }
}

/// Where the data blocks of a TFile are. Only files without compression can be read.
struct TFileLayout {
    struct Block {
        var region: Range<Int64>
        /// How many records it holds and the key of the last, where the file's index says so.
        var records: Int64?
        var lastKey: [UInt8]?
    }

    private(set) var blocks: [Block] = []

    init(_ source: some TFileSource) throws {
        let tail: Int64 = 28
        guard source.length >= tail + 16, try source.bytes(at: 0, count: 16) == TFileWriter.magic,
            try source.bytes(at: source.length - 16, count: 16) == TFileWriter.magic
        else { throw TFileFailure("it is not an aggregated log file of Hadoop's TFile format, or it is cut") }
        let place = try source.bytes(at: source.length - tail, count: 12)
        guard place[8...] == [0, 1, 0, 0] else {
            throw TFileFailure("the aggregated log file has a version that is not known")
        }
        let start = place[..<8].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard start <= UInt64(source.length - tail) else { throw TFileFailure.truncated }
        var meta = TFileCursor(source, Int64(start)..<source.length - tail)
        var keys: Range<Int64>?
        var hasBlocks = false
        for _ in 0..<(try meta.entryCount()) {
            let (name, compression) = (try meta.text(), try meta.text())
            guard compression == "none" else { throw Self.compressed(compression) }
            let region = try meta.region()
            if name == "data:TFile.index" { keys = region }
            guard name == "data:BCFile.index" else { continue }
            var index = TFileCursor(source, region)
            let own = try index.text()
            guard own == "none" else { throw Self.compressed(own) }
            for _ in 0..<(try index.entryCount()) { self.blocks.append(Block(region: try index.region())) }
            hasBlocks = true
        }
        guard hasBlocks else { throw TFileFailure("the aggregated log file has no index") }
        if let keys { try self.readKeys(TFileCursor(source, keys)) }
    }

    /// The first key of the file, then for each block its last key and how many records it holds.
    private mutating func readKeys(_ cursor: consuming TFileCursor<some TFileSource>) throws {
        guard !self.blocks.isEmpty else { return }
        try cursor.skip(try cursor.number())
        for index in self.blocks.indices {
            let length = try cursor.number()
            let start = cursor.offset
            guard length >= 0, length <= cursor.end - start else { throw TFileFailure.truncated }
            self.blocks[index].lastKey = try cursor.bytes(try cursor.number())
            self.blocks[index].records = try cursor.number()
            guard cursor.offset <= start + length else { throw TFileFailure.truncated }
            try cursor.skip(start + length - cursor.offset)
        }
    }

    private static func compressed(_ name: String) -> TFileFailure {
        TFileFailure(
            "the aggregated log file is compressed with \(name), which cannot be read here; "
                + "yarn.nodemanager.log-aggregation.compression-type none can"
        )
    }
}
