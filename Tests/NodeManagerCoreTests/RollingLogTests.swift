import ClusterModel
import NodeManagerCore
import Testing

struct RollingLogTests {
    private static let hour: Int64 = 3_600_000
    private static let file = LogFileVersion(
        container: Fixture.container(1),
        name: "stderr.1",
        sizeBytes: 10,
        modified: 5
    )

    private static func start(_ number: Int64, rolls: Bool = true) -> ContainerStart {
        Fixture.containerStart(number) {
            var context = LogAggregationContext()
            if rolls { context.rolledIncludePattern = "\\.[0-9]+$" }
            $0.logAggregation = context
        }
    }

    private static func fixture(rolls: Bool = true, recovers: Bool = false) -> Fixture {
        var fixture = Fixture {
            $0.aggregatesLogs = true
            $0.logRollInterval = .seconds(3_600)
            $0.recoversContainers = recovers
        }
        fixture.running(Self.start(1, rolls: rolls))
        fixture.running(Self.start(2, rolls: rolls))
        return fixture
    }

    private static func orders(_ fixture: Fixture) -> [LogAggregationOrder] {
        fixture.actions.compactMap { if case .aggregateLogs(let order) = $0 { order } else { nil } }
    }

    private static func deleted(_ fixture: Fixture) -> [[LogFileVersion]] {
        fixture.actions.compactMap { if case .deleteLogFiles(let files) = $0 { files } else { nil } }
    }

    private static func end(_ fixture: inout Fixture) {
        for number in [1, 2] as [Int64] {
            fixture.step(.containerEnded(Fixture.container(number), ContainerEnd(exitCode: 0)))
        }
        fixture.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
    }

    private static func records(_ fixture: Fixture) -> [ApplicationLogsRecord] {
        fixture.effects.records.compactMap { if case .applicationLogs(_, let record) = $0 { record } else { nil } }
    }

