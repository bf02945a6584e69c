import ClusterModel
import Testing

@testable import StagingCore

/// Access control lists as HDFS has them: the same calls give the same entries, modes and refusals there.
@Suite struct AccessListTests {
    /// A tree with `/d`, and what can be done with its list by text.
    private struct Listed {
        var tree = Tree()

        init(mode: UInt16 = 0o750) throws {
            try self.tree.makeFolder("/d", mode: mode)
            try self.tree.namespace.setOwner(StagingPath("/d"), owner: "alice", group: "staff", by: Tree.root)
            self.tree.store()
        }

        mutating func change(
            _ change: Namespace.AccessChange,
            at path: String = "/d",
            by caller: Caller = Tree.alice
        ) throws {
            defer { self.tree.store() }
            try self.tree.namespace.changeAccess(StagingPath(path), change, by: caller)
        }

        mutating func merge(_ spec: String, at path: String = "/d") throws {
            try self.change(.merge(AccessEntry.list(spec, withPermissions: true)), at: path)
        }

        mutating func replace(_ spec: String, at path: String = "/d") throws {
            try self.change(.replace(AccessEntry.list(spec, withPermissions: true)), at: path)
        }

        mutating func remove(_ spec: String, at path: String = "/d") throws {
            try self.change(.remove(AccessEntry.list(spec, withPermissions: false)), at: path)
        }

        func mode(_ path: String = "/d") throws -> String {
            String(try self.tree.status(path).inode.attributes.mode, radix: 8)
        }

        func kept(_ path: String = "/d") throws -> String {
            try self.tree.status(path).inode.attributes.acl.map(\.text).joined(separator: ",")
        }
    }

    @Test func `a named entry makes a mask of what it bounds, and the mode shows the mask`() throws {
        var listed = try Listed()
        try listed.merge("user:bob:rwx")
        #expect(try listed.kept() == "user:bob:rwx,group::r-x")
        #expect(try listed.mode() == "770")
        try listed.merge("group:guests:r--,user:carol:---")
        #expect(try listed.kept() == "user:bob:rwx,user:carol:---,group::r-x,group:guests:r--")
        // A mask that is given stays, until an entry changes without one.
        try listed.merge("mask::r--")
        #expect(try listed.mode() == "740")
        try listed.merge("user:carol:r--")
        #expect(try listed.mode() == "770")
    }

    @Test func `removing entries makes the mask anew, and the last one gives the group its own rights back`() throws {
        var listed = try Listed()
        try listed.merge("user:bob:rwx,group:guests:rw-")
        try listed.remove("user:bob")
        #expect(try listed.kept() == "group::r-x,group:guests:rw-")
        #expect(try listed.mode() == "770")
        try listed.remove("group:guests:")
        // A mask stays that was not asked to go.
        #expect(try listed.kept() == "group::r-x")
        #expect(try listed.mode() == "750")
        try listed.remove("mask:")
        #expect(try listed.kept() == "")
        #expect(try listed.mode() == "750")
    }

