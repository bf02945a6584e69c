import ClusterModel
import NodeManagerCore
import Testing

struct LogSizeTests {
    private static let folder = "/logs/a/c"

    private static func usage(_ bytes: [Int64], largest: Int64 = 7) -> ContainerLogUsage {
        ContainerLogUsage(
            container: Fixture.container(1),
            folders: bytes.enumerated().map { .init(path: "\(Self.folder)\($0.offset)", bytes: $0.element) },
            largest: .init(path: "\(Self.folder)0/stderr", bytes: largest)
        )
    }

    private static func fixture(_ limit: LogSizeLimit? = LogSizeLimit(folderBytes: 1_000, totalBytes: 1_500)) -> Fixture
    {
        var fixture = Fixture { $0.logSizeLimit = limit }
        fixture.running(Fixture.containerStart(1))
        return fixture
    }

    @Test
    func `Logs beyond the limit of a folder end the container, which is told what, how much and what to set`() throws {
        var fixture = Self.fixture()
        fixture.step(.logsMeasured([Self.usage([1_000])]))
        #expect(fixture.actions.isEmpty)
        fixture.step(.logsMeasured([Self.usage([400, 1_001], largest: 2_048)]))
        #expect(fixture.actions.contains(.signal(Fixture.container(1), .terminate)))
        fixture.step(.logsMeasured([Self.usage([4_000])]))
        #expect(fixture.actions.isEmpty)
        fixture.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 143)))
        let status = try #require(fixture.status(1))
        #expect(status.exitStatus == .killedForExcessLogs)
        for text in [
            "Limit: 1000 Log Directory Size: 1001 Log Directory: /logs/a/c1", "stderr with 2 KB",
            "yarn.nodemanager.container-log-monitor.dir-size-limit-bytes",
        ] {
            #expect(status.diagnostics.contains(text))
        }
    }

    @Test
    func `Logs on all disks together have a limit of their own`() throws {
        var fixture = Self.fixture()
        fixture.step(.logsMeasured([Self.usage([800, 700])]))
        #expect(fixture.actions.isEmpty)
        fixture.step(.logsMeasured([Self.usage([800, .max - 900])]))
        #expect(fixture.actions.contains(.signal(Fixture.container(1), .terminate)))
        fixture = Self.fixture()
        fixture.step(.logsMeasured([Self.usage([800, 701])]))
        fixture.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 143)))
        let diagnostics = try #require(fixture.status(1)).diagnostics
        #expect(diagnostics.contains("Limit: 1500 Total Size: >=1501"))
        #expect(diagnostics.contains("total-size-limit-bytes"))
    }

    @Test
    func `Without a limit, or after the end, nothing happens`() {
        var fixture = Self.fixture(nil)
        fixture.step(.logsMeasured([Self.usage([.max])]))
        #expect(fixture.actions.isEmpty)
        fixture = Self.fixture()
        fixture.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 0)))
        fixture.step(.logsMeasured([Self.usage([.max])]))
        #expect(fixture.actions.isEmpty)
        #expect(fixture.status(1)?.exitStatus == .success)
    }
}
