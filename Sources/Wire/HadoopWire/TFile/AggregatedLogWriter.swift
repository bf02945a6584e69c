/// Writes one node's logs of one application, as Hadoop's TFile controller lays them out: version, access lists, owner,
/// then a record for each container with its files one after the other.
package struct AggregatedLogWriter {
    private var file: TFileWriter

    /// - Parameter accessLists: name (VIEW_APP, MODIFY_APP) and list of users and groups.
    package init(owner: String, accessLists: [(name: String, list: String)], compresses: Bool = false) {
        self.file = TFileWriter(compresses: compresses)
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
    }

    package mutating func append(_ bytes: some Collection<UInt8>) {
        self.file.append(bytes)
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
