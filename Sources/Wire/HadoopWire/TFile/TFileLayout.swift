/// Where the parts of a TFile are.
struct TFileLayout {
    /// A data block or a table.
    struct Part {
        /// As stored.
        var range: Range<Int64>
        /// Bytes when it is read.
        var length: Int64
        var isCompressed: Bool
        /// Of a data block: how many records it holds and the key of the last, where the file's index says so.
        var records: Int64?
        var lastKey: [UInt8]?
    }

    private(set) var blocks: [Part] = []
    /// TFile's own tables by their names.
    private(set) var tables: [(name: String, part: Part)] = []

    static let indexName = "data:BCFile.index"
    static let metaName = "data:TFile.meta"
    static let keysName = "data:TFile.index"
    /// Tables are read whole.
    private static let tableLengthMaximum: Int64 = 64 << 20

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
        var index: Part?
        for _ in 0..<(try meta.entryCount()) {
            let name = try meta.text()
            let part = try meta.part(isCompressed: try Self.isCompressed(try meta.text()))
            if name == Self.indexName { index = part } else { self.tables.append((name, part)) }
        }
        guard let index else { throw TFileFailure("the aggregated log file has no index") }
        let table = TableBytes(content: try Self.table(index, of: source))
        var cursor = TFileCursor(table, 0..<table.length)
        let areCompressed = try Self.isCompressed(try cursor.text())
        for _ in 0..<(try cursor.entryCount()) {
            self.blocks.append(try cursor.part(isCompressed: areCompressed, within: source.length))
        }
        if let keys = self.tables.first(where: { $0.name == Self.keysName })?.part {
            let table = TableBytes(content: try Self.table(keys, of: source))
            try self.readKeys(TFileCursor(table, 0..<table.length))
        }
    }

    /// The first key of the file, then for each block its last key and how many records it holds.
    private mutating func readKeys(_ cursor: consuming TFileCursor<TableBytes>) throws {
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

    /// Whether a part of it must be brought into its plain form before any place of it can be read.
    var isCompressed: Bool { self.blocks.contains(where: \.isCompressed) }

    private static func isCompressed(_ name: String) throws(TFileFailure) -> Bool {
        switch name {
        case "none": false
        case "gz": true
        default:
            throw TFileFailure(
                "the aggregated log file is compressed with \(name), which cannot be read here; "
                    + "yarn.nodemanager.log-aggregation.compression-type none and gz can"
            )
        }
    }

    /// The content of a table.
    static func table(_ part: Part, of source: some TFileSource) throws -> [UInt8] {
        guard part.length <= Self.tableLengthMaximum else {
            throw TFileFailure("a table of the aggregated log file is too long")
        }
        var content: [UInt8] = []
        try Self.read(part, of: source) { content += $0 }
        return content
    }

    /// The content of a part, piece by piece.
    static func read(_ part: Part, of source: some TFileSource, _ body: ([UInt8]) throws -> Void) throws {
        let step: Int64 = 256 << 10
        let inflater = part.isCompressed ? try BlockInflater() : nil
        var rest = part.length
        for start in stride(from: part.range.lowerBound, to: part.range.upperBound, by: Int(step)) {
            let count = Int(min(step, part.range.upperBound - start))
            let bytes = try source.bytes(at: start, count: count)
            guard let inflater else {
                try body(bytes)
                rest -= Int64(bytes.count)
                continue
            }
            try inflater.append(bytes) { piece in
                rest -= Int64(piece.count)
                // Checked before it is taken, so that a small file cannot fill a disk beyond what it states.
                guard rest >= 0 else { throw Self.wrongLength }
                try body(piece)
            }
        }
        guard rest == 0, inflater?.isAtEnd != false else { throw Self.wrongLength }
    }

    private static let wrongLength = TFileFailure(
        "a compressed block of the aggregated log file is not as long as the file says"
    )

    private struct TableBytes: TFileSource {
        var content: [UInt8]
        var length: Int64 { Int64(self.content.count) }

        func bytes(at offset: Int64, count: Int) throws -> [UInt8] {
            Array(self.content[Int(offset)..<Int(offset) + count])
        }
    }
}

extension TFileCursor {
    /// A place with its two lengths.
    /// - Parameter length: of the file that the place is in; nil: the one that is read.
    fileprivate mutating func part(isCompressed: Bool, within length: Int64? = nil) throws -> TFileLayout.Part {
        let (offset, stored, raw) = (try self.number(), try self.number(), try self.number())
        let whole = length ?? self.sourceLength
        guard offset >= 0, stored >= 0, raw >= 0, isCompressed || stored == raw, offset <= whole,
            stored <= whole - offset
        else { throw TFileFailure("a table of the aggregated log file points outside of it") }
        return TFileLayout.Part(range: offset..<offset + stored, length: raw, isCompressed: isCompressed)
    }
}
