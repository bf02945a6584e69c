import ClusterModel
import Glibc
import TestSupport
import Testing

@testable import NodeManager

@Suite(.timeLimit(.minutes(1))) struct ProcessTreeTests {
    private static func process(
        _ number: Int32,
        parent: Int32,
        start: UInt64 = 1,
        pages: UInt64 = 10,
        state: Character = "S"
    ) -> ProcessStatus? {
        let fields = "\(state) \(parent) 5 6 0 0 0 0 0 0 0 30 4 0 0 20 0 1 0 \(start) 1000 \(pages) 0 0"
        return ProcessStatus(statLine: Array("\(number) (bash) \(fields)".utf8))
    }

    @Test func `a tree holds all descendants, parents first, and neither the root nor what has ended`() {
        let processes = [
            Self.process(9, parent: 3), Self.process(1, parent: 0), Self.process(2, parent: 1),
            Self.process(3, parent: 2), Self.process(4, parent: 2, state: "Z"), Self.process(7, parent: 1),
        ]
        let table = ProcessTable(processes.compactMap { $0 })
        let tree = table.tree(below: ProcessIdentity(number: 2, startTicks: 1))
        #expect(tree.processes.map(\.number) == [3, 9])
        #expect(tree.physicalBytes == 20 * ProcessTree.pageBytes)
        #expect(tree.virtualBytes == 2000)
        #expect(table.tree(below: ProcessIdentity(number: 2, startTicks: 8)).processes.isEmpty)
    }

    @Test func `a ring of parents, as a torn reading can show it, comes to an end`() {
        let table = ProcessTable(
            [Self.process(2, parent: 4), Self.process(3, parent: 2), Self.process(4, parent: 3)].compactMap { $0 }
        )
        _ = table.tree(below: ProcessIdentity(number: 2, startTicks: 1))
    }

    @Test func `young processes can be left out`() {
        let tree = ProcessTree(
            processes: [Self.process(2, parent: 1, start: 100), Self.process(3, parent: 1, start: 500)]
                .compactMap { $0 }
        )
        let ticks = ProcessTree.ticksPerSecond
        #expect(tree.olderThan(.seconds(3), now: 100 + 3 * ticks).processes.map(\.number) == [2])
        #expect(tree.olderThan(.milliseconds(500), now: 500 + ticks / 2).processes.map(\.number) == [2, 3])
    }

    @Test func `a dump has Hadoop's heading and one line a process`() {
        let tree = ProcessTree(processes: [Self.process(2, parent: 1)].compactMap { $0 })
        #expect(
            tree.dump(commandLine: { "command \($0)" }) == """
                \t|- PID PPID PGRPID SESSID CMD_NAME USER_MODE_TIME(MILLIS) SYSTEM_TIME(MILLIS) \
                VMEM_USAGE(BYTES) RSSMEM_USAGE(PAGES) FULL_CMD_LINE
                \t|- 2 1 5 6 (bash) 300 40 1000 10 command 2 \n
                """
        )
    }

    @Test func `the use of a running container is that of its whole tree`() async throws {
        let fixture = try ContainerFixture()
        let specification = try fixture.specification(
            "(setsid bash -c 'echo $$ > other; exec sleep 100' &)\nuntil [ -s other ]; do sleep 0.01; done\necho > ready\nsleep 100"
        )
        let process = try await fixture.launcher.launch(specification)
        try await eventually { ContainerFixture.read("\(specification.workDirectory)/ready") != nil }
        let other = try #require(number(in: "\(specification.workDirectory)/other"))
        let tree = ProcessTree.usage(root: process.supervisor)
        #expect(tree.processes.first?.identity == process.script)
        #expect(tree.processes.contains { $0.number == other })
        #expect(!tree.processes.contains { $0.number == process.supervisor.number })
        #expect(tree.physicalBytes > 1 << 20)
        #expect(tree.virtualBytes > tree.physicalBytes)
        #expect(tree.dump().contains("(sleep)"))
        #expect(tree.dump().contains("/bin/bash \(specification.script)"))
        process.signal(.kill)
        _ = await process.exit
    }

    @Test(arguments: [
        (0, "0 B"), (512, "512 B"), (1024, "1 KB"), (1536, "1.5 KB"), (1 << 30, "1 GB"),
        (1_073_741_825, "1.0 GB"), (2_254_857_830, "2.1 GB"), (3_113_851_290, "2.9 GB"),
    ])
    func `bytes are shortened as Hadoop does`(bytes: UInt64, text: String) {
        #expect(MemoryKillText.short(bytes) == text)
    }

    @Test func `the text of a memory kill is what Spark looks for`() throws {
        let text = MemoryKillText(
            container: ContainerFixture.container(2),
            process: 77,
            exceeded: .physical,
            physicalBytes: (1 << 30) + 1234,
            physicalLimitBytes: 1 << 30,
            virtualBytes: 3_113_851_290,
            virtualLimitBytes: 2_254_857_830,
            dump: "dump"
        ).text
        #expect(text.contains("is running 1234B beyond the 'PHYSICAL' memory limit. Current usage: 1.0 GB of 1 GB"))
        #expect(
            text.hasSuffix("Killing container.\nDump of the process-tree for \(ContainerFixture.container(2)) :\ndump")
        )
        let physical = try Regex("[0-9.]+ [KMG]B of [0-9.]+ [KMG]B physical memory used")
        let virtual = try Regex("[0-9.]+ [KMG]B of [0-9.]+ [KMG]B virtual memory used")
        #expect(text.firstMatch(of: physical) != nil)
        #expect(text.firstMatch(of: virtual) != nil)
    }
}
