import ClusterModel

extension Namespace {
    /// Where a path leads.
    struct Resolution {
        var path: StagingPath
        /// The folders on the way that exist, the root first; without the target.
        var ancestors: [Inode]
        var target: Inode?

        /// How many folders of the path, without the target, are missing.
        var missingParents: Int { max(0, self.path.names.count - self.ancestors.count) }

        /// The deepest folder on the way that exists.
        var deepest: Inode? { self.ancestors.last ?? self.target }

        func path(ofAncestor index: Int) -> StagingPath { StagingPath(names: Array(self.path.names.prefix(index))) }
    }

    /// Follows a path as far as it exists.
    /// - Throws: `accessDenied` where a folder on the way may not be searched, `parentNotDirectory` where a file stands
    ///   in the way.
    func resolve(_ path: StagingPath, by caller: Caller) throws(StagingRefusal) -> Resolution {
        guard var current = self.inodes[.root] else { throw .noSuchFile(path) }
        var ancestors: [Inode] = []
        for (index, name) in path.names.enumerated() {
            guard current.isDirectory else {
                throw .parentNotDirectory("\(StagingPath(names: Array(path.names.prefix(index)))) (is not a directory)")
            }
            ancestors.append(current)
            try self.check(.execute, on: current, at: StagingPath(names: Array(path.names.prefix(index))), caller)
            guard let id = self.folders[current.id]?.children[name], let child = self.inodes[id] else {
                return Resolution(path: path, ancestors: ancestors, target: nil)
            }
            current = child
        }
        return Resolution(path: path, ancestors: ancestors, target: current)
    }

    /// The same for an entry that must be there. A file on the way means that it is not, which is what lets
    /// `FileSystem.exists` work.
    func existing(_ path: StagingPath, by caller: Caller) throws(StagingRefusal) -> (Inode, Resolution) {
        let resolution: Resolution
        do throws(StagingRefusal) {
            resolution = try self.resolve(path, by: caller)
        } catch .parentNotDirectory {
            throw .noSuchFile(path)
        }
        guard let target = resolution.target else { throw .noSuchFile(path) }
        return (target, resolution)
    }

    func check(
        _ access: Access,
        on inode: Inode,
        at path: @autoclosure () -> StagingPath,
        _ caller: Caller
    ) throws(StagingRefusal) {
        guard !self.guarding(inode).allow(access, caller) else { return }
        throw self.denied(access, inode, path(), caller)
    }

    /// While a file is being overwritten its old attributes guard its old content.
    private func guarding(_ inode: Inode) -> Attributes {
        if case .overwrite(let old) = inode.file?.writing?.purpose { old } else { inode.attributes }
    }

    private func denied(_ access: Access, _ inode: Inode, _ path: StagingPath, _ caller: Caller) -> StagingRefusal {
        let attributes = self.guarding(inode)
        return .accessDenied(
            "Permission denied: user=\(caller.user), access=\(access.name), inode=\"\(path)\":\(attributes.owner):"
                + "\(attributes.group):\(attributes.symbols(isDirectory: inode.isDirectory))"
                + (attributes.hasAccessList ? "+" : "")
        )
    }

    func checkOwner(_ inode: Inode, at path: StagingPath, _ caller: Caller) throws(StagingRefusal) {
        guard caller.isSuperuser || caller.user == inode.attributes.owner else {
            throw .accessDenied(
                "Permission denied. user=\(caller.user) is not the owner of inode=\(path)"
            )
        }
    }

    /// Whether the caller may take `target` out of its folder.
    func checkRemoval(of target: Inode, _ resolution: Resolution, _ caller: Caller) throws(StagingRefusal) {
        guard let parent = resolution.ancestors.last else {
            throw .notPossible("The root directory cannot be removed or renamed.")
        }
        try self.check(.write, on: parent, at: resolution.path.parent, caller)
        let isSticky = parent.attributes.mode & Attributes.stickyBit != 0
        let owns = caller.isSuperuser || [parent.attributes.owner, target.attributes.owner].contains(caller.user)
        guard !isSticky || owns else {
            throw .accessDenied(
                "Permission denied by sticky bit: user=\(caller.user), path=\"\(resolution.path)\":"
                    + "\(target.attributes.owner):\(target.attributes.group):"
                    + "\(target.attributes.symbols(isDirectory: target.isDirectory)), parent=\"\(resolution.path.parent)\":"
                    + "\(parent.attributes.owner):\(parent.attributes.group):"
                    + parent.attributes.symbols(isDirectory: true)
            )
        }
    }

