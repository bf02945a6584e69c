import ClusterModel
import Glibc
import HadoopProtos
import NodeManagerCore
import Staging
import TestSupport
import Testing

@testable import NodeManager

/// Whose rights containers have. Only root can give them to others, so elsewhere there is only one answer.
@Suite(.timeLimit(.minutes(3)), .enabled(if: geteuid() == 0, "only root can run containers as somebody else"))
struct ContainerAccountTests {
    private static let switching = ["heddle.security.run-containers-as-root": "false"]

    @Test func `a NodeManager of root runs containers as their submitter, who sees and owns only their own`()
        async throws
    {
        try await withNode(Self.switching) { node in
            // The test's own folder is closed to others.
            #expect(unsafe chmod(node.folder, 0o755) == 0)
            let script = """
                id -un > <LOG_DIR>/who; stat -c '%U %a' . container_tokens tmp <LOG_DIR> > <LOG_DIR>/owners; \
                ls \(node.folder)/local/nmPrivate > <LOG_DIR>/private 2>&1; kill -9 \(getpid()) 2> <LOG_DIR>/kill; true
                """
            let answer = try await node.start([node.request(1, [script], user: "nobody")])
            #expect(answer.failedRequests.isEmpty)
            let status = try await node.end(of: 1)
            #expect(status.exitStatus == 0, "\(status.diagnostics)")
            #expect(node.log(1, "who") == "nobody\n")
            #expect(node.log(1, "owners") == "nobody 710\nnobody 600\nnobody 710\nnobody 710\n")
            #expect(node.log(1, "private")?.contains("Permission denied") == true)
            #expect(node.log(1, "kill")?.contains("not permitted") == true)
        }
    }

    @Test func `resources are read with the rights of who submitted, and belong to no other`() async throws {
        try await withNode(Self.switching) { node in
            #expect(unsafe chmod(node.folder, 0o755) == 0)
            let nobody = try #require(try OperatingSystemAccount.named("nobody"))
            for (name, owner) in [("own", nobody.user), ("secret", 0)] as [(String, UInt32)] {
                try ContainerFixture.write(name, to: "\(node.folder)/\(name)")
                #expect(unsafe chown("\(node.folder)/\(name)", owner, owner) == 0)
                #expect(unsafe chmod("\(node.folder)/\(name)", 0o600) == 0)
            }
            let own = StringLocalResourceMapProto.named("input", .file("\(node.folder)/own"))
            let command = "cat input > <LOG_DIR>/out; stat -L -c '%U %a' input >> <LOG_DIR>/out"
            try await node.start([node.request(1, [command], resources: [own], user: "nobody")])
            #expect(try await node.end(of: 1).exitStatus == 0)
            #expect(node.log(1, "out") == "ownnobody 500\n")
            let secret = StringLocalResourceMapProto.named("input", .file("\(node.folder)/secret"))
            try await node.start([node.request(2, ["true"], resources: [secret], user: "nobody")])
            let refused = try await node.end(of: 2)
            #expect(refused.diagnostics.contains("/secret cannot be opened as user nobody: Permission denied"))
            let cache = "\(node.folder)/local/usercache/nobody/filecache"
            try await eventually { directoryEntries(cache) == ["1"] }
        }
    }

    @Test(arguments: [("root", "User root is root"), ("no-such-user", "This node has no user no-such-user")])
    func `root and strangers are refused, with the setting that allows them`(user: String, text: String) async throws {
        try await withNode(Self.switching) { node in
            try await node.start([node.request(1, ["touch \(node.folder)/ran"], user: user)])
            let status = try await node.end(of: 1)
            #expect(status.exitStatus == ContainerExitStatus.invalid.code)
            #expect(status.diagnostics.contains(text))
            #expect(status.diagnostics.contains("heddle.security.run-containers-as-root"))
            #expect(unsafe access("\(node.folder)/ran", F_OK) != 0)
        }
    }

    @Test func `a folder on the way that is closed to other users is found`() throws {
        let folder = try ContainerFixture.makeFolder()
        defer { ContainerFixture.remove(folder) }
        for path in ["/a", "/a/b", "/a/b/local"] { #expect(unsafe mkdir(folder + path, 0o755) == 0) }
        #expect(unsafe chmod(folder, 0o755) == 0)
        #expect(FolderReach.closedFolder(onTheWayTo: folder + "/a/b/local") == nil)
        #expect(unsafe chmod(folder + "/a", 0o700) == 0)
        #expect(FolderReach.closedFolder(onTheWayTo: folder + "/a/b/local") == folder + "/a")
        #expect(FolderReach.closedFolder(onTheWayTo: folder + "/missing/local") == nil)
    }

    @Test func `a user's links lead the NodeManager nowhere`() async throws {
        try await withNode(Self.switching) { node in
            #expect(unsafe chmod(node.folder, 0o755) == 0)
            let secret = "\(node.folder)/secret"
            try ContainerFixture.write("for root only\n", to: secret)
            #expect(unsafe chmod(secret, 0o600) == 0)
            let victim = "\(node.folder)/victim"
            _ = unsafe mkdir(victim, 0o700)
            try ContainerFixture.write("x", to: "\(victim)/kept")
            let script = "ln -s \(secret) <LOG_DIR>/stderr; ln -s \(victim) link; exit 1"
            try await node.start([node.request(1, [script], user: "nobody")])
            let status = try await node.end(of: 1)
            #expect(status.exitStatus == 1)
            #expect(!status.diagnostics.contains("for root only"))
            let work = "\(node.folder)/local/usercache/nobody/appcache/\(TestNode.application)/\(TestNode.container(1))"
            try await eventually { unsafe access(work, F_OK) != 0 }
            #expect(ContainerFixture.read("\(victim)/kept") == "x")
        }
    }
}
