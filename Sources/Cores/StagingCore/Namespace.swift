package import ClusterModel

/// A change of the index, to be stored before anything that depends on it is answered.
package enum IndexChange: Hashable, Sendable {
    case put(Inode)
    case remove(InodeID)
    /// The number that the next inode gets.
    case nextID(UInt64)
}

/// The tree of files and folders as HDFS's NameNode has it: who may do what, who writes, which content is still needed.
///
/// Every call either throws and changes nothing, or changes the tree and adds to what `takeStep` returns. Times come from
/// the caller; nothing here reads a clock or touches a file.
package struct Namespace: Sendable {
    package let settings: NamespaceSettings

    private(set) var inodes: [InodeID: Inode] = [:]
    private(set) var folders: [InodeID: Folder] = [:]
    private(set) var references: [ContentHash: Int] = [:]
    private var pins: [ContentHash: Int] = [:]
    private var nextID = InodeID.root.number + 1
    var streams: [WriteID: Stream] = [:]
    /// When applications were last found not to run, by their folders in scratch folders.
    var asked: [InodeID: Timestamp] = [:]

    private var changes: [IndexChange] = []
    private var dropped: [ContentHash] = []

    struct Folder: Sendable {
        var children: [EntryName: InodeID] = [:]
        /// Of the whole tree, this folder included.
        var usage = Usage(directories: 1)
        /// The children's names in order; nil when they have changed since they were last asked for.
        var sorted: [EntryName]?
    }

    /// A file under construction, as far as it does not survive a restart.
    struct Stream: Sendable {
        var file: InodeID
        /// The second step has come.
        var hasBegun = false
        var received: Int64 = 0
        /// What the writer calls itself, to be known again when it repeats its first step.
        var writer: String?
    }

    /// What one call has changed.
    package struct Step: Sendable {
        package var changes: [IndexChange]
        /// Content that nothing names any more. It stays until `release` is called with it, after the changes are
        /// stored.
        package var dropped: [ContentHash]
    }

    /// An empty tree: the root, `/user` for homes and `/tmp` for everybody.
    package init(settings: NamespaceSettings, at now: Timestamp) {
        self.settings = settings
        let attributes = Attributes(
            owner: settings.superuser,
            group: settings.supergroup,
            mode: 0o755,
            modified: now,
            accessed: .unset
        )
        self.insert(Inode(id: .root, parent: .root, name: nil, attributes: attributes, kind: .directory(Quota())))
        for (name, mode) in [("user", UInt16(0o755)), ("tmp", 0o1777)] {
            guard let name = try? EntryName(name) else { continue }
            var own = attributes
            own.mode = mode
            self.insert(Inode(id: self.makeID(), parent: .root, name: name, attributes: own, kind: .directory(Quota())))
        }
    }

    /// The tree that was stored.
    /// - Throws: `DamagedIndex` when the rows do not make one tree.
    package init(settings: NamespaceSettings, stored: [Inode], nextID: UInt64) throws(DamagedIndex) {
        self.settings = settings
        self.nextID = nextID
        let byParent = Dictionary(grouping: stored.filter { $0.id != .root }, by: \.parent)
        guard let root = stored.first(where: { $0.id == .root }), root.isDirectory else {
            throw DamagedIndex(detail: "it has no root")
        }
        self.insert(root)
        var waiting = [root.id]
        var count = 1
        while let parent = waiting.popLast() {
            for inode in (byParent[parent] ?? []).sorted(by: { $0.id < $1.id }) {
                guard let name = inode.name, self.folders[parent]?.children[name] == nil, inode.id.number < nextID
                else {
                    throw DamagedIndex(detail: "inode \(inode.id.number) does not fit into its folder")
                }
                self.insert(inode)
                count += 1
                if inode.isDirectory {
                    waiting.append(inode.id)
                } else if let writing = inode.file?.writing {
                    self.streams[writing.id] = Stream(file: inode.id, hasBegun: true)
                }
            }
        }
        guard count == stored.count else {
            throw DamagedIndex(detail: "\(stored.count - count) of its inodes are in no folder")
        }
        self.changes = []
    }

    package struct DamagedIndex: Error, Hashable, Sendable {
        package var detail: String
    }

    /// What has changed since the last call.
    package mutating func takeStep() -> Step {
        defer {
            self.changes = []
            self.dropped = []
        }
        return Step(changes: self.changes, dropped: self.dropped)
    }

    // MARK: Content

    /// Keeps content that is being read, or stored before a file names it.
    package mutating func pin(_ hash: ContentHash) {
        self.pins[hash, default: 0] += 1
    }

    /// Ends pins, one for each mention.
    /// - Returns: the content that is not needed any more and may be removed now.
    package mutating func release(_ hashes: [ContentHash]) -> [ContentHash] {
        var garbage: [ContentHash] = []
        for hash in hashes {
            let count = (self.pins[hash] ?? 1) - 1
            self.pins[hash] = count > 0 ? count : nil
            if count <= 0, self.references[hash] == nil { garbage.append(hash) }
        }
        return garbage
    }

    /// Whether a file names this content.
    package func names(_ hash: ContentHash) -> Bool { self.references[hash] != nil }

    /// How many different pieces of content files name.
    package var contentCount: Int { self.references.count }

    private mutating func refer(to segments: [Segment], insteadOf old: [Segment]) {
        guard segments != old else { return }
        for segment in segments { self.references[segment.hash, default: 0] += 1 }
        for segment in old {
            let count = (self.references[segment.hash] ?? 0) - 1
            self.references[segment.hash] = count > 0 ? count : nil
            if count <= 0 {
                self.pin(segment.hash)
                self.dropped.append(segment.hash)
            }
        }
    }

    // MARK: Rows

    mutating func makeID() -> InodeID {
        defer { self.nextID += 1 }
        self.changes.append(.nextID(self.nextID + 1))
        return InodeID(self.nextID)
    }

    /// Adds an entry to the folder that it names as its parent.
    mutating func insert(_ inode: Inode) {
        self.inodes[inode.id] = inode
        self.changes.append(.put(inode))
        self.refer(to: inode.file?.segments ?? [], insteadOf: [])
        if inode.isDirectory { self.folders[inode.id] = Folder() }
        guard let name = inode.name else { return }
        self.folders[inode.parent]?.children[name] = inode.id
        self.folders[inode.parent]?.sorted = nil
        self.addUsage(inode.ownUsage, from: inode.parent)
    }

    /// Changes an entry where it is.
    mutating func update(_ id: InodeID, _ change: (inout Inode) -> Void) {
        guard let old = self.inodes[id] else { return }
        var inode = old
        change(&inode)
        guard inode != old else { return }
        self.inodes[id] = inode
        self.changes.append(.put(inode))
        self.refer(to: inode.file?.segments ?? [], insteadOf: old.file?.segments ?? [])
        self.addUsage(inode.ownUsage + -old.ownUsage, from: inode.parent)
    }

    mutating func move(_ id: InodeID, to parent: InodeID, as name: EntryName) {
        guard let old = self.inodes[id], let oldName = old.name else { return }
        let usage = self.usage(of: old)
        self.folders[old.parent]?.children[oldName] = nil
        self.folders[old.parent]?.sorted = nil
        self.addUsage(-usage, from: old.parent)
        var inode = old
        inode.parent = parent
        inode.name = name
        self.inodes[id] = inode
        self.changes.append(.put(inode))
        self.folders[parent]?.children[name] = id
        self.folders[parent]?.sorted = nil
        self.addUsage(usage, from: parent)
    }

    /// Removes an entry and everything below it.
    mutating func remove(_ id: InodeID) {
        guard let top = self.inodes[id], let name = top.name else { return }
        self.addUsage(-self.usage(of: top), from: top.parent)
        self.folders[top.parent]?.children[name] = nil
        self.folders[top.parent]?.sorted = nil
        for id in self.tree(of: id) {
            guard let inode = self.inodes.removeValue(forKey: id) else { continue }
            self.folders[id] = nil
            self.changes.append(.remove(id))
            if let file = inode.file {
                self.refer(to: [], insteadOf: file.segments)
                if let writing = file.writing { self.streams[writing.id] = nil }
            }
        }
    }

    /// The entry and everything below it, folders before what they hold, in the order of the names.
    func tree(of id: InodeID) -> [InodeID] {
        var found = [id]
        var next = 0
        while next < found.count {
            if let folder = self.folders[found[next]] {
                found += folder.children.sorted { $0.key < $1.key }.map(\.value)
            }
            next += 1
        }
        return found
    }

    func usage(of inode: Inode) -> Usage { self.folders[inode.id]?.usage ?? inode.ownUsage }

    private mutating func addUsage(_ usage: Usage, from folder: InodeID) {
        guard usage != Usage() else { return }
        var id = folder
        while true {
            if let known = self.folders[id]?.usage { self.folders[id]?.usage = known + usage }
            guard id != .root, let inode = self.inodes[id] else { return }
            id = inode.parent
        }
    }

    /// The children's names in order.
    mutating func names(in id: InodeID) -> [EntryName] {
        guard let folder = self.folders[id] else { return [] }
        if let sorted = folder.sorted { return sorted }
        let sorted = folder.children.keys.sorted()
        self.folders[id]?.sorted = sorted
        return sorted
    }

    func path(of id: InodeID) -> StagingPath {
        var names: [EntryName] = []
        var next = self.inodes[id]
        while let inode = next, let name = inode.name {
            names.append(name)
            next = self.inodes[inode.parent]
        }
        return StagingPath(names: names.reversed())
    }
}
