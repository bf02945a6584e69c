import ClusterModel
import Testing

@testable import ResourceManagerCore

@Suite struct `The life of an application` {
    @Test func `from submission to its end, with the states and records that clients rely on`() throws {
        var cluster = Cluster(nodes: 2)
        guard case .newApplication(let id, let maximum) = cluster.ask({ .newApplicationRequested($0) }) else {
            Issue.record("no id")
            return
        }
        #expect(id == cluster.application())
        #expect(maximum == ResourceVector(memoryMiB: 4096, vcores: 4))

        #expect(cluster.submit() == .done)
        #expect(cluster.seen.applications[id]?.state == .accepted)
        let attempt = cluster.attempt()
        guard case .launchApplicationMaster(let launch) = try #require(cluster.actions.last) else {
            Issue.record("not launched: \(cluster.actions)")
            return
        }
        #expect(launch.attempt == attempt)
        #expect(launch.container.id.description.hasSuffix("_0001_01_000001"))
        #expect(cluster.store.attempts[attempt]?.masterContainer == launch.container.id)
        #expect(cluster.seen.attempts[attempt]?.state == .allocated)

        cluster.launch(attempt)
        #expect(cluster.seen.attempts[attempt]?.state == .launched)
        #expect(cluster.seen.applications[id]?.diagnostics.contains("waiting for AM container to Register") == true)
        cluster.beat(0)
        #expect(cluster.seen.containers[launch.container.id]?.state == .running)

        guard case .masterRegistered(let registered) = cluster.registerMaster(attempt) else {
            Issue.record("not registered")
            return
        }
        #expect(registered.queue == "default")
        #expect(cluster.seen.applications[id]?.state == .running)
        #expect(cluster.seen.applications[id]?.originalTrackingURL == "http://h:4040")

        let reply = try #require(cluster.allocate(attempt, 0, asks: [row(count: 2)]).allocation)
        #expect(reply.responseID == 1)
        #expect(reply.granted.count == 2)
        #expect(Set(reply.granted.map(\.node)).count == 2)
        #expect(reply.nodeTokens.count == 2)
        #expect(reply.clusterNodeCount == 2)
        #expect(cluster.seen.metrics.allocated.memoryMiB == 1536)
        #expect(cluster.seen.queues["root.default"]?.used.memoryMiB == 1536)

        for granted in reply.granted { cluster.nodes[granted.node]?.running.append(granted.id) }
        cluster.beat(0)
        cluster.beat(1)
        let first = reply.granted[0]
        cluster.beat(first.node == Cluster.node(0) ? 0 : 1, ended: [(first.id, 1)])
        let next = try #require(cluster.allocate(attempt, 1).allocation)
        #expect(next.completed.map(\.id) == [first.id])
        #expect(next.completed.first?.exitStatus.code == 1)
        #expect(cluster.seen.containers[first.id]?.state == .complete)

        #expect(cluster.finishMaster(attempt) == .masterFinished(isUnregistered: true))
        #expect(cluster.seen.applications[id]?.state == .finished)
        #expect(cluster.store.applications[id]?.finalState == .finished)
        #expect(cluster.seen.attempts[attempt]?.state == .finishing)

        let last = cluster.beat(launch.container.node == Cluster.node(0) ? 0 : 1, ended: [(launch.container.id, 0)])
        #expect(cluster.seen.attempts[attempt]?.state == .finished)
        #expect(cluster.seen.containers.isEmpty)
        #expect(cluster.seen.metrics.applicationsCompleted == 1)
        #expect(cluster.seen.applications[id]?.progress == 1)
        let second = reply.granted[1]
        let replies = [last, cluster.beat(0), cluster.beat(1)]
        #expect(replies.flatMap(\.containersToCleanUp) == [second.id])
        #expect(replies.flatMap(\.applicationsToCleanUp) == [id, id])
    }

    @Test func `the same submission twice is one application`() {
        var cluster = Cluster()
        #expect(cluster.submit() == .done)
        #expect(cluster.submit() == .done)
        #expect(cluster.seen.metrics.applicationsSubmitted == 1)
    }

    @Test func `an unknown queue fails the application and says which`() {
        var cluster = Cluster()
        #expect(cluster.submit { $0.queue = "nosuch" } == .done)
        let view = cluster.seen.applications[cluster.application()]
        #expect(view?.state == .failed)
        #expect(
            view?.diagnostics == "Application \(cluster.application()) submitted by user ann to unknown queue: nosuch"
        )
    }
}
