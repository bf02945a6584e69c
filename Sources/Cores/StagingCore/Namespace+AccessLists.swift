/// Access control lists.
extension Namespace {
    package enum AccessChange: Hashable, Sendable {
        case replace([AccessEntry])
        case merge([AccessEntry])
        case remove([AccessEntry])
        case removeDefaults
        case removeAll
    }

    /// SETACL, MODIFYACLENTRIES, REMOVEACLENTRIES, REMOVEDEFAULTACL and REMOVEACL.
    package mutating func changeAccess(
        _ path: StagingPath,
        _ change: AccessChange,
        by caller: Caller
    ) throws(StagingRefusal) {
        let (target, _) = try self.existing(path, by: caller)
        try self.checkOwner(target, at: path, caller)
        var list = AccessList(target.attributes)
        do throws(StagingRefusal) {
            switch change {
            case .replace(let spec): try list.replace(spec)
            case .merge(let spec): try list.merge(spec)
            case .remove(let spec): try list.remove(spec)
            case .removeDefaults: list.removeDefaults()
            case .removeAll: list.removeAll()
            }
        } catch .invalidAccessList(let text) {
            throw .invalidAccessList("\(text) Path: \(path)")
        }
        guard target.isDirectory || !list.entries.contains(where: { $0.scope == .byDefault }) else {
            throw .invalidAccessList("Invalid ACL: only directories may have a default ACL. Path: \(path)")
        }
        self.update(target.id) { list.apply(to: &$0.attributes) }
    }

    /// Gives a new entry its mode, or what its folder's default list makes of it.
    /// - Parameter unmasked: the mode before its maker's umask, which a default list takes the place of.
    func inherit(
        _ attributes: inout Attributes,
        from parent: InodeID,
        unmasked: UInt16?,
        isDirectory: Bool
    ) {
        let defaults = self.inodes[parent]?.attributes.acl.filter { $0.scope == .byDefault } ?? []
        guard !defaults.isEmpty else { return }
        let list = AccessList(
            inheriting: defaults,
            mode: (unmasked ?? attributes.mode) & Attributes.modeMask,
            isDirectory: isDirectory
        )
        list.apply(to: &attributes)
    }
}