    @Test func `setting a list replaces the scope that it names alone`() throws {
        var listed = try Listed()
        try listed.merge("default:user:bob:r-x")
        #expect(
            try listed.kept()
                == "default:user::rwx,default:user:bob:r-x,default:group::r-x,default:mask::r-x,default:other::---"
        )
        try listed.replace("user::rw-,group::r--,other::r--,user:carol:r--")
        #expect(try listed.kept().hasPrefix("user:carol:r--,group::r--,default:user::rwx,default:user:bob:r-x"))
        #expect(try listed.mode() == "644")
        try listed.change(.removeDefaults)
        #expect(try listed.kept() == "user:carol:r--,group::r--")
        try listed.merge("group::rwx,mask::r--,default:group::r--")
        try listed.change(.removeAll)
        #expect(try listed.kept() == "")
        #expect(try listed.mode() == "674")
    }

    @Test(
        arguments: [
            ("user:bob:rwx", "replace", "Invalid ACL: the user, group and other entries are required. Path: /d"),
            ("mask:bob:rwx", "merge", "Invalid ACL: this entry type must not have a name: mask:bob:rwx. Path: /d"),
            (
                "user:bob:rwx,user:bob:r--", "merge",
                "Invalid ACL: multiple entries with same scope, type and name. Path: /d"
            ),
            ("user::", "remove", "Invalid ACL: the user, group and other entries are required. Path: /d"),
        ]
    )
    func `a list that cannot be is refused in HDFS's words`(spec: String, call: String, text: String) throws {
        var listed = try Listed()
        let refused = refusal {
            switch call {
            case "replace": try listed.replace(spec)
            case "merge": try listed.merge(spec)
            default: try listed.remove(spec)
            }
        }
        #expect(refused == .invalidAccessList(text))
        #expect(try listed.kept() == "" && listed.mode() == "750")
    }

    @Test func `a mask is needed while it bounds somebody, lists end at 32 entries, and files have no default`() throws
    {
        var listed = try Listed()
        try listed.merge("user:bob:rwx")
        #expect(
            refusal { try listed.remove("mask::") }
                == .invalidAccessList("Invalid ACL: mask is required and cannot be deleted. Path: /d")
        )
        let many = (0..<29).map { "user:u\($0):r--" }.joined(separator: ",")
        #expect(
            refusal { try listed.merge(many) }
                == .invalidAccessList("Invalid ACL: ACL has 34 access entries, which exceeds maximum of 32. Path: /d")
        )
        try listed.tree.write("/d/f", nil, by: Tree.alice)
        #expect(
            refusal { try listed.merge("default:user:bob:r--", at: "/d/f") }
                == .invalidAccessList("Invalid ACL: only directories may have a default ACL. Path: /d/f")
        )
        #expect(refusal { try listed.change(.removeAll, by: Tree.bob) } != nil)
    }

    @Test(arguments: [
        "", "user", "user:bob", "user:bob:rwz", "robot:bob:rwx", "user:bob:rwx,", "user:a:b:rwx", "user: :rwx",
    ])
    func `text that is no list is an illegal argument`(spec: String) {
        let refused = refusal { _ = try AccessEntry.list(spec, withPermissions: true) }
        guard case .illegalArgument(let text) = refused else {
            Issue.record("\(spec) was taken")
            return
        }
        #expect(text.hasPrefix("Invalid <aclSpec> : "))
    }

    @Test func `rights go by the owner, then the name, then any group, within the mask`() throws {
        var listed = try Listed(mode: 0o705)
        try listed.tree.write("/d/f", nil, mode: 0o640, by: Tree.alice)
        func may(_ access: Access, _ user: String, _ groups: [String] = []) throws -> Bool {
            let caller = Caller(user: user, groups: groups)
            return refusal { try listed.tree.namespace.checkAccess(StagingPath("/d/f"), access, by: caller) } == nil
        }
        try listed.merge("user:bob:rw-,group:guests:r--,group:writers:-w-,mask::rw-", at: "/d/f")
        try listed.merge("user:bob:--x,group:guests:--x,group:writers:--x,user:alice:---")
        #expect(try may([.read, .write], "alice"))
        #expect(try may([.read, .write], "bob"))
        // A name's entry ends the search, also when a group would allow more.
        try listed.merge("user:bob:---", at: "/d/f")
        #expect(try !may(.read, "bob", ["guests"]))
        #expect(try may(.read, "carol", ["guests"]) && !may(.write, "carol", ["guests"]))
        #expect(try may(.write, "carol", ["guests", "writers"]))
        // No two groups add up.
        #expect(try !may([.read, .write], "carol", ["guests", "writers"]))
        try listed.merge("mask::r--", at: "/d/f")
        #expect(try !may(.write, "carol", ["writers"]) && may([.read, .write], "alice"))
        // Who is in a group of the list is none of the others.
        try listed.merge("other::rw-", at: "/d/f")
        #expect(try !may(.write, "carol", ["guests"]) && may(.write, "dave", ["nowhere"]))
        let refused = refusal {
            try listed.tree.namespace.checkAccess(
                StagingPath("/d/f"),
                .write,
                by: Caller(user: "carol", groups: ["guests"])
            )
        }
        #expect(
            refused
                == .accessDenied(
                    #"Permission denied: user=carol, access=WRITE, inode="/d/f":alice:staff:-rw-rw-rw-+"#
                )
        )
    }

    @Test func `new entries inherit a folder's default list, bounded by the mode before the umask`() throws {
        var listed = try Listed()
        try listed.merge("default:user:bob:rwx,default:other::r-x")
        func create(_ path: String, mode: UInt16, unmasked: UInt16?) throws {
            let write = listed.tree.newWrite()
            let creation = FileCreation(overwrites: true, mode: mode, unmaskedMode: unmasked, replication: 1)
            let place = try StagingPath(path)
            try listed.tree.namespace.create(place, creation, as: write, by: Tree.alice, at: listed.tree.now)
            try listed.tree.namespace.finish(write, nil, at: listed.tree.now)
            listed.tree.store()
        }
        try create("/d/f", mode: 0o644, unmasked: 0o666)
        #expect(try listed.kept("/d/f") == "user:bob:rwx,group::r-x")
        #expect(try listed.mode("/d/f") == "664")
        try create("/d/g", mode: 0o600, unmasked: nil)
        #expect(try listed.mode("/d/g") == "600")
        try listed.tree.makeFolder("/d/sub/deep", by: Tree.alice)
        #expect(
            try listed.kept("/d/sub/deep").hasPrefix("user:bob:rwx,group::r-x,default:user::rwx,default:user:bob:rwx")
        )
        // Overwritten, a file gets what a new one would.
        try listed.change(.removeAll, at: "/d/f")
        try create("/d/f", mode: 0o644, unmasked: 0o666)
        #expect(try listed.kept("/d/f") == "user:bob:rwx,group::r-x")
        // Without named entries a default list bounds the group by the mode.
        try listed.replace("default:user::rwx,default:group::rwx,default:other::---")
        try create("/d/h", mode: 0o640, unmasked: nil)
        #expect(try listed.kept("/d/h") == "" && listed.mode("/d/h") == "640")
    }

    @Test func `a list survives a restart, and goes back with an overwriting that breaks off`() throws {
        var listed = try Listed()
        try listed.tree.write("/d/f", nil, by: Tree.alice)
        try listed.merge("user:bob:r--", at: "/d/f")
        let write = try listed.tree.begin("/d/f", overwrites: true, by: Tree.alice)
        #expect(try listed.kept("/d/f") == "")
        listed.tree.namespace.abandon(write, prefix: nil, at: listed.tree.now)
        listed.tree.store()
        #expect(try listed.kept("/d/f") == "user:bob:r--,group::r--")
        let again = try listed.tree.restarted()
        #expect(try again.status(StagingPath("/d/f"), by: Tree.root).inode.attributes.acl.count == 2)
    }
}
