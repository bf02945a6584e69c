import ClusterModel
import StagingCore
import StateStore

/// Rows of the index as bytes. Layout 1: numbers as variable-length integers (seven bits a byte, low ones first), texts
/// and bytes behind their length, optional values behind a 0 or 1. Layout 2 adds access control lists to attributes, and
/// is used only for rows that have one.
enum InodeRecord {
    static let version = 1
    private static let versionWithAccessLists = 2
    private static let kind = "inode"
    private static let counterKind = "counter"
    private static let counterKey = "nextInode"

    static func operation(_ change: IndexChange) -> StoreOperation {
        switch change {
        case .put(let inode):
            .put(
                StoredRecord(
                    kind: self.kind,
                    key: Self.key(inode.id),
                    version: self.version(of: inode),
                    bytes: self.bytes(of: inode)
                )
            )
        case .remove(let id): .remove(kind: self.kind, key: Self.key(id))
        case .nextID(let number):
            .put(
                StoredRecord(
                    kind: self.counterKind,
                    key: self.counterKey,
                    version: self.version,
                    bytes: Array(String(number).utf8)
                )
            )
        }
    }

    /// What an index holds; nil when it is new.
    static func load(_ records: [StoredRecord]) throws -> (inodes: [Inode], nextID: UInt64)? {
        var inodes: [Inode] = []
        var nextID: UInt64?
        for record in records where !TokenRecord.kinds.contains(record.kind) {
            guard (self.version...self.versionWithAccessLists).contains(record.version) else {
                throw DamagedRecord(detail: "the row \(record.kind) \(record.key) has layout \(record.version)")
            }
            switch record.kind {
            case self.kind: inodes.append(try self.inode(from: record))
            case self.counterKind: nextID = UInt64(String(decoding: record.bytes, as: UTF8.self))
            default: throw DamagedRecord(detail: "rows of the kind \(record.kind) are not known")
            }
        }
        guard !inodes.isEmpty else { return nil }
        guard let nextID else { throw DamagedRecord(detail: "the number of the next inode is missing") }
        return (inodes, nextID)
    }

    private static func key(_ id: InodeID) -> String { String(id.number, radix: 16) }

    private static func version(of inode: Inode) -> Int {
        var isListed = !inode.attributes.acl.isEmpty
        if case .overwrite(let old) = inode.file?.writing?.purpose { isListed = isListed || !old.acl.isEmpty }
        return isListed ? self.versionWithAccessLists : self.version
    }

    static func bytes(of inode: Inode) -> [UInt8] {
        var writer = RecordWriter()
        writer.writesAccessLists = self.version(of: inode) == self.versionWithAccessLists
        writer.add(inode.id.number)
        writer.add(inode.parent.number)
        writer.addOptional(inode.name) { $0.add($1.description) }
        writer.add(inode.attributes)
        switch inode.kind {
        case .directory(let quota):
            writer.add(0)
            writer.addOptional(quota.names) { $0.add(UInt64(clamping: $1)) }
            writer.addOptional(quota.space) { $0.add(UInt64(clamping: $1)) }
        case .file(let file):
            writer.add(1)
            writer.add(UInt64(clamping: file.blockSize))
            writer.add(UInt64(clamping: file.replication))
            writer.add(UInt64(file.segments.count))
            for segment in file.segments {
                writer.add(segment.hash.description)
                writer.add(UInt64(clamping: segment.length))
            }
            writer.addOptional(file.writing) { $0.add($1) }
        }
        return writer.bytes
    }

    static func inode(from record: StoredRecord) throws -> Inode {
        do {
            var reader = RecordReader(record.bytes)
            reader.readsAccessLists = record.version == self.versionWithAccessLists
            let inode = try self.inode(from: &reader)
            guard reader.isAtEnd, Self.key(inode.id) == record.key else { throw DamagedRecord(detail: "") }
            return inode
        } catch {
            throw DamagedRecord(detail: "the row \(record.kind) \(record.key) does not decode")
        }
    }

    private static func inode(from reader: inout RecordReader) throws -> Inode {
        let id = InodeID(try reader.number())
        let parent = InodeID(try reader.number())
        let name = try reader.optional { try EntryName(try $0.text()) }
        let attributes = try reader.attributes()
        guard try reader.number() == 1 else {
            let quota = Quota(
                names: try reader.optional { try $0.signed() },
                space: try reader.optional { try $0.signed() }
            )
            return Inode(id: id, parent: parent, name: name, attributes: attributes, kind: .directory(quota))
        }
        var file = FileNode(
            blockSize: try reader.signed(),
            replication: Int16(clamping: try reader.number())
        )
        for _ in 0..<(try reader.number()) {
            guard let hash = ContentHash(try reader.text()) else { throw DamagedRecord(detail: "") }
            file.segments.append(Segment(hash: hash, length: try reader.signed()))
        }
        file.writing = try reader.optional { try $0.writing() }
        return Inode(id: id, parent: parent, name: name, attributes: attributes, kind: .file(file))
    }
}

