import ClusterModel
import SchedulerCore
import Testing

@testable import ResourceManagerCore

@Suite struct LogAggregationStatuses {
    private static let timeout: Int64 = 600_000

    /// An application with a container on each of three nodes.
    private static func running(enabled: Bool = true) throws -> Cluster {
        var cluster = Cluster(Cluster.settings { $0.isLogAggregationEnabled = enabled })
        cluster.run()
        cluster.beat(0)
        for index in 1...2 {
            cluster.register(index)
            let id = cluster.application()
            cluster.core.expectLogs(of: id, on: Cluster.node(index))
        }
        return cluster
    }

    private static func ended() throws -> Cluster {
        var cluster = try Self.running()
        _ = cluster.kill(cluster.application())
        return cluster
    }

    private static func status(_ cluster: Cluster) -> LogAggregationStatus? {
        cluster.seen.applications[cluster.seen.applications.keys.sorted()[0]]?.logAggregationStatus
    }

    private static func say(_ cluster: inout Cluster, _ index: Int, _ status: LogAggregationStatus) {
        let id = cluster.seen.applications.keys.sorted()[0]
        cluster.beat(index, logs: [Core.LogAggregationReport(application: id, status: status)])
    }

    @Test func `success is said when every node has succeeded`() throws {
        var cluster = try Self.ended()
        #expect(Self.status(cluster) == .notStart)
        Self.say(&cluster, 0, .running)
        #expect(Self.status(cluster) == .running)
        Self.say(&cluster, 0, .succeeded)
        Self.say(&cluster, 1, .succeeded)
        #expect(Self.status(cluster) == .running)
        Self.say(&cluster, 2, .succeeded)
        #expect(Self.status(cluster) == .succeeded)
        cluster.pass(milliseconds: 2 * Self.timeout)
        #expect(Self.status(cluster) == .succeeded)
    }

    @Test(arguments: [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
    func `one node's success does not hide another's failure`(order: [Int]) throws {
        var cluster = try Self.ended()
        for index in order { Self.say(&cluster, index, index == 1 ? .failed : .succeeded) }
        #expect(Self.status(cluster) == .failed)
    }

    @Test func `a failure that is tried again shows until all is well`() throws {
        var cluster = try Self.ended()
        Self.say(&cluster, 0, .succeeded)
        Self.say(&cluster, 1, .runningWithFailure)
        Self.say(&cluster, 2, .running)
        #expect(Self.status(cluster) == .runningWithFailure)
        // The next attempt says nothing of the first.
        Self.say(&cluster, 1, .running)
        #expect(Self.status(cluster) == .runningWithFailure)
        Self.say(&cluster, 1, .succeeded)
        Self.say(&cluster, 2, .succeeded)
        #expect(Self.status(cluster) == .succeeded)
    }

    @Test func `nothing is done before the application is`() throws {
        var cluster = try Self.running()
        for index in 0...2 { Self.say(&cluster, index, .succeeded) }
        #expect(Self.status(cluster) == .running)
        _ = cluster.kill(cluster.application())
        #expect(Self.status(cluster) == .succeeded)
    }

    @Test func `a node that says nothing times out, and is heard when it comes later`() throws {
        var cluster = try Self.ended()
        Self.say(&cluster, 0, .succeeded)
        Self.say(&cluster, 1, .running)
        cluster.pass(milliseconds: Self.timeout - 1)
        #expect(Self.status(cluster) == .running)
        cluster.pass(milliseconds: 1)
        #expect(Self.status(cluster) == .timeOut)
        for index in [1, 2] { cluster.register(index) }
        Self.say(&cluster, 1, .succeeded)
        #expect(Self.status(cluster) == .timeOut)
        Self.say(&cluster, 2, .succeeded)
        #expect(Self.status(cluster) == .succeeded)
    }

    @Test func `without aggregation it is disabled, whatever nodes say`() throws {
        var cluster = try Self.running(enabled: false)
        Self.say(&cluster, 0, .succeeded)
        _ = cluster.kill(cluster.application())
        #expect(Self.status(cluster) == .disabled)
    }

    @Test func `a container that was never started leaves no logs to wait for`() throws {
        var cluster = Cluster(Cluster.settings { $0.isLogAggregationEnabled = true })
        cluster.submit { $0.maximumAttempts = 1 }
        let attempt = cluster.attempt()
        _ = try #require(cluster.seen.attempts[attempt]?.masterContainer)
        cluster.step(.applicationMasterLaunchFailed(attempt, diagnostics: "refused"))
        cluster.pass(milliseconds: 2 * Self.timeout)
        #expect(Self.status(cluster) == .notStart)
    }

    @Test func `an application that ran nowhere has no logs`() {
        var cluster = Cluster(Cluster.settings { $0.isLogAggregationEnabled = true }, nodes: 0)
        cluster.submit()
        _ = cluster.kill(cluster.application())
        cluster.pass(milliseconds: 2 * Self.timeout)
        #expect(Self.status(cluster) == .notStart)
    }

    @Test func `a restart forgets neither a failure nor whom it waits for`() throws {
        var cluster = try Self.ended()
        Self.say(&cluster, 0, .succeeded)
        Self.say(&cluster, 1, .failed)
        cluster.restart()
        for index in 0...2 { cluster.register(index) }
        #expect(Self.status(cluster) == .running)
        Self.say(&cluster, 2, .succeeded)
        #expect(Self.status(cluster) == .failed)
        cluster.restart()
        #expect(Self.status(cluster) == .failed)
        // A node that was started again brings its logs after all.
        cluster.register(1)
        Self.say(&cluster, 1, .running)
        #expect(Self.status(cluster) == .failed)
        Self.say(&cluster, 1, .succeeded)
        #expect(Self.status(cluster) == .succeeded)
    }

    @Test func `who is waited for at a restart times out after it`() throws {
        var cluster = try Self.ended()
        Self.say(&cluster, 0, .succeeded)
        cluster.restart()
        cluster.pass(milliseconds: Self.timeout)
        #expect(Self.status(cluster) == .timeOut)
        cluster.restart()
        #expect(Self.status(cluster) == .timeOut)
    }
}
