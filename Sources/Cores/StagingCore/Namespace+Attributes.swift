/// Extended attributes: the caller's own marks on files and folders.
extension Namespace {
    /// Whether an attribute may be there already (`XAttrSetFlag`).
    package struct AttributeFlags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        package static let create = AttributeFlags(rawValue: 1)
        package static let replace = AttributeFlags(rawValue: 2)
    }

    package mutating func setAttribute(
        _ path: StagingPath,
        _ attribute: ExtendedAttribute,
        _ flags: AttributeFlags,
        by caller: Caller
    ) throws(StagingRefusal) {
        let name = try Self.checkedName(attribute.name, caller)
        let (target, _) = try self.existing(path, by: caller)
        try self.check(.write, on: target, at: path, caller)
        var all = target.attributes.extended
        let place = all.firstIndex { $0.name == name }
        if place != nil, !flags.contains(.replace) {
            throw .notPossible("XAttr: \(name) already exists. The REPLACE flag must be specified.")
        }
        if place == nil, !flags.contains(.create) {
            throw .notPossible("XAttr: \(name) does not exist. The CREATE flag must be specified.")
        }
        let size = name.utf8.count + attribute.value.count
        guard size <= self.settings.extendedAttributeBytesMaximum else {
            throw .illegalArgument(
                "The XAttr is too big. The maximum combined size of the name and value is "
                    + "\(self.settings.extendedAttributeBytesMaximum), but the total size is \(size)"
            )
        }
        if let place {
            all[place].value = attribute.value
        } else {
            all.append(ExtendedAttribute(name: name, value: attribute.value))
            all.sort { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
        }
        guard all.count <= self.settings.extendedAttributesMaximum else {
            throw .notPossible(
                "Cannot add additional XAttr to inode, would exceed limit of \(self.settings.extendedAttributesMaximum)"
            )
        }
        self.update(target.id) { $0.attributes.extended = all }
    }

    package mutating func removeAttribute(
        _ path: StagingPath,
        _ name: String,
        by caller: Caller
    ) throws(StagingRefusal) {
        let name = try Self.checkedName(name, caller)
        let (target, _) = try self.existing(path, by: caller)
        try self.check(.write, on: target, at: path, caller)
        guard target.attributes.extended.contains(where: { $0.name == name }) else {
            throw .notPossible("No matching attributes found for remove operation")
        }
        self.update(target.id) { inode in inode.attributes.extended.removeAll { $0.name == name } }
    }

    /// The attributes of those names, or all that the caller may see.
    package func attributes(
        _ path: StagingPath,
        named names: [String],
        by caller: Caller
    ) throws(StagingRefusal) -> [ExtendedAttribute] {
        var wanted: [String] = []
        for name in names { wanted.append(try Self.checkedName(name, caller)) }
        let (target, _) = try self.existing(path, by: caller)
        try self.check(.read, on: target, at: path, caller)
        let visible = target.attributes.extended.filter { caller.isSuperuser || $0.name.hasPrefix("user.") }
        guard !wanted.isEmpty else { return visible }
        let found = visible.filter { wanted.contains($0.name) }
        guard found.count == Set(wanted).count else {
            throw .notPossible("At least one of the attributes provided was not found.")
        }
        return found
    }

    /// The name with its namespace in lower case. Everybody has `user.`, superusers `trusted.`; the others are HDFS's own.
    private static func checkedName(_ text: String, _ caller: Caller) throws(StagingRefusal) -> String {
        let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let space = halves[0].lowercased()
        guard halves.count == 2, ["user", "trusted", "system", "security", "raw"].contains(space) else {
            throw .illegalArgument(
                "An XAttr name must be prefixed with user/trusted/security/system/raw, followed by a '.'"
            )
        }
        guard !halves[1].isEmpty else { throw .illegalArgument("XAttr name cannot be empty.") }
        guard space == "user" || space == "trusted" && caller.isSuperuser else {
            throw .accessDenied("User doesn't have permission for xattr: \(text)")
        }
        return "\(space).\(halves[1])"
    }
}
