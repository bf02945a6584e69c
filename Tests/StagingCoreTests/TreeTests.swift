import ClusterModel
import Testing

@testable import StagingCore

@Suite struct TreeTests {
    @Test(arguments: ["", "a", "/a/../b", "/a/./b", "/..", "/a:b", "/a\0b"])
    func `what HDFS takes for no path is refused`(text: String) {
        #expect(throws: StagingRefusal.self) { try StagingPath(text) }
    }

    @Test func `two spellings of one letter are two names, in the order of their bytes`() throws {
        var tree = Tree()
        try tree.write("/d/\u{E9}", nil)
        try tree.write("/d/e\u{301}", nil)
        try tree.write("/d/Z", nil)
        #expect(try tree.names("/d").map { Array($0.utf8) } == ["Z", "e\u{301}", "\u{E9}"].map { Array($0.utf8) })
    }

    @Test func `listing goes on behind a name, also one that is gone`() throws {
        var tree = Tree()
        for index in 0..<10 { try tree.write("/d/f\(index)", nil) }
        _ = try tree.delete("/d/f4")
        let (entries, remaining) = try tree.namespace.list(StagingPath("/d"), after: "f4", limit: 3, by: Tree.root)
        #expect(entries.map { $0.inode.name?.description } == ["f5", "f6", "f7"])
        #expect(remaining == 2)
    }

