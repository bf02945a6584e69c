/// The whole access control list of an entry, the owner's, the owning group's and all others' rights included, and how
/// HDFS changes one (`AclTransformation`).
struct AccessList {
    /// Of each scope.
    static let entriesMaximum = 32

    private(set) var entries: [AccessEntry]

    /// What attributes say: with a list, the mode's middle bits are its mask.
    init(_ attributes: Attributes) {
        let (owner, middle, other) = attributes.classes
        let kept = attributes.acl.filter { $0.scope == .access }
        self.entries = [AccessEntry(.access, .user, nil, owner)]
        if kept.isEmpty {
            self.entries.append(AccessEntry(.access, .group, nil, middle))
        } else {
            self.entries += kept
            self.entries.append(AccessEntry(.access, .mask, nil, middle))
        }
        self.entries.append(AccessEntry(.access, .other, nil, other))
        self.entries += attributes.acl.filter { $0.scope == .byDefault }
    }

    /// What a new entry gets from its folder's default entries.
    /// - Parameter mode: what its maker asks for, which the owner's, the mask's and all others' rights stay within.
    init(inheriting defaults: [AccessEntry], mode: UInt16, isDirectory: Bool) {
        let (owner, middle, other) = Attributes.classes(of: mode)
        let hasMask = defaults.contains { $0.kind == .mask }
        self.entries = defaults.map { entry in
            var own = entry
            own.scope = .access
            switch (entry.kind, entry.name) {
            case (.user, nil): own.permission.formIntersection(owner)
            case (.group, nil) where !hasMask: own.permission.formIntersection(middle)
            case (.mask, _): own.permission.formIntersection(middle)
            case (.other, _): own.permission.formIntersection(other)
            default: break
            }
            return own
        }
        if isDirectory { self.entries += defaults }
    }

    /// Puts the list into attributes; their other parts stay.
    func apply(to attributes: inout Attributes) {
        func permission(_ kind: AccessEntry.Kind) -> Access? {
            self.entries.first { $0.scope == .access && $0.kind == kind && $0.name == nil }?.permission
        }
        let access = self.entries.filter { $0.scope == .access }
        let isMinimal = access.count <= 3
        let middle = isMinimal ? permission(.group) : permission(.mask)
        attributes.setClasses(permission(.user) ?? [], middle ?? [], permission(.other) ?? [])
        attributes.acl =
            (isMinimal ? [] : access.filter { $0.name != nil || $0.kind == .group })
            + self.entries.filter { $0.scope == .byDefault }
    }

    // MARK: Changes

    /// SETACL: the scopes that are named get these entries instead of theirs.
    mutating func replace(_ spec: [AccessEntry]) throws(StagingRefusal) {
        var change = Change()
        for entry in spec { change.take(entry, isNew: true) }
        let named = change.changed
        for entry in self.entries where !named.contains(entry.scope) { change.take(entry, isNew: false) }
        self.entries = try change.result()
    }

    /// MODIFYACLENTRIES: adds entries, and changes the rights of those that are there.
    mutating func merge(_ spec: [AccessEntry]) throws(StagingRefusal) {
        var change = Change()
        let keys = Set(spec.map(\.key))
        for entry in self.entries where !keys.contains(entry.key) { change.take(entry, isNew: false) }
        for entry in spec { change.take(entry, isNew: true) }
        self.entries = try change.result()
    }

    /// REMOVEACLENTRIES.
    mutating func remove(_ spec: [AccessEntry]) throws(StagingRefusal) {
        var change = Change()
        let keys = Set(spec.map(\.key))
        for entry in self.entries {
            if keys.contains(entry.key) { change.leaveOut(entry) } else { change.take(entry, isNew: false) }
        }
        self.entries = try change.result()
    }

    /// REMOVEDEFAULTACL.
    mutating func removeDefaults() { self.entries.removeAll { $0.scope == .byDefault } }

    /// REMOVEACL: owner, owning group and all others keep what they have.
    mutating func removeAll() {
        self.entries.removeAll { $0.scope == .byDefault || $0.name != nil || $0.kind == .mask }
    }

    /// A list in the making. A mask is what the caller says; else, where the scope has changed, it is the union of what
    /// it is to bound.
    private struct Change {
        private var entries: [AccessEntry] = []
        private var masks: [AccessEntry.Scope: AccessEntry] = [:]
        /// Scopes with a change.
        private(set) var changed: Set<AccessEntry.Scope> = []
        /// Scopes whose mask the caller has set or taken away.
        private var maskChanged: Set<AccessEntry.Scope> = []

