import ClusterModel
import Foundation
import Glibc
import HadoopProtos
import HadoopRPC
import HadoopWire
import ModelConversion
import NodeManagerCore
import TestSupport
import Testing

@testable import NodeManager

/// Real containers on a real NodeManager, started over its port and reported to its ResourceManager.
@Suite(.timeLimit(.minutes(3))) struct ContainerLaunchTests {
    @Test func `a container runs in Hadoop's folders and environment and its end is reported`() async throws {
        try await withNode { node in
            let script = """
                env > <LOG_DIR>/env; pwd > <LOG_DIR>/pwd; ls -a > <LOG_DIR>/files; stat -c %a . container_tokens tmp > \
                <LOG_DIR>/modes; echo out; echo err >&2; echo $SECOND > <LOG_DIR>/second 1> <LOG_DIR>/stdout 2> \
                <LOG_DIR>/stderr
                """
            let status = try await node.run(
                1,
                script,
                environment: ["SECOND": "$THIRD-2", "THIRD": "3<CPS>{{HOME}}", "PWD": "/nowhere"]
            )
            #expect(status.exitStatus == 0)
            #expect(status.diagnostics.isEmpty)
            let environment = try #require(node.log(1, "env"))
            let work = node.workDirectory(1)
            let id = node.daemon.node.id
            for line in [
                "CONTAINER_ID=\(TestNode.container(1))", "NM_HOST=\(id.host)", "NM_PORT=\(id.port)",
                "NM_HTTP_PORT=\(node.daemon.node.httpPort)", "USER=root", "LOGNAME=root", "HOME=/home/", "PWD=\(work)",
                "LOCAL_DIRS=\(node.folder)/local/usercache/root/appcache/\(TestNode.application)",
                "LOCAL_USER_DIRS=\(node.folder)/local/usercache/root/", "LOG_DIRS=\(node.logDirectory(1))",
                "HADOOP_TOKEN_FILE_LOCATION=\(work)/container_tokens", "THIRD=3:/home/", "SECOND=3:/home/-2",
                "MALLOC_ARENA_MAX=",
            ] {
                #expect(environment.contains("\(line)\n"), "\(line)")
            }
            #expect(node.log(1, "pwd") == "\(work)\n")
            let files = try #require(node.log(1, "files"))
            for name in ["container_tokens", "launch_container.sh", "tmp"] { #expect(files.contains("\(name)\n")) }
            #expect(node.log(1, "modes") == "710\n600\n710\n")
            #expect(node.log(1, "launch_container.sh")?.hasPrefix("#!/bin/bash\n\nset -o pipefail -e\n") == true)
            #expect(node.log(1, "directory.info")?.contains("container_tokens\n") == true)
        }
    }

    @Test(arguments: [(0, "exit 0"), (1, "exit 1"), (42, "exit 42"), (127, "/no/such/program"), (143, "kill -TERM $$")])
    func `exit codes are the process's own`(code: Int, script: String) async throws {
        try await withNode { node in
            // The command stands between double quotes in the script, as Hadoop's does.
            let status = try await node.run(1, script.replacing("$$", with: "\\$\\$"))
            #expect(status.exitStatus == Int32(code))
            #expect(status.diagnostics.isEmpty == (code == 0))
        }
    }

    @Test func `a failure's diagnostics hold the end of stderr`() async throws {
        try await withNode { node in
            let status = try await node.run(1, "echo 'it is broken' 2>&1 1>&2 2> <LOG_DIR>/stderr >&2; exit 3")
            #expect(status.exitStatus == 3)
            #expect(status.diagnostics.contains("Exit code: 3"))
            #expect(status.diagnostics.contains("Last 4096 bytes of stderr :\nit is broken"))
        }
    }

    @Test func `a missing program is named`() async throws {
        try await withNode { node in
            let status = try await node.run(1, "/no/such/program 1>/dev/null")
            #expect(status.exitStatus == 127)
            #expect(status.diagnostics.contains("/no/such/program"))
        }
    }

    @Test func `a stop that TERM does not end is ended by KILL`() async throws {
        try await withNode { node in
            let script = "trap '' TERM; echo \\$\\$ > <LOG_DIR>/ready; while true; do sleep 0.05; done"
            try await node.start([node.request(1, [script])])
            try await eventually { number(in: "\(node.logDirectory(1))/ready") != nil }
            let process = try #require(number(in: "\(node.logDirectory(1))/ready"))
            let answer = try await node.stopContainers([1])
            #expect(answer.succeededRequests == [TestNode.container(1).proto])
            let status = try await node.end(of: 1)
            #expect(status.exitStatus == ContainerExitStatus.killedByApplicationMaster.code)
            #expect(status.diagnostics.contains("Container killed by the ApplicationMaster."))
            #expect(!isAlive(process))
        }
    }

    @Test func `children that left the session end with the container`() async throws {
        try await withNode { node in
            let script = """
                (setsid bash -c 'sleep 1000 & echo \\$! > <LOG_DIR>/child; wait' &) ; \
                until [ -s <LOG_DIR>/child ]; do sleep 0.01; done
                """
            let status = try await node.run(1, script)
            #expect(status.exitStatus == 0)
            let child = try #require(number(in: "\(node.logDirectory(1))/child"))
            #expect(!isAlive(child))
        }
    }

    @Test func `too much memory ends a container with a text that Spark understands`() async throws {
        try await withNode { node in
            let script = "python3 -c 'import time; data = bytearray(200 << 20); time.sleep(100)'"
            try await node.start([node.request(1, [script], memoryMiB: 64)])
            let status = try await node.end(of: 1)
            #expect(status.exitStatus == ContainerExitStatus.killedExceededPhysicalMemory.code)
            let text = status.diagnostics
            #expect(text.contains("beyond the 'PHYSICAL' memory limit. Current usage: "))
            #expect(text.firstMatch(of: /[0-9.]+ [KMG]B of [0-9.]+ [KMG]B physical memory used/) != nil)
            #expect(text.contains("|- PID PPID PGRPID SESSID CMD_NAME"))
            #expect(text.contains("bytearray"))
            #expect(text.contains("Ask for containers of at least "))
        }
    }

    @Test func `work folders go with the container, the application's folders with it, logs stay`() async throws {
        try await withNode { node in
            _ = try await node.run(1, "mkdir -p a/b/c; touch a/b/c/d; chmod 000 a/b; exit 0")
            try await eventually { unsafe access(node.workDirectory(1), F_OK) != 0 }
            node.resourceManager.order { $0.applicationsToCleanup = [TestNode.application.proto] }
            let folder = "\(node.folder)/local/usercache/root/appcache/\(TestNode.application)"
            try await eventually { unsafe access(folder, F_OK) != 0 }
            try await eventually { directoryEntries("\(node.folder)/local/nmPrivate").isEmpty }
            #expect(node.log(1, "prelaunch.out") != nil)
            #expect(node.daemon.snapshot.application(TestNode.application)?.state == .finished)
        }
    }

    @Test func `logs go after the retention`() async throws {
        try await withNode(["yarn.nodemanager.log.retain-seconds": "0"]) { node in
            _ = try await node.run(1, "exit 0")
            node.resourceManager.order { $0.applicationsToCleanup = [TestNode.application.proto] }
            try await eventually { directoryEntries("\(node.folder)/logs").isEmpty }
        }
    }

    @Test func `an application's end ends its containers`() async throws {
        try await withNode { node in
            try await node.start([node.request(1, ["sleep 1000"]), node.request(2, ["sleep 1000"])])
            try await eventually { node.daemon.snapshot.containers.map(\.state) == [.running, .running] }
            node.resourceManager.order { $0.applicationsToCleanup = [TestNode.application.proto] }
            for number in [Int64(1), 2] {
                let status = try await node.end(of: number)
                #expect(status.exitStatus == ContainerExitStatus.killedAfterApplicationCompletion.code)
            }
        }
    }

    @Test func `resources are localized once and linked by their names`() async throws {
        try await withNode { node in
            let source = "\(node.folder)/input.txt"
            try ContainerFixture.write("hello\n", to: source)
            var resource = LocalResourceProto()
            resource.resource.scheme = "file"
            resource.resource.port = -1
            resource.resource.file = source
            resource.size = 6
            resource.timestamp = Self.modificationTime(of: source)
            resource.type = .file
            resource.visibility = .private
            var entry = StringLocalResourceMapProto()
            entry.key = "deep/name.txt"
            entry.value = resource
            let script = "cat deep/name.txt > <LOG_DIR>/copy; readlink deep/name.txt > <LOG_DIR>/link"
            try await node.start([
                node.request(1, [script], resources: [entry]), node.request(2, [script], resources: [entry]),
            ])
            for number in [Int64(1), 2] {
                #expect(try await node.end(of: number).exitStatus == 0)
                #expect(node.log(number, "copy") == "hello\n")
            }
            #expect(node.log(1, "link") == node.log(2, "link"))
            #expect(node.log(1, "link") == "\(node.folder)/local/usercache/root/filecache/1/input.txt\n")

            entry.value.timestamp += 1
            try await node.start([node.request(3, [script], resources: [entry])])
            let status = try await node.end(of: 3)
            #expect(status.exitStatus == ContainerExitStatus.invalid.code)
            #expect(status.diagnostics.contains("changed on src filesystem"))
        }
    }

    @Test func `a resource whose copy is gone from the disk is fetched again`() async throws {
        try await withNode { node in
            let source = "\(node.folder)/input.txt"
            try ContainerFixture.write("hello\n", to: source)
            let resource = StringLocalResourceMapProto.named("input.txt", .file(source))
            let script = "cat input.txt > <LOG_DIR>/copy; readlink input.txt > <LOG_DIR>/link"
            try await node.start([node.request(1, [script], resources: [resource])])
            #expect(try await node.end(of: 1).exitStatus == 0)
            let copy = try #require(node.log(1, "link")).dropLast()
            #expect(unsafe unlink(String(copy)) == 0)
            try await node.start([node.request(2, [script], resources: [resource])])
            #expect(try await node.end(of: 2).exitStatus == 0)
            #expect(node.log(2, "copy") == "hello\n")
        }
    }

    @Test func `a container gets the tokens of its launch context`() async throws {
        try await withNode { node in
            let token = HadoopToken(identifier: [1], password: [2], kind: "kind", service: "service")
            let tokens = Credentials(tokens: [.init(alias: "service", token: token)]).bytes
            var request = node.request(1, ["base64 -w0 container_tokens > <LOG_DIR>/tokens"])
            request.containerLaunchContext.tokens = Data(tokens)
            try await node.start([request])
            #expect(try await node.end(of: 1).exitStatus == 0)
            #expect(node.log(1, "tokens") == Data(tokens).base64EncodedString())
        }
    }

    private static func modificationTime(of path: String) -> Int64 {
        var status = stat()
        _ = unsafe stat(path, &status)
        return Int64(status.st_mtim.tv_sec) * 1_000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    }
}
