/// Writes Hadoop's TFile without compression and unsorted: records of a key and a value of any length. Bytes gather in
/// `output`, which the caller takes away as often as it likes.
package struct TFileWriter: Sendable {
    /// What stands at both ends of a BCFile, on which TFile is built.
    static let magic: [UInt8] = [
        0xD1, 0x11, 0xD3, 0x68, 0x91, 0xB5, 0xD7, 0xB6, 0x39, 0xDF, 0x41, 0x40, 0x92, 0xBA, 0xE1, 0x50,
    ]
    /// A data block ends with the record that fills it beyond this.
    static let blockLength: Int64 = 256 << 10

    struct Region: Hashable, Sendable {
        var offset: Int64
        var length: Int64
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
    private var blockRecords: Int64 = 0
    private var records: Int64 = 0
    private var firstKey: [UInt8]?
    private var key: [UInt8] = []

    package init() {
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
        if self.blockStart == nil { self.blockStart = self.position }
        self.firstKey = self.firstKey ?? key
        self.key = key
        self.output.append(tfile: Int64(key.count))
        self.output += key
    }

    /// A piece of the record's value.
    package mutating func append(_ bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty else { return }
        self.output.append(tfile: -Int64(bytes.count))
        self.output += bytes
    }

    package mutating func endRecord() {
        self.output.append(tfile: 0 as Int64)
        self.records += 1
        self.blockRecords += 1
        if let start = self.blockStart, self.position - start >= Self.blockLength { self.endBlock() }
    }

    private mutating func endBlock() {
        guard let start = self.blockStart else { return }
        let region = Region(offset: start, length: self.position - start)
        self.blocks.append(Block(region: region, lastKey: self.key, records: self.blockRecords))
        self.blockStart = nil
        self.blockRecords = 0
    }

    /// Writes the tables; nothing may follow.
    package mutating func finish() {
        self.endBlock()
        var metaIndex: [(String, Region)] = []
        func add(_ name: String, _ bytes: [UInt8], to writer: inout TFileWriter) {
            metaIndex.append(("data:" + name, Region(offset: writer.position, length: Int64(bytes.count))))
            writer.output += bytes
        }
        add("TFile.meta", self.meta, to: &self)
        add("TFile.index", self.index, to: &self)
        var regions: [UInt8] = []
        regions.append(tfile: "none")
        regions.append(tfile: Int64(self.blocks.count))
        for block in self.blocks { Self.append(block.region, to: &regions) }
        add("BCFile.index", regions, to: &self)
        let start = self.position
        self.output.append(tfile: Int64(metaIndex.count))
        for (name, region) in metaIndex {
            self.output.append(tfile: name)
            self.output.append(tfile: "none")
            Self.append(region, to: &self.output)
        }
        self.output.append(bigEndian: start, bytes: 8)
        self.output += [0, 1, 0, 0]
        self.output += Self.magic
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

    /// Place, length as stored, length as read: the same without compression.
    private static func append(_ region: Region, to bytes: inout [UInt8]) {
        bytes.append(tfile: region.offset)
        bytes.append(tfile: region.length)
        bytes.append(tfile: region.length)
    }
}
