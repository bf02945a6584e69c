package import ClusterModel

/// Everything that changes the tree apart from writing files.
extension Namespace {
    /// MKDIRS: makes the folder and what is missing above it.
    /// - Parameter unmasked: the mode before the caller's umask, if the caller tells it.
    package mutating func makeFolders(
        _ path: StagingPath,
        mode: UInt16,
        unmasked: UInt16? = nil,
        by caller: Caller,
        at now: Timestamp
    ) throws(StagingRefusal) {
        let resolution: Resolution
        do throws(StagingRefusal) {
            resolution = try self.resolve(path, by: caller)
        } catch .parentNotDirectory(let text) {
            throw .parentNotDirectory("Parent path is not a directory: \(text)")
        }
        if let target = resolution.target {
            guard target.isDirectory else { throw .fileExists("Path is not a directory: \(path)") }
            return
        }
        guard let name = path.names.last else { return }
        try self.checkCreation(resolution, caller)
        try self.checkQuota(Usage(directories: Int64(resolution.missingParents) + 1), in: resolution.ancestors)
        let parent = self.makeParents(resolution, unmasked: unmasked, caller, at: now)
        let own = mode & Attributes.modeMask
        _ = self.makeFolder(name, in: parent, mode: own, unmasked: unmasked, caller, at: now)
    }

    /// DELETE.
    /// - Returns: false when there is nothing of that name.
    package mutating func delete(
        _ path: StagingPath,
        recursive: Bool,
        by caller: Caller,
        at now: Timestamp
    ) throws(StagingRefusal) -> Bool {
        let resolution: Resolution
        do throws(StagingRefusal) {
            resolution = try self.resolve(path, by: caller)
        } catch .parentNotDirectory {
            return false
        }
        guard let target = resolution.target else { return false }
        // HDFS: the root is never removed, and that is no error.
        guard !path.isRoot else { return false }
        try self.checkRemoval(of: target, resolution, caller)
        let isEmpty = self.folders[target.id]?.children.isEmpty ?? true
        guard recursive || isEmpty else { throw .directoryNotEmpty(path) }
        if !isEmpty {
            for id in self.tree(of: target.id) {
                guard let inode = self.inodes[id], let folder = self.folders[id], !folder.children.isEmpty else {
                    continue
                }
                try self.check([.read, .write, .execute], on: inode, at: self.path(of: id), caller)
            }
        }
        self.remove(target.id)
        self.touch(target.parent, at: now)
        return true
    }

    /// SETPERMISSION.
    package mutating func setMode(
        _ path: StagingPath,
        _ mode: UInt16,
        by caller: Caller
    ) throws(StagingRefusal) {
        let (target, _) = try self.existing(path, by: caller)
        try self.checkOwner(target, at: path, caller)
        self.update(target.id) { $0.attributes.mode = mode & Attributes.modeMask }
    }

    /// SETOWNER. Only a superuser gives files away; an owner may choose among the own groups.
    package mutating func setOwner(
        _ path: StagingPath,
        owner: String?,
        group: String?,
        by caller: Caller
    ) throws(StagingRefusal) {
        let (target, _) = try self.existing(path, by: caller)
        try self.checkOwner(target, at: path, caller)
        if let owner, owner != target.attributes.owner, !caller.isSuperuser {
            throw .accessDenied("User \(caller.user) is not a super user (non-super user cannot change owner).")
        }
        if let group, group != target.attributes.group, !caller.isSuperuser, !caller.groups.contains(group) {
            throw .accessDenied("User \(caller.user) does not belong to \(group)")
        }
        self.update(target.id) { inode in
            if let owner { inode.attributes.owner = owner }
            if let group { inode.attributes.group = group }
        }
    }

    /// SETTIMES; nil keeps a time.
    package mutating func setTimes(
        _ path: StagingPath,
        modified: Timestamp?,
        accessed: Timestamp?,
        by caller: Caller
    ) throws(StagingRefusal) {
        let (target, _) = try self.existing(path, by: caller)
        try self.check(.write, on: target, at: path, caller)
        self.update(target.id) { inode in
            if let modified { inode.attributes.modified = modified }
            if let accessed { inode.attributes.accessed = accessed }
        }
    }

