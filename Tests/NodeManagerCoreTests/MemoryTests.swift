import ClusterModel
import Testing

@testable import NodeManagerCore

@Suite struct MemoryTests {
    private static let mib: Int64 = 1 << 20

    private func usage(_ residentMiB: Int64, aged: Int64? = nil, virtualMiB: Int64 = 0) -> ContainerUsage {
        ContainerUsage(
            container: Fixture.container(1),
            process: 4_711,
            residentBytes: residentMiB * Self.mib,
            virtualBytes: virtualMiB * Self.mib,
            agedResidentBytes: (aged ?? residentMiB) * Self.mib,
            agedVirtualBytes: virtualMiB * Self.mib,
            processes: ["|- 4711 1 4711 4711 (java) 10 5 99 7 java -Xmx700m Main"]
        )
    }

    /// A limit of 1024 MiB: current use, use of processes that an earlier look saw, and whether that is too much.
    @Test(arguments: [
        (1_024, 1_024, false), (1_025, 1_025, true), (2_048, 1_024, false), (2_049, 0, true), (1_500, 1_000, false),
    ])
    func `over is twice the limit at once, or the limit for longer than a look`(now: Int64, aged: Int64, isOver: Bool) {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.step(.usageMeasured([self.usage(now, aged: aged)], node: NodeUsage()))
        #expect(node.actions.contains(.signal(Fixture.container(1), .terminate)) == isOver)
    }

    @Test func `the checks can be switched off`() {
        var node = Fixture {
            $0.checksPhysicalMemory = false
            $0.checksVirtualMemory = false
        }
        node.running(Fixture.containerStart(1))
        node.step(.usageMeasured([self.usage(9_000, virtualMiB: 90_000)], node: NodeUsage()))
        #expect(node.actions.isEmpty)
    }

    @Test func `too much address space names both settings that help`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.step(.usageMeasured([self.usage(100, virtualMiB: 3_000)], node: NodeUsage()))
        node.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 143)))
        let status = node.status(1)
        #expect(status?.exitStatus == .killedExceededVirtualMemory)
        let text = status?.diagnostics ?? ""
        #expect(text.contains("beyond the 'VIRTUAL' memory limit"))
        #expect(text.contains("yarn.nodemanager.vmem-check-enabled=false"))
        #expect(text.contains("yarn.nodemanager.vmem-pmem-ratio=3.6"))
    }

    @Test(arguments: [(true, "spark.driver.memoryOverhead=516m"), (false, "spark.executor.memoryOverhead=516m")])
    func `Spark's containers are told the setting and the value to try`(isMaster: Bool, advice: String) {
        var node = Fixture()
        node.running(
            Fixture.containerStart(
                1,
                commands: ["{{JAVA_HOME}}/bin/java", "-server", "-Xmx700m"],
                environment: [EnvironmentVariable("SPARK_USER", "alice")]
            ) { $0.isApplicationMaster = isMaster }
        )
        node.step(.usageMeasured([self.usage(1_100)], node: NodeUsage()))
        node.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 143)))
        let text = node.status(1)?.diagnostics ?? ""
        #expect(node.status(1)?.exitStatus == .killedExceededPhysicalMemory)
        #expect(
            text.contains(
                "Container [pid=4711,containerID=\(Fixture.container(1))] is running 79691776B beyond the 'PHYSICAL' memory"
                    + " limit. Current usage: 1.1 GB of 1 GB physical memory used; 0 B of 2.1 GB virtual memory used."
                    + " Killing container.\nDump of the process-tree for \(Fixture.container(1)) :\n\t|- PID PPID"
            )
        )
        #expect(text.contains("\t|- 4711 1 4711 4711 (java) 10 5 99 7 java -Xmx700m Main\n"))
        #expect(text.contains(advice))
        #expect(text.contains("Container killed on request. Exit code is 143"))
    }

    @Test func `the kernel's own kill has YARN's code for it`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        let end = ContainerEnd(exitCode: 137, peakResidentBytes: 1 << 30, wasKilledForMemory: true)
        node.step(.containerEnded(Fixture.container(1), end))
        #expect(node.status(1)?.exitStatus == .killedExceededPhysicalMemory)
        #expect(node.status(1)?.diagnostics.contains("1 GB of 1 GB physical memory used") == true)
    }

    @Test(
        arguments: [
            (Int64(0), "0 B"), (1_023, "1023 B"), (1_024, "1 KB"), (1_536, "1.5 KB"), (1 << 30, "1 GB"),
            ((1 << 30) + 1, "1.0 GB"), (1_073_699_000, "1.0 GB"), (2_254_857_830, "2.1 GB"), (3 << 40, "3 TB"),
        ] as [(Int64, String)]
    )
    func `sizes are written as Hadoop writes them`(bytes: Int64, text: String) {
        #expect(binarySize(bytes) == text)
    }

    @Test(
        arguments: [
            (["java", "-Xmx512m", "Main"], Int64(512)), (["java -Xmx1g -Xmx2G"], 2_048), (["'-Xmx1048576k'"], 1_024),
            (["-Xmx1073741824"], 1_024), (["java"], nil), (["-Xmxfoo"], nil),
        ] as [([String], Int64?)]
    )
    func `the heap is read from the command`(commands: [String], mebibytes: Int64?) {
        #expect(maximumHeapMiB(inCommands: commands) == mebibytes)
    }

    @Test(
        arguments: [
            (Int64(0), "1970-01-01 00:00:00.000"), (951_782_400_000, "2000-02-29 00:00:00.000"),
            (1_795_444_706_179, "2026-11-23 14:38:26.179"), (4_102_444_799_999, "2099-12-31 23:59:59.999"),
        ] as [(Int64, String)]
    )
    func `times are calendar times`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).calendarText == text)
    }
}