        mutating func take(_ entry: AccessEntry, isNew: Bool) {
            if isNew { self.changed.insert(entry.scope) }
            guard entry.kind == .mask, entry.name == nil else {
                self.entries.append(entry)
                return
            }
            self.masks[entry.scope] = entry
            if isNew { self.maskChanged.insert(entry.scope) }
        }

        mutating func leaveOut(_ entry: AccessEntry) {
            if entry.kind == .mask {
                self.maskChanged.insert(entry.scope)
            } else {
                self.changed.insert(entry.scope)
            }
        }

        mutating func result() throws(StagingRefusal) -> [AccessEntry] {
            self.completeDefaults()
            try self.addMasks()
            self.entries.sort { $0.key < $1.key }
            try self.check()
            return self.entries
        }

        /// A default list needs its three own entries too; those that it lacks are the access list's.
        private mutating func completeDefaults() {
            guard self.entries.contains(where: { $0.scope == .byDefault }) else { return }
            for kind in [AccessEntry.Kind.user, .group, .other] {
                func has(_ scope: AccessEntry.Scope) -> AccessEntry? {
                    self.entries.first { $0.scope == scope && $0.kind == kind && $0.name == nil }
                }
                guard has(.byDefault) == nil, var copy = has(.access) else { continue }
                copy.scope = .byDefault
                self.entries.append(copy)
            }
        }

        private mutating func addMasks() throws(StagingRefusal) {
            for scope in AccessEntry.Scope.allCases {
                let own = self.entries.filter { $0.scope == scope }
                guard !own.isEmpty else { continue }
                let isNeeded = own.contains { $0.name != nil }
                let mask = self.masks[scope]
                if mask == nil, isNeeded, self.maskChanged.contains(scope) {
                    throw .invalidAccessList("Invalid ACL: mask is required and cannot be deleted.")
                } else if let mask, !self.changed.contains(scope) || self.maskChanged.contains(scope) {
                    self.entries.append(mask)
                } else if isNeeded || mask != nil {
                    let bounded = own.filter { $0.kind == .group || $0.name != nil }
                    let union = bounded.reduce(into: Access()) { $0.formUnion($1.permission) }
                    self.entries.append(AccessEntry(scope, .mask, nil, union))
                }
            }
        }

        private func check() throws(StagingRefusal) {
            for (entry, next) in zip(self.entries, self.entries.dropFirst()) where entry.key == next.key {
                throw .invalidAccessList("Invalid ACL: multiple entries with same scope, type and name.")
            }
            for entry in self.entries where entry.name != nil && (entry.kind == .mask || entry.kind == .other) {
                throw .invalidAccessList("Invalid ACL: this entry type must not have a name: \(entry.text).")
            }
            for (scope, word) in [(AccessEntry.Scope.access, "access"), (.byDefault, "default")] {
                let own = self.entries.filter { $0.scope == scope }
                guard own.count <= AccessList.entriesMaximum else {
                    throw .invalidAccessList(
                        "Invalid ACL: ACL has \(own.count) \(word) entries, which exceeds maximum of "
                            + "\(AccessList.entriesMaximum)."
                    )
                }
                let kinds = Set(own.filter { $0.name == nil }.map(\.kind))
                guard own.isEmpty && scope == .byDefault || kinds.isSuperset(of: [.user, .group, .other]) else {
                    throw .invalidAccessList("Invalid ACL: the user, group and other entries are required.")
                }
            }
        }
    }
}

extension Attributes {
    /// The rights of owner, group (or mask) and all others.
    var classes: (owner: Access, middle: Access, other: Access) { Self.classes(of: self.mode) }

    static func classes(of mode: UInt16) -> (owner: Access, middle: Access, other: Access) {
        (Access(rawValue: mode >> 6 & 7), Access(rawValue: mode >> 3 & 7), Access(rawValue: mode & 7))
    }

    mutating func setClasses(_ owner: Access, _ middle: Access, _ other: Access) {
        self.mode = self.mode & Self.stickyBit | owner.rawValue << 6 | middle.rawValue << 3 | other.rawValue
    }

    /// Whether the mode's middle bits are a mask.
    var hasAccessList: Bool { self.acl.contains { $0.scope == .access } }
}
