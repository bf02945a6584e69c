import ClusterModel
import Testing

@testable import StagingCore

@Suite struct WritingTests {
    @Test func `a name exists from the first step, with its length and mode, and a second writer is refused`() throws {
        var tree = Tree()
        let write = try tree.begin("/logs/a.inprogress", mode: 0o640)
        try tree.namespace.received(write, total: 7)
        #expect(try tree.status("/logs/a.inprogress").length == 7)
        try tree.namespace.setMode(StagingPath("/logs/a.inprogress"), 0o660, by: Tree.root)
        for overwrites in [false, true] {
            let refused = refusal { _ = try tree.begin("/logs/a.inprogress", overwrites: overwrites) }
            guard case .alreadyBeingWritten = refused else {
                Issue.record("\(String(describing: refused))")
                return
            }
        }
        try tree.namespace.finish(write, Tree.content(1, length: 7), at: tree.now)
        tree.store()
        let status = try tree.status("/logs/a.inprogress")
        #expect(status.inode.attributes.mode == 0o660)
        #expect(status.inode.file?.writing == nil)
    }

    /// Its answer may have been lost: to anybody else the name is taken for as long as a second step has.
    @Test func `who repeats a first step begins anew, whatever became of the last`() throws {
        var tree = Tree()
        try tree.write("/old", Tree.content(1), mode: 0o600)
        for path in ["/new", "/old"] {
            func first(_ writer: String?, by caller: Caller = Tree.root) throws -> WriteID {
                defer { tree.store() }
                let write = tree.newWrite()
                let creation = FileCreation(overwrites: true, replication: 1)
                let path = try StagingPath(path)
                try tree.namespace.create(path, creation, as: write, writer: writer, by: caller, at: tree.now)
                return write
            }
            let lost = try first("a")
            #expect(throws: StagingRefusal.self) { try first("b") }
            #expect(throws: StagingRefusal.self) { try first(nil) }
            #expect(throws: StagingRefusal.self) { try first("a", by: Caller(user: "carol", isSuperuser: true)) }
            let again = try first("a")
            // What was lost is worth nothing any more.
            #expect(throws: StagingRefusal.self) {
                try tree.namespace.begin(lost, at: StagingPath(path), by: Tree.root)
            }
            try tree.namespace.begin(again, at: StagingPath(path), by: Tree.root)
            #expect(throws: StagingRefusal.self) { try first("b") }
            try tree.namespace.received(again, total: 3)
            let last = try first("a")
            // Its bytes come too late, wherever they stayed.
            #expect(throws: StagingRefusal.self) { try tree.namespace.received(again, total: 5) }
            #expect(throws: StagingRefusal.self) {
                try tree.namespace.finish(again, Tree.content(3), at: tree.now)
            }
            #expect(!tree.namespace.keepsPrefix(of: again))
            try tree.namespace.begin(last, at: StagingPath(path), by: Tree.root)
            try tree.namespace.finish(last, Tree.content(2), at: tree.now)
            tree.store()
            #expect(try tree.content(path) == [Tree.content(2)])
            #expect(try tree.status(path).inode.attributes.mode == 0o644)
        }
        let left = try tree.restarted()
        #expect(left.openWrites.isEmpty)
    }

    /// In one step, with no time in which the file is there and open.
    @Test func `bytes that are all there make a file, or leave everything as it was`() throws {
        var tree = Tree()
        try tree.write("/old", Tree.content(1), mode: 0o600)
        func store(_ path: String, _ purpose: WriteRequest.Purpose, _ content: Segment?) throws {
            defer { tree.store() }
            let path = try StagingPath(path)
            let request = WriteRequest(path: path, purpose: purpose, write: tree.newWrite(), caller: Tree.root)
            try tree.namespace.store(request, content, at: tree.now)
        }
        let creation = FileCreation(overwrites: true, replication: 1)
        try tree.namespace.setQuota(.root, Quota(space: 25), by: Tree.root)
        for path in ["/new", "/old"] {
            #expect(throws: StagingRefusal.self) { try store(path, .create(creation), Tree.content(2, length: 26)) }
        }
        #expect(throws: StagingRefusal.self) { try store("/old", .append, Tree.content(2, length: 26)) }
        #expect(throws: StagingRefusal.self) { try tree.status("/new") }
        #expect(try tree.content("/old") == [Tree.content(1)])
        #expect(try tree.status("/old").inode.attributes.mode == 0o600)
        #expect(tree.namespace.openWrites.isEmpty)
        try store("/new", .create(creation), nil)
        try store("/old", .append, Tree.content(2, length: 3))
        #expect(try tree.content("/new").isEmpty)
        #expect(try tree.content("/old") == [Tree.content(1), Tree.content(2, length: 3)])
        #expect(try tree.status("/old").inode.file?.writing == nil)
        let left = try tree.restarted()
        #expect(left.openWrites.isEmpty)
    }

    @Test func `readers of a file that is overwritten get the old content until the new one is complete`() throws {
        var tree = Tree()
        try tree.write("/f", Tree.content(1))
        let write = try tree.begin("/f", overwrites: true)
        try tree.namespace.received(write, total: 3)
        #expect(try tree.content("/f") == [Tree.content(1)])
        #expect(try tree.status("/f").length == 10)
        try tree.namespace.finish(write, Tree.content(2, length: 3), at: tree.now)
        tree.store()
        #expect(try tree.content("/f") == [Tree.content(2, length: 3)])
        #expect(try tree.removed == [Tree.content(1).hash])
    }

    @Test func `the old owner's mode guards old content while somebody overwrites it, and comes back`() throws {
        var tree = Tree()
        try tree.makeFolder("/shared", mode: 0o777)
        // Others may write it, but not read.
        try tree.write("/shared/f", Tree.content(1), mode: 0o602, by: Tree.alice)
        let write = try tree.begin("/shared/f", overwrites: true, by: Tree.bob)
        #expect(throws: StagingRefusal.self) { try tree.content("/shared/f", by: Tree.bob) }
        tree.namespace.abandon(write, prefix: nil, at: tree.now)
        tree.store()
        #expect(try tree.status("/shared/f").inode.attributes.owner == "alice")
        #expect(try tree.status("/shared/f").inode.attributes.mode == 0o602)
        #expect(try tree.content("/shared/f", by: Tree.alice) == [Tree.content(1)])
    }

    @Test func `a stream that breaks keeps its prefix, but leaves nothing in a staging folder`() throws {
        var tree = Tree()
        for (path, isKept) in [("/events/log", true), ("/user/alice/.sparkStaging/application_1_1/a.jar", false)] {
            let write = try tree.begin(path)
            try tree.namespace.received(write, total: 10)
            #expect(tree.namespace.keepsPrefix(of: write) == isKept)
            tree.namespace.abandon(write, prefix: isKept ? try Tree.content(1) : nil, at: tree.now)
            tree.store()
            #expect(tree.exists(path) == isKept)
        }
        #expect(try tree.content("/events/log") == [Tree.content(1)])
    }

    @Test func `a first step without a second leaves nothing after its time`() throws {
        var tree = Tree()
        let write = tree.newWrite()
        try tree.namespace.create(
            StagingPath("/never"),
            FileCreation(overwrites: false),
            as: write,
            by: Tree.root,
            at: tree.now
        )
        tree.store()
        _ = tree.namespace.beginCleaning(at: tree.now)
        tree.store()
        #expect(tree.exists("/never"))
        tree.now = tree.now.adding(milliseconds: tree.namespace.settings.beginWithin)
        _ = tree.namespace.beginCleaning(at: tree.now)
        tree.store()
        #expect(!tree.exists("/never"))
    }

    @Test func `the second step belongs to the caller and the path of the first, once`() throws {
        var tree = Tree()
        try tree.makeFolder("/open", mode: 0o777)
        let write = tree.newWrite()
        let path = try StagingPath("/open/f")
        try tree.namespace.create(path, FileCreation(overwrites: false), as: write, by: Tree.alice, at: tree.now)
        #expect(throws: StagingRefusal.self) { try tree.namespace.begin(write, at: path, by: Tree.bob) }
        #expect(throws: StagingRefusal.self) {
            try tree.namespace.begin(write, at: StagingPath("/open/g"), by: Tree.alice)
        }
        try tree.namespace.begin(write, at: path, by: Tree.alice)
        #expect(throws: StagingRefusal.self) { try tree.namespace.begin(write, at: path, by: Tree.alice) }
    }

    @Test func `a file that is removed under its writer stays removed`() throws {
        var tree = Tree()
        let write = try tree.begin("/d/f")
        #expect(try tree.delete("/d"))
        #expect(throws: StagingRefusal.self) { try tree.namespace.received(write, total: 1) }
        #expect(throws: StagingRefusal.self) { try tree.namespace.finish(write, nil, at: tree.now) }
        tree.namespace.abandon(write, prefix: nil, at: tree.now)
        #expect(!tree.exists("/d"))
    }

    @Test func `appending, joining and cutting rearrange pieces of content`() throws {
        var tree = Tree()
        try tree.write("/d/a", Tree.content(1))
        let write = try tree.append("/d/a")
        try tree.namespace.received(write, total: 4)
        #expect(try tree.status("/d/a").length == 14)
        try tree.namespace.finish(write, Tree.content(2, length: 4), at: tree.now)
        tree.store()
        try tree.write("/d/b", Tree.content(3))
        try tree.namespace.concatenate(StagingPath("/d/a"), [StagingPath("/d/b")], by: Tree.root, at: tree.now)
        tree.store()
        #expect(try tree.content("/d/a") == [Tree.content(1), Tree.content(2, length: 4), Tree.content(3)])
        #expect(!tree.exists("/d/b"))
        #expect(tree.removed.isEmpty)
        _ = try tree.namespace.truncate(StagingPath("/d/a"), to: 12, by: Tree.root, at: tree.now)
        tree.store()
        #expect(try tree.content("/d/a") == [Tree.content(1), Tree.content(2, length: 2)])
        #expect(try tree.removed == [Tree.content(3).hash])
    }

    @Test func `the same content is there until its last file and its last reader are gone`() throws {
        var tree = Tree()
        try tree.write("/a", Tree.content(1))
        try tree.write("/b", Tree.content(1))
        let plan = try tree.namespace.open(StagingPath("/a"), by: Tree.root, at: tree.now)
        _ = try tree.delete("/a")
        _ = try tree.delete("/b")
        #expect(tree.removed.isEmpty)
        #expect(try tree.namespace.release(plan.segments.map(\.hash)) == [Tree.content(1).hash])
    }

    @Test func `content that comes back before its removal is stored stays`() throws {
        var tree = Tree()
        try tree.write("/a", Tree.content(1))
        _ = try tree.namespace.delete(StagingPath("/a"), recursive: false, by: Tree.root, at: tree.now)
        let first = tree.namespace.takeStep().dropped
        try tree.write("/b", Tree.content(1))
        _ = try tree.namespace.delete(StagingPath("/b"), recursive: false, by: Tree.root, at: tree.now)
        let second = tree.namespace.takeStep().dropped
        // The store still names it until the second step is written too.
        #expect(tree.namespace.release(first).isEmpty)
        #expect(try tree.namespace.release(second) == [Tree.content(1).hash])
    }

    @Test func `after a restart every stream is there to be ended, and its prefix is judged as before`() throws {
        var tree = Tree()
        _ = try tree.begin("/events/log")
        _ = try tree.begin("/user/alice/.sparkStaging/application_1_1/a.jar")
        var namespace = try tree.restarted()
        let writes = namespace.openWrites
        #expect(writes.map { namespace.keepsPrefix(of: $0) } == [true, false])
        namespace.abandon(writes[0], prefix: try Tree.content(1), at: tree.now)
        namespace.abandon(writes[1], prefix: nil, at: tree.now)
        #expect(try namespace.status(StagingPath("/events/log"), by: Tree.root).length == 10)
        #expect(throws: StagingRefusal.self) {
            try namespace.status(StagingPath("/user/alice/.sparkStaging/application_1_1/a.jar"), by: Tree.root)
        }
    }
}
