import ClusterModel
import NodeManagerCore
import Testing

/// With whose proof logs are uploaded.
struct LogTokenTests {
    private static let first = WebHDFSToken(service: "10.0.0.1:9870", text: "first")
    private static let other = WebHDFSToken(service: "10.0.0.2:9870", text: "other")
    private static let renewed = WebHDFSToken(service: "10.0.0.1:9870", text: "renewed")

    private static func fixture() -> Fixture {
        Fixture {
            $0.aggregatesLogs = true
            $0.recoversContainers = true
        }
    }

    private static func start(_ number: Int64, _ tokens: [WebHDFSToken]) -> ContainerStart {
        var start = Fixture.containerStart(number)
        start.context.webTokens = tokens
        return start
    }

    private static func end(_ fixture: inout Fixture, _ numbers: [Int64]) {
        for number in numbers {
            fixture.step(.containerEnded(Fixture.container(number), ContainerEnd(exitCode: 0)))
        }
        fixture.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
    }

    private static func order(_ fixture: Fixture) throws -> LogAggregationOrder {
        try #require(fixture.actions.compactMap { if case .aggregateLogs(let order) = $0 { order } else { nil } }.last)
    }

    private static func records(_ fixture: Fixture) -> [ApplicationLogsRecord] {
        fixture.effects.records.compactMap {
            if case .applicationLogs(_, let record) = $0 { record } else { nil }
        }
    }

    @Test
    func `Logs go with the newest token that the application's containers brought for each server`() throws {
        var fixture = Self.fixture()
        fixture.running(Self.start(1, [Self.first]))
        fixture.running(Self.start(2, [Self.other]))
        fixture.running(Self.start(3, [Self.renewed]))
        fixture.running(Self.start(4, []))
        Self.end(&fixture, [1, 2, 3, 4])
        #expect(try Self.order(fixture).tokens == [Self.renewed, Self.other])
    }

    @Test
    func `A restarted NodeManager uploads with the same tokens, and forgets them when the logs are up`() throws {
        var fixture = Self.fixture()
        fixture.running(Self.start(1, [Self.first]))
        _ = fixture.start([Self.start(2, [Self.renewed])])
        let live = try #require(Self.records(fixture).last)
        #expect(live.phase == .live)
        #expect(live.tokens == [Self.renewed])
        _ = fixture.start([Self.start(3, [Self.renewed])])
        #expect(Self.records(fixture).isEmpty)
        Self.end(&fixture, [1, 2, 3])
        let ended = try #require(Self.records(fixture).last)
        #expect(ended.tokens == [Self.renewed])
        var next = Fixture(isRegistered: false) {
            $0.aggregatesLogs = true
            $0.recoversContainers = true
        }
        var state = RecoveredState()
        state.applicationLogs = [RecoveredLogs(Fixture.application, ended)]
        next.step(.recovered(state))
        #expect(try Self.order(next).tokens == [Self.renewed])
        next.step(.logsAggregated(Fixture.application, LogAggregationOutcome()))
        #expect(Self.records(next).map(\.phase) == [.uploaded])
        #expect(Self.records(next).first?.tokens.isEmpty == true)
    }

    @Test
    func `A container that is adopted brings no older token back, but one that was not stored`() throws {
        var next = Fixture(isRegistered: false) {
            $0.aggregatesLogs = true
            $0.recoversContainers = true
        }
        var state = RecoveredState()
        let record = ApplicationLogsRecord(user: "alice", tokens: [Self.renewed])
        state.applicationLogs = [RecoveredLogs(Fixture.application, record)]
        state.containers = [
            RecoveredContainer(
                start: Self.start(1, [Self.first, Self.other]),
                directories: ContainerDirectories(work: "/w", log: "/l", private: "/p"),
                acceptedAt: next.now,
                wasLaunched: true
            )
        ]
        next.step(.recovered(state))
        next.step(.started)
        next.step(
            .registrationAnswered(
                RegistrationAnswer(action: .normal, resourceManagerIdentifier: Fixture.resourceManager)
            )
        )
        Self.end(&next, [1])
        #expect(try Self.order(next).tokens == [Self.renewed, Self.other])
    }

    @Test
    func `Downloads go with the tokens of the container that wants the file first`() {
        var fixture = Self.fixture()
        var start = Fixture.containerStart(1, resources: [Fixture.resource("/a")])
        start.context.webTokens = [Self.first]
        _ = fixture.start([start])
        #expect(fixture.downloads.map(\.tokens) == [[Self.first]])
    }
}
