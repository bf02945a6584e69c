/// Writes Hadoop's TFile, unsorted: records of a key and a value of any length. Bytes gather in `output`, which the caller
/// takes away as often as it likes.
package struct TFileWriter {
    /// What stands at both ends of a BCFile, on which TFile is built.
    static let magic: [UInt8] = [
        0xD1, 0x11, 0xD3, 0x68, 0x91, 0xB5, 0xD7, 0xB6, 0x39, 0xDF, 0x41, 0x40, 0x92, 0xBA, 0xE1, 0x50,
    ]
    /// A data block ends with the record that fills it beyond this.
    static let blockLength: Int64 = 256 << 10

    struct Region: Hashable, Sendable {
        var offset: Int64
        /// Bytes in the file, and bytes when they are read.
        var stored: Int64
        var raw: Int64
    }

    private struct Block {
        var region: Region
        var lastKey: [UInt8]
        var records: Int64
    }

    /// Bytes that were not taken yet.
    package private(set) var output: [UInt8] = []
    private var taken: Int64 = 0
    private var blocks: [Block] = []
    private var blockStart: Int64?
    /// Bytes of the block before compression.
    private var blockLengthRaw: Int64 = 0
    private let compresses: Bool
    private var deflater: BlockDeflater?
    private var blockRecords: Int64 = 0
    private var records: Int64 = 0
    private var firstKey: [UInt8]?
    private var key: [UInt8] = []

    /// - Parameter compresses: data blocks are in zlib's format (`gz` in Hadoop's settings).
    package init(compresses: Bool = false) {
        self.compresses = compresses
        self.output = Self.magic
    }

    private var position: Int64 { self.taken + Int64(self.output.count) }

    /// The bytes since the last call.
    package mutating func takeOutput() -> [UInt8] {
        defer { self.output = [] }
        self.taken += Int64(self.output.count)
        return self.output
    }

    package mutating func beginRecord(_ key: [UInt8]) {
        if self.blockStart == nil {
            self.blockStart = self.position
            self.deflater = self.compresses ? BlockDeflater() : nil
        }
        self.firstKey = self.firstKey ?? key
        self.key = key
        var bytes: [UInt8] = []
        bytes.append(tfile: Int64(key.count))
        self.write(bytes + key)
    }

    /// A piece of the record's value.
    package mutating func append(_ bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty else { return }
        self.beginPiece(length: Int64(bytes.count))
        self.continuePiece(bytes)
    }

    /// A piece of the record's value whose `length` bytes, more than none, come by `continuePiece`.
    mutating func beginPiece(length: Int64) {
        var head: [UInt8] = []
        head.append(tfile: -length)
        self.write(head)
    }

    mutating func continuePiece(_ bytes: some Collection<UInt8>) { self.write(Array(bytes)) }

    package mutating func endRecord() {
        self.write([0])
        self.records += 1
        self.blockRecords += 1
        if let start = self.blockStart, self.position - start >= Self.blockLength { self.endBlock() }
    }

    private mutating func write(_ bytes: [UInt8]) {
        self.blockLengthRaw += Int64(bytes.count)
        if let deflater = self.deflater {
            deflater.append(bytes, to: &self.output)
        } else {
            self.output += bytes
        }
    }

    private mutating func endBlock() {
        guard let start = self.blockStart else { return }
        self.deflater?.finish(&self.output)
        self.deflater = nil
        let region = Region(offset: start, stored: self.position - start, raw: self.blockLengthRaw)
        self.blocks.append(Block(region: region, lastKey: self.key, records: self.blockRecords))
        self.blockStart = nil
        self.blockLengthRaw = 0
        self.blockRecords = 0
    }

    /// Writes the tables; nothing may follow.
    package mutating func finish() {
        self.endBlock()
        self.output += Self.end(
            at: self.position,
            tables: [(TFileLayout.metaName, self.meta), (TFileLayout.keysName, self.index)],
            blocks: self.blocks.map(\.region),
            isCompressed: self.compresses
        )
    }

    /// All that follows the data blocks. The tables themselves are not compressed.
    static func end(
        at position: Int64,
        tables: [(name: String, bytes: [UInt8])],
        blocks: [Region],
        isCompressed: Bool
    ) -> [UInt8] {
        var regions: [UInt8] = []
        regions.append(tfile: isCompressed ? "gz" : "none")
        regions.append(tfile: Int64(blocks.count))
        for block in blocks { Self.append(block, to: &regions) }
        var (output, entries): ([UInt8], [UInt8]) = ([], [])
        for (name, bytes) in tables + [(TFileLayout.indexName, regions)] {
            entries.append(tfile: name)
            entries.append(tfile: "none")
            let length = Int64(bytes.count)
            Self.append(Region(offset: position + Int64(output.count), stored: length, raw: length), to: &entries)
            output += bytes
        }
        let start = position + Int64(output.count)
        output.append(tfile: Int64(tables.count) + 1)
        output += entries
        output.append(bigEndian: start, bytes: 8)
        return output + [0, 1, 0, 0] + Self.magic
    }

    /// Version 1.0, the count of records, and no comparator: unsorted.
    private var meta: [UInt8] {
        var bytes: [UInt8] = [0, 1, 0, 0]
        bytes.append(tfile: self.records)
        bytes.append(tfile: "")
        return bytes
    }

    private var index: [UInt8] {
        var bytes: [UInt8] = []
        guard let firstKey else {
            bytes.append(tfile: 0 as Int64)
            return bytes
        }
        func append(_ key: [UInt8], _ tail: [UInt8], to bytes: inout [UInt8]) {
            var entry: [UInt8] = []
            entry.append(tfile: Int64(key.count))
            entry += key + tail
            bytes.append(tfile: Int64(entry.count))
            bytes += entry
        }
        append(firstKey, [], to: &bytes)
        for block in self.blocks {
            var count: [UInt8] = []
            count.append(tfile: block.records)
            append(block.lastKey, count, to: &bytes)
        }
        return bytes
    }

    private static func append(_ region: Region, to bytes: inout [UInt8]) {
        bytes.append(tfile: region.offset)
        bytes.append(tfile: region.stored)
        bytes.append(tfile: region.raw)
    }
}
