import ClusterModel
import Testing

@testable import StagingCore

/// A namespace with a hand-driven clock, and the rows that a store would hold of it.
struct Tree {
    var namespace: Namespace
    private(set) var rows: [InodeID: Inode] = [:]
    private(set) var nextID: UInt64 = 0
    /// Content that may be removed, were it not pinned.
    private(set) var removed: [ContentHash] = []
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    private var lastWrite: UInt64 = 0

    static let root = Caller(user: "hdfs", isSuperuser: true)
    static let alice = Caller(user: "alice", groups: ["staff"])
    static let bob = Caller(user: "bob", groups: ["guests"])

    init(_ change: (inout NamespaceSettings) -> Void = { _ in }) {
        var settings = NamespaceSettings(superuser: "hdfs")
        change(&settings)
        self.namespace = Namespace(settings: settings, at: self.now)
        self.store()
    }

    /// Applies what the last call changed, as a store does.
    mutating func store() {
        let step = self.namespace.takeStep()
        for change in step.changes {
            switch change {
            case .put(let inode): self.rows[inode.id] = inode
            case .remove(let id): self.rows[id] = nil
            case .nextID(let id): self.nextID = id
            }
        }
        self.removed += self.namespace.release(step.dropped)
    }

    /// What a restart makes of the rows.
    func restarted() throws -> Namespace {
        try Namespace(
            settings: self.namespace.settings,
            stored: Array(self.rows.values),
            nextID: self.nextID
        )
    }

    mutating func newWrite() -> WriteID {
        self.lastWrite += 1
        return WriteID(self.lastWrite)
    }

    // Calls by text

    mutating func makeFolder(_ path: String, mode: UInt16 = 0o755, by caller: Caller = Self.root) throws {
        defer { self.store() }
        try self.namespace.makeFolders(StagingPath(path), mode: mode, by: caller, at: self.now)
    }

    /// Both steps of CREATE and their end.
    mutating func write(
        _ path: String,
        _ content: Segment?,
        overwrites: Bool = false,
        mode: UInt16 = 0o644,
        by caller: Caller = Self.root
    ) throws {
        let write = try self.begin(path, overwrites: overwrites, mode: mode, by: caller)
        do {
            defer { self.store() }
            try self.namespace.finish(write, content, at: self.now)
        } catch {
            self.namespace.abandon(write, prefix: nil, at: self.now)
            self.store()
            throw error
        }
    }

    mutating func begin(
        _ path: String,
        overwrites: Bool = false,
        mode: UInt16 = 0o644,
        by caller: Caller = Self.root
    ) throws -> WriteID {
        defer { self.store() }
        let write = self.newWrite()
        let path = try StagingPath(path)
        let creation = FileCreation(overwrites: overwrites, mode: mode, replication: 1)
        try self.namespace.create(path, creation, as: write, by: caller, at: self.now)
        try self.namespace.begin(write, at: path, by: caller)
        return write
    }

    mutating func append(_ path: String, by caller: Caller = Self.root) throws -> WriteID {
        defer { self.store() }
        let write = self.newWrite()
        let path = try StagingPath(path)
        try self.namespace.append(path, as: write, by: caller, at: self.now)
        try self.namespace.begin(write, at: path, by: caller)
        return write
    }

    mutating func rename(_ source: String, _ destination: String, by caller: Caller = Self.root) throws -> Bool {
        defer { self.store() }
        return try self.namespace.rename(StagingPath(source), to: StagingPath(destination), by: caller, at: self.now)
    }

    mutating func delete(_ path: String, recursive: Bool = true, by caller: Caller = Self.root) throws -> Bool {
        defer { self.store() }
        return try self.namespace.delete(StagingPath(path), recursive: recursive, by: caller, at: self.now)
    }

    func status(_ path: String, by caller: Caller = Self.root) throws -> EntryStatus {
        try self.namespace.status(StagingPath(path), by: caller)
    }

    func exists(_ path: String) -> Bool { (try? self.status(path)) != nil }

    mutating func names(_ path: String, by caller: Caller = Self.root) throws -> [String] {
        try self.namespace.list(StagingPath(path), by: caller).entries.map { $0.inode.name?.description ?? "/" }
    }

    /// What a reader gets: hashes with their lengths.
    mutating func content(_ path: String, by caller: Caller = Self.root) throws -> [Segment] {
        let plan = try self.namespace.open(StagingPath(path), by: caller, at: self.now)
        self.store()
        self.removed += self.namespace.release(plan.segments.map(\.hash))
        return plan.segments
    }

    /// A piece of content; the same number is the same content.
    static func content(_ number: Int, length: Int64 = 10) throws -> Segment {
        let digits = String(number, radix: 16)
        let text = String(repeating: "0", count: 64 - digits.count) + digits
        return Segment(hash: try #require(ContentHash(text)), length: length)
    }
}

/// Whether a call is refused, for tests of what it says.
func refusal(_ call: () throws -> Void) -> StagingRefusal? {
    do {
        try call()
        return nil
    } catch {
        return error as? StagingRefusal
    }
}