    // MARK: Quotas

    /// - Throws: a quota's refusal when `usage` more does not fit into one of the folders.
    /// - Parameter except: folders that hold it already.
    func checkQuota(_ usage: Usage, in folders: [Inode], except: Set<InodeID> = []) throws(StagingRefusal) {
        for folder in folders where !except.contains(folder.id) {
            guard let used = self.folders[folder.id]?.usage else { continue }
            if let limit = folder.quota.names, usage.names > 0, used.names + usage.names > limit {
                throw .namespaceQuotaExceeded(
                    "The NameSpace quota (directories and files) of directory \(self.path(of: folder.id)) is exceeded: "
                        + "quota=\(limit) file count=\(used.names + usage.names)"
                )
            }
            if let limit = folder.quota.space, usage.space > 0, used.space + usage.space > limit {
                throw .spaceQuotaExceeded(
                    "The DiskSpace quota of \(self.path(of: folder.id)) is exceeded: quota = \(limit) B but diskspace "
                        + "consumed = \(used.space + usage.space) B"
                )
            }
        }
    }

    /// The folders that hold an entry, the root last.
    func holders(of inode: Inode) -> [Inode] {
        var found: [Inode] = []
        var current = inode
        while current.id != .root, let parent = self.inodes[current.parent] {
            found.append(parent)
            current = parent
        }
        return found
    }

    // MARK: Making folders

    /// The name of the folder that holds homes.
    static let homes = "user"

    /// Makes every missing folder on the way to a path's last name.
    /// - Returns: the folder that holds the last name.
    mutating func makeParents(
        _ resolution: Resolution,
        unmasked: UInt16?,
        _ caller: Caller,
        at now: Timestamp
    ) -> InodeID {
        var parent = resolution.ancestors.last?.id ?? .root
        let known = resolution.ancestors.count
        for (index, name) in resolution.path.names.dropLast().enumerated() where index + 1 >= known {
            // Its maker must get on in it.
            let wide = unmasked.map { $0 | 0o300 }
            parent = self.makeFolder(name, in: parent, mode: 0o755, unmasked: wide, caller, at: now)
        }
        return parent
    }

    /// A folder of the caller's, in its parent's group as in BSD and HDFS.
    mutating func makeFolder(
        _ name: EntryName,
        in parent: InodeID,
        mode: UInt16,
        unmasked: UInt16?,
        _ caller: Caller,
        at now: Timestamp
    ) -> InodeID {
        let group = self.inodes[parent]?.attributes.group ?? self.settings.supergroup
        var attributes = Attributes(owner: caller.user, group: group, mode: mode, modified: now, accessed: .unset)
        self.inherit(&attributes, from: parent, unmasked: unmasked, isDirectory: true)
        let id = self.makeID()
        self.insert(Inode(id: id, parent: parent, name: name, attributes: attributes, kind: .directory(Quota())))
        self.touch(parent, at: now)
        return id
    }

    /// A folder's time changes with the names in it.
    mutating func touch(_ folder: InodeID, at now: Timestamp) {
        self.update(folder) { $0.attributes.modified = max($0.attributes.modified, now) }
    }

    /// Whether missing folders may be made: by the right to write into the deepest one that exists, or because it is the
    /// caller's own home below `/user`, which nobody has to make for them.
    func checkCreation(_ resolution: Resolution, _ caller: Caller) throws(StagingRefusal) {
        guard let deepest = resolution.ancestors.last else { return }
        let names = resolution.path.names.prefix(2).map(\.description)
        let isOwnHome = resolution.ancestors.count == 2 && names == [Self.homes, caller.user]
        if isOwnHome { return }
        try self.check(
            .write,
            on: deepest,
            at: resolution.path(ofAncestor: resolution.ancestors.count - 1),
            caller
        )
    }
}
