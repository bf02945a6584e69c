import ClusterModel
import Testing

@testable import ResourceManagerCore

@Suite struct `What an ApplicationMaster is answered` {
    @Test func `response ids: the next is a new step, a repeated one gets the last reply again`() throws {
        var cluster = Cluster()
        cluster.run()
        let attempt = cluster.attempt()
        let first = try #require(cluster.allocate(attempt, 0, asks: [row(count: 1)]).allocation)
        #expect(first.responseID == 1)
        #expect(first.granted.count == 1)
        // The reply was lost: the same call comes again, and must not ask twice.
        #expect(cluster.allocate(attempt, 0, asks: [row(count: 1)]).allocation == first)
        #expect(cluster.seen.metrics.containersAllocated == 2)
        let second = try #require(cluster.allocate(attempt, 1).allocation)
        #expect(second.responseID == 2)
        #expect(second.granted.isEmpty)
    }

    @Test(arguments: [5, 2, -1, Int32.max])
    func `any other response id is refused with the one expected`(received: Int32) {
        var cluster = Cluster()
        cluster.run()
        _ = cluster.allocate(cluster.attempt(), 0)
        let failure = cluster.allocate(cluster.attempt(), received).failure
        #expect(failure == .invalidResponseID(cluster.attempt(), expected: 1, received: received))
        #expect(
            failure?.message == "Invalid responseId in AllocateRequest from application attempt: "
                + "\(cluster.attempt()), expect responseId to be 1, but get \(received)"
        )
    }

    @Test func `response ids wrap to zero`() {
        #expect(Core.next(0) == 1)
        #expect(Core.next(.max) == 0)
        #expect(Core.next(-1) == 0)
    }

    @Test func `registering twice is refused`() {
        var cluster = Cluster()
        cluster.run()
        #expect(cluster.registerMaster(cluster.attempt()).failure == .alreadyRegistered(cluster.application()))
    }

    @Test func `calls before registration are told to register`() {
        var cluster = Cluster()
        cluster.submit()
        let attempt = cluster.attempt()
        #expect(cluster.allocate(attempt, 0).failure == .applicationMasterNotRegistered(attempt))
        #expect(cluster.finishMaster(attempt).failure == .applicationMasterNotRegistered(attempt))
        cluster.launch(attempt)
        #expect(cluster.allocate(attempt, 0).failure == .applicationMasterNotRegistered(attempt))
    }

    @Test func `registration may come before the launch is known to have succeeded`() {
        var cluster = Cluster()
        cluster.submit()
        guard case .masterRegistered = cluster.registerMaster(cluster.attempt()) else {
            Issue.record("refused")
            return
        }
        cluster.step(.applicationMasterLaunched(cluster.attempt()))
        #expect(cluster.seen.attempts[cluster.attempt()]?.state == .running)
        #expect(cluster.seen.applications[cluster.application()]?.launchedAt == cluster.now)
    }

    @Test func `an attempt that is over or unknown is told to exit`() {
        var cluster = Cluster()
        cluster.run()
        _ = cluster.kill(cluster.application())
        for attempt in [cluster.attempt(), cluster.attempt(9), cluster.attempt(of: cluster.application(77))] {
            #expect(cluster.allocate(attempt, 0).failure == .attemptUnknown(attempt))
            #expect(cluster.registerMaster(attempt).failure == .attemptUnknown(attempt))
            #expect(cluster.finishMaster(attempt).failure == .attemptUnknown(attempt))
        }
    }

    @Test func `an attempt that another one has replaced can neither register nor go on`() throws {
        var cluster = Cluster()
        cluster.run()
        let master = try #require(cluster.seen.applications[cluster.application()]?.masterContainer)
        cluster.beat(0, ended: [(master, 1)])
        let (old, new) = (cluster.attempt(), cluster.attempt(2))
        cluster.launch(new)
        #expect(cluster.registerMaster(old).failure == .attemptUnknown(old))
        #expect(cluster.registerMaster(new).failure == nil)
        #expect(cluster.registerMaster(old).failure == .attemptUnknown(old))
        #expect(cluster.allocate(old, 0).failure == .attemptUnknown(old))
        #expect(cluster.finishMaster(old).failure == .attemptUnknown(old))
        #expect(cluster.seen.applications[cluster.application()]?.state == .running)
    }

    @Test func `a repeated unregistration is told that it is done, before and after the container's end`() throws {
        var cluster = Cluster()
        cluster.run()
        let attempt = cluster.attempt()
        for _ in 0..<2 { #expect(cluster.finishMaster(attempt) == .masterFinished(isUnregistered: true)) }
        // Its heartbeat thread may still call once; it gets nothing new and no error.
        #expect(cluster.allocate(attempt, 0, asks: [row(count: 1)]).allocation?.granted == [])
        let master = try #require(cluster.seen.applications[cluster.application()]?.masterContainer)
        cluster.beat(0, ended: [(master, 0)])
        #expect(cluster.finishMaster(attempt) == .masterFinished(isUnregistered: true))
        #expect(cluster.seen.applications[cluster.application()]?.originalTrackingURL == "http://history")
    }

    @Test func `grants made between its calls come with the next one`() throws {
        var cluster = Cluster(nodes: 0)
        cluster.register(0, memoryMiB: 512)
        cluster.run()
        #expect(cluster.allocate(cluster.attempt(), 0, asks: [row(count: 2)]).allocation?.granted == [])
        cluster.register(1)
        #expect(cluster.seen.metrics.containersAllocated == 3)
        let reply = try #require(cluster.allocate(cluster.attempt(), 1).allocation)
        #expect(reply.granted.map(\.node) == [Cluster.node(1), Cluster.node(1)])
        #expect(reply.nodeTokens.map(\.node) == [Cluster.node(1)])
        #expect(reply.updatedNodes.map(\.id) == [Cluster.node(1)])
        #expect(try #require(cluster.allocate(cluster.attempt(), 2).allocation).updatedNodes.isEmpty)
    }

    @Test func `a node's token is sent once, and again when its key has changed`() throws {
        var cluster = Cluster()
        cluster.run()
        let attempt = cluster.attempt()
        #expect(cluster.allocate(attempt, 0, asks: [row(count: 1)]).allocation?.nodeTokens.map(\.keyID) == [1])
        #expect(cluster.allocate(attempt, 1, asks: [row(count: 1)]).allocation?.nodeTokens == [])
        cluster.step(.masterKeyOffered(.node, bytes: [9]))
        #expect(cluster.allocate(attempt, 2, asks: [row(count: 1)]).allocation?.nodeTokens == [])
        cluster.now.milliseconds += 500_000
        cluster.beat(0)
        cluster.now.milliseconds += 399_000
        _ = cluster.allocate(attempt, 3)
        cluster.pass(milliseconds: 1_000)
        #expect(cluster.seen.keyRings[.node]?.current.id == 2)
        #expect(cluster.allocate(attempt, 4, asks: [row(count: 1)]).allocation?.nodeTokens.map(\.keyID) == [2])
    }

    @Test func `a new AMRM key brings a new token, once`() throws {
        var cluster = Cluster()
        cluster.run()
        #expect(cluster.allocate(cluster.attempt(), 0).allocation?.newMasterTokenKeyID == nil)
        cluster.step(.masterKeyOffered(.applicationMaster, bytes: [9]))
        #expect(cluster.seen.keyRings[.applicationMaster]?.accepted.map(\.id) == [1, 2])
        #expect(cluster.allocate(cluster.attempt(), 1).allocation?.newMasterTokenKeyID == 2)
        #expect(cluster.allocate(cluster.attempt(), 2).allocation?.newMasterTokenKeyID == nil)
        #expect(cluster.allocate(cluster.attempt(), 3, keyID: 2).allocation?.newMasterTokenKeyID == nil)
    }

    /// An application's one container runs on the first node.
    private static func clusterWithContainer() throws -> (Cluster, ApplicationAttemptID, Core.GrantedContainer) {
        var cluster = Cluster()
        cluster.run()
        let attempt = cluster.attempt()
        let granted = try #require(cluster.allocate(attempt, 0, asks: [row(count: 1)]).allocation?.granted.first)
        cluster.nodes[Cluster.node(0)]?.running.append(granted.id)
        cluster.beat(0)
        return (cluster, attempt, granted)
    }

    @Test func `an end is told once, and its node may forget it when the next call proves that it arrived`() throws {
        var (cluster, attempt, granted) = try Self.clusterWithContainer()
        #expect(cluster.beat(0, ended: [(granted.id, 137)]).containersToForget == [])
        let told = try #require(cluster.allocate(attempt, 1).allocation)
        #expect(told.completed.map(\.exitStatus.code) == [137])
        #expect(cluster.allocate(attempt, 1).allocation == told)
        #expect(cluster.beat(0).containersToForget == [])
        #expect(cluster.allocate(attempt, 2).allocation?.completed == [])
        #expect(cluster.beat(0).containersToForget == [granted.id])
    }

    @Test func `a released container is reported ended and cleaned up`() throws {
        var (cluster, attempt, granted) = try Self.clusterWithContainer()
        let reply = try #require(cluster.allocate(attempt, 1, releases: [granted.id]).allocation)
        #expect(reply.completed.map(\.exitStatus) == [.aborted])
        #expect(reply.completed.map(\.diagnostics) == ["Container released by application"])
        #expect(cluster.beat(0).containersToCleanUp == [granted.id])
        // Until the node says that it is gone, its room is taken.
        #expect(cluster.seen.nodes[Cluster.node(0)]?.used.memoryMiB == 1024)
        // Nor may the node forget it before, whatever the application knows.
        _ = cluster.allocate(attempt, 2)
        #expect(cluster.beat(0).containersToForget == [])
        #expect(cluster.beat(0, ended: [(granted.id, -105)]).containersToForget == [granted.id])
        #expect(cluster.seen.nodes[Cluster.node(0)]?.used.memoryMiB == 512)
    }

    @Test func `a node forgets the containers of an ended application when it has said that they are gone`() throws {
        var (cluster, attempt, granted) = try Self.clusterWithContainer()
        _ = cluster.finishMaster(attempt)
        let master = ContainerID(attempt: attempt, packed: 1)
        let reply = cluster.beat(0, ended: [(master, 0)])
        #expect(reply.containersToCleanUp == [granted.id])
        #expect(!reply.containersToForget.contains(granted.id))
        #expect(cluster.seen.nodes[Cluster.node(0)]?.used.memoryMiB == 512)
        #expect(cluster.beat(0, ended: [(granted.id, 143)]).containersToForget == [granted.id])
        #expect(cluster.seen.nodes[Cluster.node(0)]?.used.memoryMiB == 0)
    }

    @Test func `asks that cannot be met are refused with the reason`() {
        var cluster = Cluster()
        cluster.run()
        let attempt = cluster.attempt()
        let tooLarge = cluster.allocate(attempt, 0, asks: [row(memoryMiB: 5000, count: 1)]).failure
        #expect(
            tooLarge?.message.hasPrefix(
                "Invalid resource request! Cannot allocate containers as requested resource is greater than maximum "
                    + "allowed allocation. Requested resource type=[memory-mb], Requested resource=<memory:5000, "
                    + "vCores:1>, maximum allowed allocation=<memory:4096, vCores:4>"
            ) == true
        )
        let rows = [
            row(memoryMiB: -1, count: 1), row(count: -1), row(vcores: -1, count: 1), row(vcores: 5, count: 1),
            row(count: .max),
        ]
        for ask in rows {
            guard case .invalidResourceRequest? = cluster.allocate(attempt, 0, asks: [ask]).failure else {
                Issue.record("\(ask) is accepted")
                continue
            }
        }
        var labelled = row(count: 1)
        labelled.nodeLabelExpression = "gpu"
        guard case .invalidLabel? = cluster.allocate(attempt, 0, asks: [labelled]).failure else {
            Issue.record("a label is accepted")
            return
        }
        let foreign = ContainerID(attempt: cluster.attempt(7), packed: 1)
        #expect(cluster.allocate(attempt, 0, releases: [foreign]).failure == .invalidRelease(foreign, attempt))
        let star = Core.AllocateRequest(responseID: 0, blacklistAdditions: ["*"])
        #expect(
            cluster.ask { .allocateRequested($0, attempt, keyID: 1, star) }.failure
                == .invalidBlacklist("Cannot add * to the blacklist!")
        )
        // None of them counted as a step.
        #expect(cluster.allocate(attempt, 0).allocation?.responseID == 1)
    }
}