    @Test func `permissions are those of owner, group and others, and the way must be searchable`() throws {
        var tree = Tree()
        try tree.makeFolder("/home", mode: 0o777)
        try tree.makeFolder("/home/private", mode: 0o700, by: Tree.alice)
        try tree.write("/home/private/f", Tree.content(1), by: Tree.alice)
        let refused = refusal { _ = try tree.content("/home/private/f", by: Tree.bob) }
        #expect(
            refused
                == .accessDenied(
                    "Permission denied: user=bob, access=EXECUTE, inode=\"/home/private\":alice:supergroup:drwx------"
                )
        )
        #expect(throws: StagingRefusal.self) { try tree.write("/home/private/g", nil, by: Tree.bob) }
        #expect(throws: StagingRefusal.self) { _ = try tree.delete("/home/private", by: Tree.bob) }
        #expect(throws: StagingRefusal.self) {
            try tree.namespace.setMode(StagingPath("/home/private"), 0o777, by: Tree.bob)
        }
        #expect(throws: StagingRefusal.self) {
            try tree.namespace.setOwner(StagingPath("/home/private/f"), owner: "bob", group: nil, by: Tree.alice)
        }
        try tree.namespace.setOwner(StagingPath("/home/private/f"), owner: nil, group: "staff", by: Tree.alice)
        #expect(try tree.content("/home/private/f", by: Tree.root) == [Tree.content(1)])
    }

    @Test func `in a sticky folder only owners remove`() throws {
        var tree = Tree()
        try tree.write("/tmp/f", nil, by: Tree.alice)
        #expect(throws: StagingRefusal.self) { _ = try tree.delete("/tmp/f", by: Tree.bob) }
        #expect(throws: StagingRefusal.self) { _ = try tree.rename("/tmp/f", "/tmp/g", by: Tree.bob) }
        #expect(try tree.delete("/tmp/f", by: Tree.alice))
    }

    @Test func `everybody's own home makes itself, nobody else's does`() throws {
        var tree = Tree()
        try tree.write("/user/alice/.sparkStaging/a/f", nil, by: Tree.alice)
        #expect(try tree.status("/user/alice").inode.attributes.owner == "alice")
        #expect(throws: StagingRefusal.self) { try tree.makeFolder("/user/carol", by: Tree.alice) }
        #expect(throws: StagingRefusal.self) { try tree.makeFolder("/elsewhere", by: Tree.alice) }
    }

    @Test func `a rename without options says no, one with options says why`() throws {
        var tree = Tree()
        try tree.write("/a/f", Tree.content(1))
        try tree.makeFolder("/b")
        #expect(try !tree.rename("/missing", "/b/x"))
        #expect(try !tree.rename("/a", "/a/below"))
        #expect(try !tree.rename("/a/f", "/nowhere/f"))
        #expect(try tree.rename("/a/f", "/b"))
        #expect(try tree.names("/b") == ["f"])
        try tree.write("/b/g", Tree.content(2))
        #expect(try !tree.rename("/b/f", "/b/g"))
        let (f, g) = (try StagingPath("/b/f"), try StagingPath("/b/g"))
        #expect(throws: StagingRefusal.fileExists("rename destination /b/g already exists")) {
            try tree.namespace.rename(f, replacing: g, overwrites: false, by: Tree.root, at: tree.now)
        }
        try tree.namespace.rename(f, replacing: g, overwrites: true, by: Tree.root, at: tree.now)
        tree.store()
        #expect(try tree.content("/b/g") == [Tree.content(1)])
        #expect(try tree.removed == [Tree.content(2).hash])
        #expect(throws: StagingRefusal.self) {
            try tree.namespace.rename(
                StagingPath("/b"),
                replacing: StagingPath("/b/c"),
                overwrites: true,
                by: Tree.root,
                at: tree.now
            )
        }
    }

    @Test func `removing a folder that holds something needs to be asked for`() throws {
        var tree = Tree()
        try tree.write("/d/f", nil)
        #expect(throws: StagingRefusal.directoryNotEmpty(try StagingPath("/d"))) {
            _ = try tree.delete("/d", recursive: false)
        }
        #expect(try tree.delete("/d"))
        #expect(try !tree.delete("/d"))
        #expect(try !tree.delete("/"))
    }

    @Test func `a file in the way means that nothing is there`() throws {
        var tree = Tree()
        try tree.write("/f", nil)
        #expect(throws: StagingRefusal.fileNotFound("File does not exist: /f/below")) { try tree.status("/f/below") }
        guard case .parentNotDirectory = refusal({ try tree.write("/f/below", nil) }) else {
            Issue.record("a file became a folder")
            return
        }
    }

    @Test func `quotas hold for writers, folders, renames and replication`() throws {
        var tree = Tree()
        try tree.makeFolder("/q")
        try tree.namespace.setQuota(StagingPath("/q"), Quota(names: 4, space: 25), by: Tree.root)
        try tree.write("/q/a", Tree.content(1))
        try tree.write("/q/b", Tree.content(2))
        guard case .spaceQuotaExceeded = refusal({ try tree.write("/q/c", Tree.content(3)) }) else {
            Issue.record("more bytes than the quota")
            return
        }
        try tree.write("/q/c", Tree.content(3, length: 5))
        guard case .namespaceQuotaExceeded = refusal({ try tree.makeFolder("/q/d") }) else {
            Issue.record("more names than the quota")
            return
        }
        try tree.write("/outside", nil)
        #expect(throws: StagingRefusal.self) { _ = try tree.rename("/outside", "/q/outside") }
        #expect(throws: StagingRefusal.self) {
            _ = try tree.namespace.setReplication(StagingPath("/q/a"), 2, by: Tree.root)
        }
        // Within the folder nothing grows.
        #expect(try tree.rename("/q/a", "/q/e"))
        #expect(throws: StagingRefusal.self) {
            try tree.namespace.setQuota(StagingPath("/q"), Quota(), by: Tree.alice)
        }
    }

    @Test func `what an application left in a staging folder goes when nobody has used it for long`() throws {
        var tree = Tree { $0.abandonedAfter = 1_000 }
        try tree.write("/user/alice/.sparkStaging/application_1_1/a.jar", Tree.content(1), by: Tree.alice)
        try tree.write("/user/alice/.sparkStaging/application_1_2/a.jar", Tree.content(1), by: Tree.alice)
        try tree.write("/user/alice/kept", Tree.content(1), by: Tree.alice)
        tree.now = tree.now.adding(milliseconds: 600)
        try tree.write("/user/alice/.sparkStaging/application_1_2/b.jar", Tree.content(2), by: Tree.alice)
        tree.now = tree.now.adding(milliseconds: 600)
        let removed = tree.namespace.removeAbandoned(at: tree.now)
        tree.store()
        #expect(removed.map(\.description) == ["/user/alice/.sparkStaging/application_1_1"])
        #expect(tree.exists("/user/alice/.sparkStaging/application_1_2/a.jar"))
        #expect(tree.exists("/user/alice/kept"))
    }

    /// Times of reading are noted once an hour only, which must not be longer than an application is left alone.
    @Test func `what an application still reads stays`() throws {
        var tree = Tree { $0.abandonedAfter = 1_000 }
        try tree.write("/user/alice/.sparkStaging/application_1_1/a.jar", Tree.content(1), by: Tree.alice)
        for _ in 0..<4 {
            tree.now = tree.now.adding(milliseconds: 600)
            let path = try StagingPath("/user/alice/.sparkStaging/application_1_1/a.jar")
            _ = try tree.namespace.open(path, by: Tree.alice, at: tree.now)
            tree.store()
            #expect(tree.namespace.removeAbandoned(at: tree.now).isEmpty)
        }
        tree.now = tree.now.adding(milliseconds: 1_000)
        #expect(tree.namespace.removeAbandoned(at: tree.now).count == 1)
    }

    @Test func `attributes have namespaces, flags and limits`() throws {
        var tree = Tree { $0.extendedAttributesMaximum = 2 }
        try tree.makeFolder("/open", mode: 0o777)
        try tree.write("/open/f", nil, by: Tree.alice)
        let path = try StagingPath("/open/f")
        func set(_ name: String, _ flags: Namespace.AttributeFlags, _ value: [UInt8] = [1]) throws {
            try tree.namespace.setAttribute(path, ExtendedAttribute(name: name, value: value), flags, by: Tree.alice)
        }
        try set("USER.b", .create)
        try set("user.a", .create)
        #expect(try tree.namespace.attributes(path, named: [], by: Tree.alice).map(\.name) == ["user.a", "user.b"])
        #expect(throws: StagingRefusal.self) { try set("user.a", .create) }
        try set("user.a", [.create, .replace], [2])
        #expect(throws: StagingRefusal.self) { try set("user.c", .replace) }
        #expect(throws: StagingRefusal.self) { try set("user.c", .create) }
        #expect(throws: StagingRefusal.self) { try set("user.a", .replace, Array(repeating: 0, count: 20_000)) }
        #expect(throws: StagingRefusal.self) { try set("plain", .create) }
        #expect(throws: StagingRefusal.self) { try set("trusted.a", .create) }
        #expect(throws: StagingRefusal.self) { try tree.namespace.attributes(path, named: ["user.z"], by: Tree.alice) }
        try tree.namespace.removeAttribute(path, "user.a", by: Tree.alice)
        #expect(throws: StagingRefusal.self) { try tree.namespace.removeAttribute(path, "user.a", by: Tree.alice) }
    }
}
