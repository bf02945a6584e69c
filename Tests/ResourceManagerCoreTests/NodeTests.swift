import ClusterModel
import SchedulerCore
import Testing

@testable import ResourceManagerCore

@Suite struct Nodes {
    private func turnedAway(_ reply: Core.Reply) -> String? {
        guard case .nodeRegistered(let registered) = reply, registered.action == .shutdown else { return nil }
        return registered.diagnostics
    }

    @Test func `a node that registers learns the keys and whom it serves`() {
        var cluster = Cluster(nodes: 0)
        guard case .nodeRegistered(let reply) = cluster.register(0) else {
            Issue.record("not registered")
            return
        }
        #expect(reply.action == .normal)
        #expect(reply.containerTokenKey == MasterKey(id: 1, bytes: [2]))
        #expect(reply.nodeTokenKey == MasterKey(id: 1, bytes: [3]))
        #expect(reply.resourceManagerIdentifier == cluster.core.clusterTimestamp)
        #expect(cluster.seen.metrics.activeNodes == 1)
        #expect(cluster.seen.nodes[Cluster.node(0)]?.httpAddress == "n0:8042")
    }

    @Test func `before there are keys it is told to try again`() {
        var core = Core(settings: Cluster.settings(), clusterTimestamp: 1)
        var effects = Core.Effects()
        core.step(.recovered([]), at: Timestamp(milliseconds: 1), into: &effects)
        #expect(effects.actions == MasterKeyKind.allCases.map { .masterKeyWanted($0) })
        let registration = Core.NodeRegistration(
            node: Cluster.node(0),
            httpPort: 1,
            capacity: ResourceVector(memoryMiB: 1024, vcores: 1),
            version: "3"
        )
        core.step(.nodeRegistered(RequestID(1), registration), at: Timestamp(milliseconds: 2), into: &effects)
        #expect(effects.replies.map(\.1) == [.failed(.notReady)])
    }