    @Test
    func `Complete files of running containers are uploaded each interval, deleted then, and not uploaded again`()
        throws
    {
        var fixture = Self.fixture()
        fixture.step(.containerEnded(Fixture.container(2), ContainerEnd(exitCode: 0)))
        fixture.wait(milliseconds: Self.hour - 1)
        #expect(Self.orders(fixture).isEmpty)
        fixture.wait(milliseconds: 1)
        let first = try #require(Self.orders(fixture).first)
        #expect(first.running == [Fixture.container(1)])
        #expect(first.stamp == fixture.now)
        #expect(first.uploaded.isEmpty)
        fixture.step(.logsAggregated(Fixture.application, LogAggregationOutcome(uploaded: [Self.file])))
        #expect(Self.deleted(fixture) == [[Self.file]])
        fixture.wait(milliseconds: Self.hour)
        let second = try #require(Self.orders(fixture).first)
        #expect(second.uploaded == [Self.file])
        #expect(second.stamp == fixture.now)
        // The file is gone meanwhile.
        fixture.step(.logsAggregated(Fixture.application, LogAggregationOutcome()))
        #expect(Self.deleted(fixture).isEmpty)
        fixture.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 0)))
        fixture.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
        let last = try #require(Self.orders(fixture).first)
        #expect(last.running == nil)
        #expect(last.uploaded.isEmpty)
        #expect(last.stamp == fixture.now)
        #expect(fixture.core.nextDeadline.map { $0 < fixture.now.adding(milliseconds: Self.hour) } == true)
    }

    @Test
    func `A round that fails is repeated under its own name in the next interval`() throws {
        var fixture = Self.fixture()
        fixture.wait(milliseconds: Self.hour)
        let first = try #require(Self.orders(fixture).first)
        fixture.step(.logsAggregated(Fixture.application, LogAggregationOutcome(problem: "no route")))
        #expect(fixture.core.heartbeatReport.logs.last?.status == .runningWithFailure)
        #expect(Self.deleted(fixture).isEmpty)
        fixture.wait(milliseconds: Self.hour)
        let second = try #require(Self.orders(fixture).first)
        #expect(second.stamp == first.stamp)
    }

    @Test
    func `An application that ends during a round is uploaded after it`() throws {
        var fixture = Self.fixture()
        fixture.wait(milliseconds: Self.hour)
        Self.end(&fixture)
        #expect(Self.orders(fixture).isEmpty)
        fixture.step(.logsAggregated(Fixture.application, LogAggregationOutcome(uploaded: [Self.file])))
        let last = try #require(Self.orders(fixture).first)
        #expect(last.running == nil)
        #expect(last.uploaded == [Self.file])
        fixture.step(.logsAggregated(Fixture.application, LogAggregationOutcome()))
        #expect(fixture.deleted == ["/logs/\(Fixture.application)"])
    }

    @Test
    func `Without rolled patterns only the name tells of the interval`() throws {
        var fixture = Self.fixture(rolls: false)
        fixture.wait(milliseconds: 3 * Self.hour)
        #expect(Self.orders(fixture).isEmpty)
        Self.end(&fixture)
        #expect(Self.orders(fixture).first?.stamp == fixture.now)
    }

    @Test
    func `Repeated attempts at the end keep the name of the first`() throws {
        var fixture = Self.fixture(rolls: false)
        Self.end(&fixture)
        let first = try #require(Self.orders(fixture).first)
        fixture.step(.logsAggregated(Fixture.application, LogAggregationOutcome(problem: "no route")))
        fixture.wait(milliseconds: 10_000)
        #expect(Self.orders(fixture).first?.stamp == first.stamp)
    }

    @Test
    func `The oldest rolled files beyond the number that is kept go, of this node alone`() {
        let names = ["n_45_100", "n_45_20", "n_45_3", "n_45", "n_45_4.tmp", "n_450_1", "m_45_1", "n_45_x"]
        #expect(RolledFileNames.surplus(of: names, node: "n_45", keeping: 2) == ["n_45_3"])
        #expect(RolledFileNames.surplus(of: names, node: "n_45", keeping: 3).isEmpty)
        #expect(RolledFileNames.surplus(of: names, node: "n_45", keeping: 0) == ["n_45_3", "n_45_20"])
    }

    // MARK: - Over a restart

    /// A NodeManager that finds what an earlier one stored last.
    private static func restarted(_ record: ApplicationLogsRecord) -> Fixture {
        var fixture = Fixture(isRegistered: false) {
            $0.aggregatesLogs = true
            $0.recoversContainers = true
            $0.logRollInterval = .seconds(3_600)
        }
        var state = RecoveredState()
        state.applicationLogs = [RecoveredLogs(Fixture.application, record)]
        state.logs = [LeftoverLogs(application: Fixture.application, lastChange: fixture.now)]
        fixture.step(.recovered(state))
        return fixture
    }

    @Test
    func `An upload that was cut off begins anew after a restart, under its name and with what is known`() throws {
        var first = Self.fixture(recovers: true)
        Self.end(&first)
        let record = try #require(Self.records(first).last)
        #expect(record.phase == .ended)
        var second = Self.restarted(record)
        #expect(Self.orders(second) == Self.orders(first))
        second.step(.logsAggregated(Fixture.application, LogAggregationOutcome()))
        #expect(second.deleted == ["/logs/\(Fixture.application)"])
        #expect(second.core.heartbeatReport.logs.map(\.status) == [.running, .succeeded])
    }

    @Test
    func `Logs that are uploaded are deleted after a restart and not uploaded again`() throws {
        var first = Self.fixture(recovers: true)
        Self.end(&first)
        first.step(.logsAggregated(Fixture.application, LogAggregationOutcome()))
        let record = try #require(Self.records(first).last)
        #expect(record.phase == .uploaded)
        let second = Self.restarted(record)
        #expect(Self.orders(second).isEmpty)
        #expect(second.deleted == ["/logs/\(Fixture.application)"])
        #expect(second.effects.records.contains(.applicationLogsRemoved(Fixture.application)))
    }

    @Test
    func `An application that went on is known after a restart, with what was left out and uploaded`() throws {
        var first = Fixture {
            $0.aggregatesLogs = true
            $0.logPolicy = .failed
            $0.recoversContainers = true
            $0.logRollInterval = .seconds(3_600)
        }
        first.running(Self.start(1))
        first.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 0)))
        let record = try #require(Self.records(first).last)
        #expect(record.skipped == [Fixture.container(1)])
        var second = Self.restarted(record)
        #expect(second.core.registrationReport.runningApplications == [Fixture.application])
        #expect(Self.orders(second).isEmpty)
        second.step(.started)
        second.step(.registrationAnswered(RegistrationAnswer(action: .normal, resourceManagerIdentifier: 1)))
        second.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
        #expect(Self.orders(second).first?.skipped == [Fixture.container(1)])
    }
}