    /// SETREPLICATION. The number is kept and shown; content is stored once.
    /// - Returns: false for folders, which have none.
    package mutating func setReplication(
        _ path: StagingPath,
        _ replication: Int16,
        by caller: Caller
    ) throws(StagingRefusal) -> Bool {
        let (target, _) = try self.existing(path, by: caller)
        guard let file = target.file else { return false }
        try self.check(.write, on: target, at: path, caller)
        let growth = file.length.multipliedReportingOverflow(by: Int64(replication) - Int64(file.replication))
        try self.checkQuota(Usage(space: growth.partialValue), in: self.holders(of: target))
        self.update(target.id) { inode in inode.changeFile { $0.replication = replication } }
        return true
    }

    /// TRUNCATE.
    /// - Returns: always true: nothing is left to recover, as there may be in HDFS.
    package mutating func truncate(
        _ path: StagingPath,
        to length: Int64,
        by caller: Caller,
        at now: Timestamp
    ) throws(StagingRefusal) -> Bool {
        let (target, _) = try self.existing(path, by: caller)
        guard let file = target.file else { throw .fileNotFound("Path is not a file: \(path)") }
        try self.check(.write, on: target, at: path, caller)
        try self.checkUnwritten(file, at: path, "TRUNCATE_FILE", caller)
        let old = file.length
        guard length >= 0, length <= old else {
            throw .illegalArgument(
                "Cannot truncate to a larger file size. Current size: \(old), truncate size: \(length)."
            )
        }
        guard length < old else { return true }
        var rest = length
        var segments: [Segment] = []
        for segment in file.segments where rest > 0 {
            segments.append(Segment(hash: segment.hash, length: min(rest, segment.length)))
            rest -= segment.length
        }
        self.update(target.id) { inode in
            inode.attributes.modified = now
            inode.changeFile { $0.segments = segments }
        }
        return true
    }

    /// CONCAT: moves the sources' content behind the target's, in order, and removes the sources.
    package mutating func concatenate(
        _ path: StagingPath,
        _ sources: [StagingPath],
        by caller: Caller,
        at now: Timestamp
    ) throws(StagingRefusal) {
        let (target, _) = try self.existing(path, by: caller)
        guard var whole = target.file?.segments, let targetFile = target.file else {
            throw .fileNotFound("Path is not a file: \(path)")
        }
        try self.check(.write, on: target, at: path, caller)
        try self.checkUnwritten(targetFile, at: path, "CONCAT", caller)
        guard !sources.isEmpty else { throw .illegalArgument("No sources given") }
        var seen: Set<InodeID> = [target.id]
        var ids: [InodeID] = []
        for source in sources {
            let (inode, resolution) = try self.existing(source, by: caller)
            guard let file = inode.file else { throw .fileNotFound("Path is not a file: \(source)") }
            guard seen.insert(inode.id).inserted else {
                throw .illegalArgument("concat: the src file \(source) is given twice or is the target")
            }
            guard inode.parent == target.parent else {
                throw .illegalArgument("Source file \(source) is not in the same directory with the target \(path)")
            }
            try self.check(.read, on: inode, at: source, caller)
            try self.checkRemoval(of: inode, resolution, caller)
            try self.checkUnwritten(file, at: source, "CONCAT", caller)
            whole += file.segments
            ids.append(inode.id)
        }
        guard whole.count <= self.settings.segmentsMaximum else {
            throw .notPossible("File has reached the limit on maximum number of blocks: \(path)")
        }
        // The target takes the pieces before the sources let go of them.
        self.update(target.id) { inode in
            inode.attributes.modified = now
            inode.changeFile { $0.segments = whole }
        }
        for id in ids { self.remove(id) }
        self.touch(target.parent, at: now)
    }

    /// SETQUOTA; nil removes a limit.
    package mutating func setQuota(_ path: StagingPath, _ quota: Quota, by caller: Caller) throws(StagingRefusal) {
        guard caller.isSuperuser else {
            throw .accessDenied("Access denied for user \(caller.user). Superuser privilege is required")
        }
        let (target, _) = try self.existing(path, by: caller)
        guard target.isDirectory else { throw .fileNotFound("Directory does not exist: \(path)") }
        self.update(target.id) { $0.kind = .directory(quota) }
    }
}
