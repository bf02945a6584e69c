import ClusterModel
import HadoopProtos
import NodeManagerCore
import TestSupport
import Testing

@testable import NodeManager

/// What a person reads of a container that failed: the end of its stderr, whatever else happened.
@Suite(.timeLimit(.minutes(3))) struct FailureDiagnosticsTests {
    @Test func `two hundred failures each show the very last line of their stderr`() async throws {
        try await withNode { node in
            // A background process holds the file and writes to it until the script is over; half of the containers write
            // more than is shown; each line is known.
            let script = """
                exec 2> <LOG_DIR>/stderr; (trap '' TERM; while true; do echo background >&2; sleep 0.01; done) & \
                for i in \\$(seq 1 \\$LINES_WRITTEN); do echo line-\\$i-of-\\$NUMBER >&2; done; exit 9
                """
            for batch in 0..<10 {
                let numbers = (1...20).map { Int64(batch * 20 + $0) }
                let answer = try await node.start(
                    numbers.map { number in
                        node.request(
                            number,
                            [script],
                            environment: ["NUMBER": "\(number)", "LINES_WRITTEN": number % 2 == 0 ? "1" : "500"]
                        )
                    }
                )
                #expect(answer.failedRequests.isEmpty)
                for number in numbers {
                    let status = try await node.end(of: number)
                    #expect(status.exitStatus == 9)
                    let last = number % 2 == 0 ? 1 : 500
                    let text = status.diagnostics
                    #expect(text.contains("Last 4096 bytes of stderr :\n"), "\(number): \(text)")
                    #expect(text.contains("line-\(last)-of-\(number)\n"), "\(number): \(text)")
                }
            }
            try await eventually { containerProcesses(below: node.folder).isEmpty }
        }
    }

    @Test func `stderr itself comes before files with names like it, and all of it fits`() async throws {
        try await withNode { node in
            let script = """
                for name in a.stderr b.stderr c.stderr d.stderr stderr z.stderr; do \
                seq 1 5000 | sed s/^/\\$name-/ > <LOG_DIR>/\\$name; done; exit 1
                """
            let text = try await node.run(1, script).diagnostics
            #expect(text.contains("Exit code: 1"))
            #expect(text.contains(" bytes of stderr :\n"), "\(text)")
            #expect(text.contains("\nstderr-5000\n"))
            #expect(text.utf8.count <= 10_000)
        }
    }

    @Test func `logs that are gone are said to be gone`() async throws {
        try await withNode { node in
            let text = try await node.run(1, "rm -rf <LOG_DIR>; exit 1").diagnostics
            #expect(text.contains("Exit code: 1"))
            #expect(text.contains("cannot open"), "\(text)")
            #expect(text.contains(node.logDirectory(1)), "\(text)")
        }
    }

    @Test func `a container whose supervisor was killed still shows its stderr`() async throws {
        try await withNode { node in
            let script =
                "echo 'the last words' > <LOG_DIR>/stderr; until [ -e go ]; do sleep 0.02; done; kill -9 \\$PPID"
            try await node.start([node.request(1, [script])])
            try await eventually { node.daemon.snapshot.containers.first?.state == .running }
            try ContainerFixture.write("", to: "\(node.workDirectory(1))/go")
            let status = try await node.end(of: 1)
            #expect(status.exitStatus == ContainerExitStatus.lost.code)
            #expect(status.diagnostics.contains("supervisor was killed"), "\(status.diagnostics)")
            #expect(status.diagnostics.contains("the last words"), "\(status.diagnostics)")
        }
    }

    @Test func `text that is no UTF-8 and a tail that starts inside a character are shown as well as they can be`()
        async throws
    {
        try await withNode { node in
            let script = """
                (printf 'ä%.0s' \\$(seq 5000); printf '\\xff\\xfe end') > <LOG_DIR>/stderr; exit 1
                """
            let text = try await node.run(1, script).diagnostics
            #expect(text.contains(" bytes of stderr :\nä"), "\(text.prefix(400))")
            #expect(text.contains(" end\n"))
        }
    }
}
