package import ClusterModel

/// An entry as others see it.
package struct EntryStatus: Hashable, Sendable {
    package var inode: Inode
    /// Of a file under construction: what readers would get.
    package var length: Int64
    package var children: Int
}

/// What a reader gets, fixed at the moment of asking. Its content is pinned until `release`.
package struct ReadPlan: Hashable, Sendable {
    /// The file as it is now.
    package var inode: Inode
    /// Bytes of a stream that is still being received, behind the segments.
    package var prefix: Prefix?

    package struct Prefix: Hashable, Sendable {
        package var write: WriteID
        package var length: Int64
    }

    package var segments: [Segment] { self.inode.file?.segments ?? [] }

    package var length: Int64 { self.segments.reduce(self.prefix?.length ?? 0) { $0 + $1.length } }
}

extension Namespace {
    /// GETFILESTATUS.
    package func status(_ path: StagingPath, by caller: Caller) throws(StagingRefusal) -> EntryStatus {
        self.status(of: try self.existing(path, by: caller).0)
    }

    func status(of inode: Inode) -> EntryStatus {
        let length = (inode.file?.length ?? 0) + (self.prefix(of: inode)?.length ?? 0)
        return EntryStatus(inode: inode, length: length, children: self.folders[inode.id]?.children.count ?? 0)
    }

    private func prefix(of inode: Inode) -> ReadPlan.Prefix? {
        guard let writing = inode.file?.writing, let stream = self.streams[writing.id], stream.received > 0 else {
            return nil
        }
        if case .overwrite = writing.purpose { return nil }
        return ReadPlan.Prefix(write: writing.id, length: stream.received)
    }

    /// LISTSTATUS, or one batch of it.
    /// - Parameters:
    ///   - after: the last name that the caller has; nil to begin.
    ///   - limit: how many entries at most.
    /// - Returns: the entries in the order of their names' bytes, and how many more there are. A file has itself.
    package mutating func list(
        _ path: StagingPath,
        after: String? = nil,
        limit: Int = .max,
        by caller: Caller
    ) throws(StagingRefusal) -> (entries: [EntryStatus], remaining: Int) {
        let target: Inode
        do throws(StagingRefusal) {
            (target, _) = try self.existing(path, by: caller)
        } catch .fileNotFound {
            throw .fileNotFound("File \(path) does not exist.")
        }
        guard target.isDirectory else { return ([self.status(of: target)], 0) }
        try self.check([.read, .execute], on: target, at: path, caller)
        var names = self.names(in: target.id)[...]
        if let after {
            let last = try EntryName(after)
            names = names[Self.firstIndex(above: last, in: names)...]
        }
        let children = self.folders[target.id]?.children ?? [:]
        let page = names.prefix(limit).compactMap { children[$0] }.compactMap { self.inodes[$0] }
        return (page.map { self.status(of: $0) }, names.count - page.count)
    }

    private static func firstIndex(above name: EntryName, in names: ArraySlice<EntryName>) -> Int {
        var low = names.startIndex
        var high = names.endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if names[middle] <= name { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// GETCONTENTSUMMARY and GETQUOTAUSAGE.
    package func summary(_ path: StagingPath, by caller: Caller) throws(StagingRefusal) -> (Usage, Quota) {
        let (target, _) = try self.existing(path, by: caller)
        if !caller.isSuperuser {
            for id in self.tree(of: target.id) {
                guard let inode = self.inodes[id], inode.isDirectory else { continue }
                try self.check([.read, .execute], on: inode, at: self.path(of: id), caller)
            }
        }
        return (self.usage(of: target), target.quota)
    }

    /// OPEN: what the file holds now. Counts as an access.
    package mutating func open(
        _ path: StagingPath,
        by caller: Caller,
        at now: Timestamp
    ) throws(StagingRefusal) -> ReadPlan {
        let (target, _) = try self.existing(path, by: caller)
        guard let file = target.file else { throw .fileNotFound("Path is not a file: \(path)") }
        try self.check(.read, on: target, at: path, caller)
        if now.milliseconds(since: target.attributes.accessed) > self.settings.accessInterval {
            self.update(target.id) { $0.attributes.accessed = now }
        }
        for segment in file.segments { self.pin(segment.hash) }
        return ReadPlan(inode: target, prefix: self.prefix(of: target))
    }

    /// CHECKACCESS.
    package func checkAccess(
        _ path: StagingPath,
        _ access: Access,
        by caller: Caller
    ) throws(StagingRefusal) {
        let (target, _) = try self.existing(path, by: caller)
        try self.check(access, on: target, at: path, caller)
    }
}