/// Why the index cannot be read.
struct DamagedRecord: Error {
    var detail: String
}

struct RecordWriter {
    var bytes: [UInt8] = []
    var writesAccessLists = false

    mutating func add(_ number: UInt64) {
        var rest = number
        while rest > 0x7F {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func add(_ text: String) { self.add(Array(text.utf8)) }

    mutating func add(_ bytes: [UInt8]) {
        self.add(UInt64(bytes.count))
        self.bytes += bytes
    }

    mutating func add(_ time: Timestamp) { self.add(UInt64(bitPattern: time.milliseconds)) }

    mutating func addOptional<Value>(_ value: Value?, _ add: (inout RecordWriter, Value) -> Void) {
        self.add(value == nil ? 0 : 1)
        if let value { add(&self, value) }
    }

    mutating func add(_ attributes: Attributes) {
        self.add(attributes.owner)
        self.add(attributes.group)
        self.add(UInt64(attributes.mode))
        self.add(attributes.modified)
        self.add(attributes.accessed)
        self.add(UInt64(attributes.extended.count))
        for attribute in attributes.extended {
            self.add(attribute.name)
            self.add(attribute.value)
        }
        guard self.writesAccessLists else { return }
        self.add(UInt64(attributes.acl.count))
        for entry in attributes.acl {
            self.add(UInt64(entry.scope.rawValue))
            self.add(UInt64(entry.kind.rawValue))
            self.addOptional(entry.name) { $0.add($1) }
            self.add(UInt64(entry.permission.rawValue))
        }
    }

    mutating func add(_ writing: Writing) {
        self.add(writing.id.number)
        self.add(writing.holder)
        self.add(writing.since)
        switch writing.purpose {
        case .create: self.add(0)
        case .append: self.add(1)
        case .overwrite(let old):
            self.add(2)
            self.add(old)
        }
    }
}

struct RecordReader {
    private var rest: ArraySlice<UInt8>
    var readsAccessLists = false

    init(_ bytes: [UInt8]) {
        self.rest = bytes[...]
    }

    var isAtEnd: Bool { self.rest.isEmpty }

    mutating func number() throws -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard let byte = self.rest.popFirst() else { break }
            number |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return number }
        }
        throw DamagedRecord(detail: "a number does not end")
    }

    mutating func signed() throws -> Int64 { Int64(bitPattern: try self.number()) }

    mutating func time() throws -> Timestamp { Timestamp(milliseconds: try self.signed()) }

    mutating func data() throws -> [UInt8] {
        let count = try self.number()
        guard count <= UInt64(self.rest.count) else { throw DamagedRecord(detail: "a text does not end") }
        defer { self.rest = self.rest.dropFirst(Int(count)) }
        return Array(self.rest.prefix(Int(count)))
    }

    mutating func text() throws -> String {
        guard let text = String(validating: try self.data(), as: UTF8.self) else {
            throw DamagedRecord(detail: "a text is no UTF-8")
        }
        return text
    }

    mutating func optional<Value>(_ read: (inout RecordReader) throws -> Value) throws -> Value? {
        try self.number() == 0 ? nil : try read(&self)
    }

    mutating func attributes() throws -> Attributes {
        var attributes = Attributes(
            owner: try self.text(),
            group: try self.text(),
            mode: UInt16(truncatingIfNeeded: try self.number()),
            modified: try self.time(),
            accessed: try self.time()
        )
        for _ in 0..<(try self.number()) {
            attributes.extended.append(ExtendedAttribute(name: try self.text(), value: try self.data()))
        }
        guard self.readsAccessLists else { return attributes }
        for _ in 0..<(try self.number()) { attributes.acl.append(try self.accessEntry()) }
        return attributes
    }

    private mutating func accessEntry() throws -> AccessEntry {
        guard let scope = AccessEntry.Scope(rawValue: Int(clamping: try self.number())),
            let kind = AccessEntry.Kind(rawValue: Int(clamping: try self.number()))
        else { throw DamagedRecord(detail: "an entry of an access control list is not known") }
        let name = try self.optional { try $0.text() }
        return AccessEntry(scope, kind, name, Access(rawValue: UInt16(truncatingIfNeeded: try self.number()) & 7))
    }

    mutating func writing() throws -> Writing {
        let id = WriteID(try self.number())
        let holder = try self.text()
        let since = try self.time()
        let purpose: Writing.Purpose
        switch try self.number() {
        case 0: purpose = .create
        case 1: purpose = .append
        case 2: purpose = .overwrite(try self.attributes())
        default: throw DamagedRecord(detail: "the purpose of a writer is not known")
        }
        return Writing(id: id, holder: holder, purpose: purpose, since: since)
    }
}