    @Test func `excluded hosts, old versions and dwarfs are turned away with the reason`() {
        var settings = Cluster.settings()
        settings.nodeLists = Core.NodeLists(included: ["n0", "n1", "n2", "10.0.0.3"], excluded: ["n1"])
        settings.minimumNodeManagerVersion = "3.2"
        var cluster = Cluster(settings, nodes: 1)
        #expect(
            self.turnedAway(cluster.register(1))
                == "Disallowed NodeManager from  n1, Sending SHUTDOWN signal to the NodeManager."
        )
        #expect(
            self.turnedAway(cluster.register(2) { $0.version = "3.1.9" })
                == "Disallowed NodeManager Version 3.1.9, is less than the minimum version 3.2 sending SHUTDOWN signal "
                + "to NodeManager."
        )
        #expect(
            self.turnedAway(cluster.register(2, memoryMiB: 255))
                == "NodeManager from  n2 doesn't satisfy minimum allocations, Sending SHUTDOWN signal to the "
                + "NodeManager. Node capabilities are <memory:255, vCores:8>; minimums are 256mb and 1 vcores"
        )
        #expect(self.turnedAway(cluster.register(3) { $0.addresses = ["10.0.0.3"] }) == nil)
        #expect(cluster.seen.metrics.activeNodes == 2)
    }

    @Test(arguments: [
        ("3.3.4", "NONE", true), ("3.3.4", "3.3.4", true), ("3.3.4", "3.3.5", false), ("3.10.0", "3.9", true),
        ("3.4.1-SNAPSHOT", "EqualToRM", true), ("3.4.0", "EqualToRM", false), ("", "3", false), ("3", "3.0.0", true),
    ])
    func `versions are compared by their numbers`(version: String, minimum: String, isAcceptable: Bool) {
        #expect(VersionNumber.isAcceptable(version, minimum: minimum) == isAcceptable)
    }

    @Test func `heartbeats: a repeated one gets the last reply, another mismatch and a stranger resync`() {
        var cluster = Cluster()
        let first = cluster.beat(0)
        #expect(first.responseID == 1)
        cluster.nodes[Cluster.node(0)]?.responseID = 0
        #expect(cluster.beat(0) == first)
        cluster.nodes[Cluster.node(0)]?.responseID = 5
        let far = cluster.beat(0)
        #expect(far.action == .resync)
        #expect(far.diagnostics == "Too far behind rm response id:1 nm response id:5")
        #expect(cluster.beat(7).action == .resync)
    }

    @Test func `containers that nobody knows are cleaned up, and their ends forgotten`() {
        var cluster = Cluster()
        let stranger = ContainerID(attempt: cluster.attempt(1, of: cluster.application(9)), packed: 1)
        cluster.nodes[Cluster.node(0)]?.running = [stranger]
        #expect(cluster.beat(0).containersToCleanUp == [stranger])
        #expect(cluster.beat(0, ended: [(stranger, -106)]).containersToForget == [stranger])
    }

    @Test func `a node cannot end, nor claim, what another one runs`() throws {
        var cluster = Cluster(nodes: 2)
        cluster.run()
        let master = try #require(cluster.seen.applications[cluster.application()]?.masterContainer)
        #expect(cluster.seen.containers[master]?.node == Cluster.node(0))
        cluster.beat(0)
        cluster.nodes[Cluster.node(1)]?.running = [master]
        #expect(cluster.beat(1).containersToCleanUp == [master])
        cluster.beat(1, ended: [(master, 1)])
        cluster.nodes[Cluster.node(1)]?.running = [master]
        cluster.register(1)
        #expect(cluster.seen.applications[cluster.application()]?.state == .running)
        #expect(cluster.seen.nodes[Cluster.node(1)]?.used == .zero)
    }

    @Test func `a silent node is lost with all it ran, its ApplicationMasters start elsewhere uncounted`() throws {
        var cluster = Cluster(nodes: 1)
        cluster.run { $0.maximumAttempts = 1 }
        cluster.register(1)
        cluster.pass(milliseconds: 300_000)
        cluster.beat(1)
        cluster.pass(milliseconds: 300_000)
        #expect(cluster.seen.nodes[Cluster.node(0)]?.state == .lost)
        #expect(cluster.seen.attempts[cluster.attempt()]?.state == .failed)
        #expect(cluster.seen.attempts[cluster.attempt()]?.exitStatus == .aborted)
        #expect(cluster.seen.attempts[cluster.attempt(2)]?.masterNode == Cluster.node(1))
        #expect(cluster.seen.metrics.lostNodes == 1)
        #expect(cluster.seen.metrics.total.memoryMiB == 4096)
        // It comes back with what it still runs: that is not wanted any more.
        #expect(cluster.beat(0).action == .resync)
        let master = try #require(cluster.store.attempts[cluster.attempt()]?.masterContainer)
        cluster.register(0)
        #expect(cluster.seen.metrics.lostNodes == 0)
        #expect(cluster.beat(0).containersToCleanUp == [master])
    }

    @Test func `lost containers are reported to their ApplicationMaster`() throws {
        var cluster = Cluster(nodes: 1)
        cluster.run()
        cluster.register(1)
        let asks = [row(count: 1, at: .host("n1")), row(count: 1, relax: false)]
        let granted = try #require(cluster.allocate(cluster.attempt(), 0, asks: asks).allocation?.granted.first)
        #expect(granted.node == Cluster.node(1))
        _ = cluster.ask { .nodeUnregistered($0, Cluster.node(1)) }
        let reply = try #require(cluster.allocate(cluster.attempt(), 1).allocation)
        // The grant never reached its node, but the ApplicationMaster had it: it must hear of its end.
        #expect(reply.completed.map(\.id) == [granted.id])
        #expect(reply.completed.map(\.diagnostics) == ["Container released on a *lost* node"])
        #expect(reply.updatedNodes.map(\.state) == [.shutdown])
        #expect(reply.clusterNodeCount == 1)
    }

    @Test func `a container lost before its ApplicationMaster heard of it is replaced without a word`() throws {
        var cluster = Cluster(nodes: 0)
        cluster.register(0, memoryMiB: 512)
        cluster.run()
        #expect(cluster.allocate(cluster.attempt(), 0, asks: [row(count: 1)]).allocation?.granted == [])
        cluster.register(1)
        cluster.register(2)
        #expect(cluster.seen.metrics.containersAllocated == 2)
        _ = cluster.ask { .nodeUnregistered($0, Cluster.node(1)) }
        let reply = try #require(cluster.allocate(cluster.attempt(), 1).allocation)
        #expect(reply.granted.map(\.node) == [Cluster.node(2)])
        #expect(reply.completed == [])
        #expect(cluster.seen.containers.count == 2)
    }

    @Test func `an unhealthy node is left and used again when it is well`() {
        var cluster = Cluster()
        let ill = Core.NodeHealth(isHealthy: false, report: "disks full", reportedAt: cluster.now)
        cluster.beat(0, health: ill)
        #expect(cluster.seen.nodes[Cluster.node(0)]?.state == .unhealthy)
        #expect(cluster.seen.nodes[Cluster.node(0)]?.healthReport == "disks full")
        #expect(cluster.seen.metrics.unhealthyNodes == 1)
        cluster.submit()
        #expect(cluster.seen.attempts[cluster.attempt()]?.state == .scheduled)
        #expect(
            cluster.seen.applications[cluster.application()]?.diagnostics.contains("no node takes work") == true
        )
        cluster.beat(0)
        #expect(cluster.seen.attempts[cluster.attempt()]?.state == .allocated)
    }

    @Test func `a node that registers again keeps what it says it runs and loses what it does not`() throws {
        var cluster = Cluster()
        cluster.run()
        let granted = try #require(
            cluster.allocate(cluster.attempt(), 0, asks: [row(count: 2)]).allocation?.granted
        )
        cluster.nodes[Cluster.node(0)]?.running += granted.map(\.id)
        cluster.beat(0)
        cluster.nodes[Cluster.node(0)]?.running.removeAll { $0 == granted[1].id }
        cluster.register(0)
        #expect(cluster.allocate(cluster.attempt(), 1).allocation?.completed.map(\.id) == [granted[1].id])
        #expect(cluster.seen.metrics.containersAllocated == 2)
        #expect(cluster.beat(0).responseID == 1)
    }

    @Test func `an excluded node is decommissioned at once, and told to shut down`() {
        var cluster = Cluster(nodes: 2)
        let lists = Core.NodeLists(excluded: ["n1"])
        let reply = cluster.ask {
            .nodesRefreshed($0, .normal(lists), by: Cluster.user)
        }
        #expect(reply == .done)
        #expect(cluster.seen.nodes[Cluster.node(1)]?.state == .decommissioned)
        #expect(cluster.seen.metrics.activeNodes == 1)
        let told = cluster.beat(1)
        #expect(told.action == .shutdown)
        #expect(told.diagnostics == "Disallowed NodeManager nodeId: n1:1 hostname: n1")
        // Welcome again, it may come back.
        _ = cluster.ask {
            .nodesRefreshed($0, .normal(Core.NodeLists()), by: Cluster.user)
        }
        #expect(cluster.beat(1).action == .resync)
    }

    @Test func `a graceful decommission waits for what runs, takes nothing new, and ends in time`() {
        var cluster = Cluster()
        cluster.run()
        let lists = Core.NodeLists(excluded: ["n0"])
        _ = cluster.ask { .nodesRefreshed($0, .graceful(lists, timeoutSeconds: 60), by: Cluster.user) }
        #expect(cluster.seen.nodes[Cluster.node(0)]?.state == .decommissioning)
        #expect(cluster.seen.nodes[Cluster.node(0)]?.decommissioningTimeoutSeconds == 60)
        #expect(cluster.allocate(cluster.attempt(), 0, asks: [row(count: 1)]).allocation?.granted == [])
        #expect(cluster.beat(0).action == .normal)
        cluster.pass(milliseconds: 60_000)
        #expect(cluster.seen.nodes[Cluster.node(0)]?.state == .decommissioned)
        #expect(cluster.seen.attempts[cluster.attempt()]?.state == .failed)
    }

    @Test func `a draining node stays until the applications that ran there are over`() throws {
        var cluster = Cluster(nodes: 2)
        cluster.run()
        let attempt = cluster.attempt()
        let master = try #require(cluster.seen.attempts[attempt]?.masterNode)
        let other = master == Cluster.node(0) ? 1 : 0
        let granted = try #require(cluster.allocate(attempt, 0, asks: [row(count: 2)]).allocation?.granted)
        let worker = try #require(granted.first { $0.node == Cluster.node(other) })
        cluster.nodes[worker.node]?.running.append(worker.id)
        cluster.beat(other)
        let lists = Core.NodeLists(excluded: [worker.node.host])
        _ = cluster.ask { .nodesRefreshed($0, .graceful(lists, timeoutSeconds: -1), by: Cluster.user) }
        #expect(cluster.seen.nodes[worker.node]?.decommissioningTimeoutSeconds == -1)
        cluster.beat(other, ended: [(worker.id, 0)])
        #expect(cluster.seen.nodes[worker.node]?.state == .decommissioning)
        #expect(cluster.seen.nodes[worker.node]?.containerCount == 0)
        _ = cluster.kill(cluster.application())
        cluster.beat(other)
        #expect(cluster.seen.nodes[worker.node]?.state == .decommissioned)
    }

    @Test func `a host's own time to drain goes before the request's, and a forceful refresh ends the draining`() {
        var cluster = Cluster()
        cluster.run()
        let node = Cluster.node(0)
        let lists = Core.NodeLists(excluded: ["n0"], drainSeconds: ["n0": 30])
        _ = cluster.ask { .nodesRefreshed($0, .graceful(lists, timeoutSeconds: 60), by: Cluster.user) }
        #expect(cluster.seen.nodes[node]?.decommissioningTimeoutSeconds == 30)
        // A new time counts from now; the same one again changes nothing.
        cluster.pass(milliseconds: 20_000)
        let plain = Core.NodeLists(excluded: ["n0"])
        _ = cluster.ask { .nodesRefreshed($0, .graceful(plain, timeoutSeconds: 40), by: Cluster.user) }
        cluster.pass(milliseconds: 20_000)
        _ = cluster.ask { .nodesRefreshed($0, .graceful(plain, timeoutSeconds: 40), by: Cluster.user) }
        #expect(cluster.seen.nodes[node]?.state == .decommissioning)
        cluster.pass(milliseconds: 19_000)
        #expect(cluster.seen.nodes[node]?.state == .decommissioning)
        cluster.pass(milliseconds: 1_000)
        #expect(cluster.seen.nodes[node]?.state == .decommissioned)

        var second = Cluster()
        second.run()
        _ = second.ask { .nodesRefreshed($0, .graceful(plain, timeoutSeconds: nil), by: Cluster.user) }
        #expect(second.seen.nodes[node]?.decommissioningTimeoutSeconds == 3_600)
        _ = second.ask { .nodesRefreshed($0, .forceful, by: Cluster.user) }
        #expect(second.seen.nodes[node]?.state == .decommissioned)
    }

    @Test func `signals travel with the next heartbeat`() throws {
        var cluster = Cluster()
        cluster.run()
        let container = try #require(cluster.seen.applications[cluster.application()]?.masterContainer)
        cluster.beat(0)
        cluster.actions = []
        #expect(
            cluster.ask { .containerSignalRequested($0, container, .outputThreadDump, by: Cluster.user) } == .done
        )
        #expect(cluster.actions == [.nodeEventPending(Cluster.node(0))])
        #expect(
            cluster.beat(0).containersToSignal
                == [Core.ContainerSignal(container: container, command: .outputThreadDump)]
        )
        let absent = ContainerID(attempt: cluster.attempt(), packed: 99)
        #expect(
            cluster.ask { .containerSignalRequested($0, absent, .gracefulShutdown, by: Cluster.user) }.failure
                == .refused("Trying to signal an absent container \(absent)")
        )
    }
}
