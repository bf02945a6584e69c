import ClusterModel
import NodeManagerCore
import Testing

struct LogAggregationTests {
    private static let acl = ApplicationAccessList(name: "VIEW_APP", list: "bob")

    /// An application whose only container has ended and which the ResourceManager says is over.
    private static func ended(aggregates: Bool = true) -> Fixture {
        var fixture = Fixture { $0.aggregatesLogs = aggregates }
        var start = Fixture.containerStart(1)
        start.context.accessLists = [Self.acl]
        fixture.running(start)
        fixture.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 0)))
        fixture.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
        return fixture
    }

    private static func orders(_ fixture: Fixture) -> [LogAggregationOrder] {
        fixture.actions.compactMap { if case .aggregateLogs(let order) = $0 { order } else { nil } }
    }

    private static func statuses(_ fixture: Fixture) -> [LogAggregationStatus] {
        fixture.core.heartbeatReport.logs.map(\.status)
    }

    @Test
    func `When an application has ended its logs are uploaded, and deleted only when they are there`() throws {
        var fixture = Self.ended()
        let order = try #require(Self.orders(fixture).first)
        #expect(order.application == Fixture.application)
        #expect(order.user == "alice")
        #expect(order.accessLists == [Self.acl])
        #expect(Self.statuses(fixture) == [.running])
        let logs = "/logs/\(Fixture.application)"
        #expect(!fixture.deleted.contains(logs))
        fixture.wait(milliseconds: 20_000_000)
        #expect(!fixture.deleted.contains(logs))
        fixture.step(.logsAggregated(Fixture.application, LogAggregationOutcome()))
        #expect(fixture.deleted == [logs])
        #expect(Self.statuses(fixture).last == .succeeded)
    }

    @Test
    func `Without aggregation logs stay for their time`() {
        var fixture = Self.ended(aggregates: false)
        #expect(Self.orders(fixture).isEmpty)
        #expect(Self.statuses(fixture).isEmpty)
        fixture.wait(milliseconds: 10_799_000)
        #expect(!fixture.deleted.contains("/logs/\(Fixture.application)"))
        fixture.wait(milliseconds: 1_000)
        #expect(fixture.deleted.contains("/logs/\(Fixture.application)"))
    }

    @Test
    func `An upload is tried four times, then logs stay on the node for their time`() {
        var fixture = Self.ended()
        for pause in [10_000, 40_000, 160_000] as [Int64] {
            fixture.step(.logsAggregated(Fixture.application, LogAggregationOutcome(problem: "no route")))
            #expect(Self.statuses(fixture).last == .runningWithFailure)
            fixture.wait(milliseconds: pause - 1)
            #expect(Self.orders(fixture).isEmpty)
            fixture.wait(milliseconds: 1)
            #expect(Self.orders(fixture).count == 1)
        }
        fixture.step(.logsAggregated(Fixture.application, LogAggregationOutcome(problem: "no route")))
        #expect(fixture.core.heartbeatReport.logs.last?.status == .failed)
        #expect(fixture.core.heartbeatReport.logs.last?.diagnostics == "no route")
        fixture.wait(milliseconds: 10_799_999)
        #expect(!fixture.deleted.contains("/logs/\(Fixture.application)"))
        fixture.wait(milliseconds: 1)
        #expect(fixture.deleted == ["/logs/\(Fixture.application)"])
    }

    @Test
    func `What a heartbeat said is said once, and again when nobody answered`() {
        var fixture = Self.ended()
        fixture.wait(milliseconds: 1_000)
        #expect(fixture.heartbeats.last?.logs.map(\.status) == [.running])
        fixture.step(.heartbeatFailed("gone"))
        #expect(Self.statuses(fixture) == [.running])
        fixture.wait(milliseconds: 1_000)
        fixture.step(.logsAggregated(Fixture.application, LogAggregationOutcome()))
        fixture.answerHeartbeat()
        #expect(Self.statuses(fixture) == [.succeeded])
        fixture.wait(milliseconds: 1_000)
        fixture.answerHeartbeat()
        #expect(Self.statuses(fixture).isEmpty)
    }
}
