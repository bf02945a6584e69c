/// Writes one node's logs of one application, as Hadoop's TFile controller lays them out: version, access lists, owner,
/// then a record for each container with its files one after the other.
package struct AggregatedLogWriter {
    private var file: TFileWriter
    private let pieceMaximum: Int64
    /// Bytes of the file that was announced, and of its present piece, that are still to come.
    private var fileRest: Int64 = 0
    private var pieceRest: Int64 = 0

    /// - Parameters:
    ///   - accessLists: name (VIEW_APP, MODIFY_APP) and list of users and groups.
    ///   - pieceMaximum: bytes of a log behind one length. Readers go from length to length, so that the end of a long log
    ///     is far in small pieces: Hadoop's own are of 1 MiB. Its readers take each length as 32 bits with a sign.
    package init(
        owner: String,
        accessLists: [(name: String, list: String)],
        compresses: Bool = false,
        pieceMaximum: Int64 = 1 << 30
    ) {
        self.file = TFileWriter(compresses: compresses)
        self.pieceMaximum = pieceMaximum
        self.record("VERSION", [0, 0, 0, 1])
        var lists: [UInt8] = []
        for (name, list) in accessLists {
            lists.append(javaText: name)
            lists.append(javaText: list)
        }
        self.record("APPLICATION_ACL", lists)
        var text: [UInt8] = []
        text.append(javaText: owner)
        self.record("APPLICATION_OWNER", text)
    }

    private static func key(_ text: String) -> [UInt8] {
        var key: [UInt8] = []
        key.append(javaText: text)
        return key
    }

    private mutating func record(_ key: String, _ value: [UInt8]) {
        self.file.beginRecord(Self.key(key))
        self.file.append(value)
        self.file.endRecord()
    }

    package mutating func beginContainer(_ id: String) {
        self.file.beginRecord(Self.key(id))
    }

    /// Announces a file; exactly `length` bytes must follow by `append`.
    package mutating func beginFile(_ name: String, length: Int64) {
        var head: [UInt8] = []
        head.append(javaText: name)
        head.append(javaText: "\(length)")
        self.file.append(head)
        self.fileRest = length
    }

    /// - Precondition: not more than was announced.
    package mutating func append(_ bytes: some Collection<UInt8>) {
        precondition(Int64(bytes.count) <= self.fileRest, "more of a log than was announced")
        var rest = bytes[...]
        while !rest.isEmpty {
            if self.pieceRest == 0 {
                self.pieceRest = min(self.fileRest, self.pieceMaximum)
                self.file.beginPiece(length: self.pieceRest)
            }
            let part = rest.prefix(Int(min(self.pieceRest, Int64(rest.count))))
            self.file.continuePiece(part)
            self.pieceRest -= Int64(part.count)
            self.fileRest -= Int64(part.count)
            rest = rest.dropFirst(part.count)
        }
    }

    package mutating func endContainer() {
        self.file.endRecord()
    }

    package mutating func finish() {
        self.file.finish()
    }

    /// The bytes since the last call.
    package mutating func takeOutput() -> [UInt8] { self.file.takeOutput() }
}
