package import ClusterModel

extension Namespace {
    /// RENAME without options. HDFS answers false, not an error, to most of what is not possible.
    package mutating func rename(
        _ source: StagingPath,
        to destination: StagingPath,
        by caller: Caller,
        at now: Timestamp
    ) throws(StagingRefusal) -> Bool {
        let from: Resolution
        do throws(StagingRefusal) {
            from = try self.resolve(source, by: caller)
        } catch .parentNotDirectory {
            return false
        }
        guard let moved = from.target, let name = source.names.last else { return false }
        var target = destination
        if case .some(let to) = try? self.resolve(destination, by: caller), to.target?.isDirectory == true,
            destination != source
        {
            target = destination.appending(name)
        }
        guard target != source else { return !moved.isDirectory }
        guard !target.isWithin(source) else { return false }
        let to: Resolution
        do throws(StagingRefusal) {
            to = try self.resolve(target, by: caller)
        } catch .parentNotDirectory {
            return false
        }
        guard to.target == nil, to.missingParents == 0, let newName = target.names.last else { return false }
        try self.moveChecked(moved, from, to, as: newName, caller, at: now)
        return true
    }

    /// RENAME with options (`Options.Rename`): says what is wrong, and replaces with OVERWRITE.
    package mutating func rename(
        _ source: StagingPath,
        replacing destination: StagingPath,
        overwrites: Bool,
        by caller: Caller,
        at now: Timestamp
    ) throws(StagingRefusal) {
        let from = try self.resolve(source, by: caller)
        guard let moved = from.target else { throw .fileNotFound("rename source \(source) is not found.") }
        guard !source.isRoot, let newName = destination.names.last else {
            throw .notPossible("rename source or destination cannot be the root")
        }
        guard destination != source else {
            throw .fileExists("The source \(source) and destination \(destination) are the same")
        }
        guard !destination.isWithin(source) else {
            throw .notPossible(
                "Rename destination \(destination) is a directory or file under source \(source)"
            )
        }
        let to = try self.resolve(destination, by: caller)
        guard to.missingParents == 0 else {
            throw .fileNotFound("rename destination parent \(destination.parent) not found.")
        }
        if let old = to.target {
            guard old.isDirectory == moved.isDirectory else {
                throw .notPossible("Source \(source) and destination \(destination) must both be directories or files")
            }
            guard overwrites else {
                throw .fileExists("rename destination \(destination) already exists")
            }
            if let children = self.folders[old.id]?.children, !children.isEmpty {
                throw .notPossible("rename destination directory is not empty: \(destination)")
            }
            try self.checkRemoval(of: moved, from, caller)
            try self.checkRemoval(of: old, to, caller)
            self.remove(old.id)
        }
        try self.moveChecked(moved, from, to, as: newName, caller, at: now)
    }

    private mutating func moveChecked(
        _ moved: Inode,
        _ from: Resolution,
        _ to: Resolution,
        as name: EntryName,
        _ caller: Caller,
        at now: Timestamp
    ) throws(StagingRefusal) {
        guard let parent = to.ancestors.last else { return }
        try self.checkRemoval(of: moved, from, caller)
        try self.check(.write, on: parent, at: to.path.parent, caller)
        let holders = Set(from.ancestors.map(\.id))
        try self.checkQuota(self.usage(of: moved), in: to.ancestors, except: holders)
        self.move(moved.id, to: parent.id, as: name)
        self.touch(moved.parent, at: now)
        self.touch(parent.id, at: now)
    }
}
