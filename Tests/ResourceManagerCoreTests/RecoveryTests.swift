import ClusterModel
import SchedulerCore
import Testing

@testable import ResourceManagerCore

@Suite struct Recovery {
    @Test func `a running job goes on over a restart`() throws {
        var cluster = Cluster()
        cluster.run()
        let id = cluster.application()
        let attempt = cluster.attempt()
        let granted = try #require(cluster.allocate(attempt, 0, asks: [row(count: 2)]).allocation?.granted)
        cluster.nodes[Cluster.node(0)]?.running += granted.map(\.id)
        cluster.beat(0)
        cluster.restart()
        #expect(cluster.seen.applications[id]?.state == .accepted)
        #expect(cluster.allocate(attempt, 1).failure == .applicationMasterNotRegistered(attempt))
        #expect(cluster.beat(0).action == .resync)
        // One container ended while nobody listened.
        cluster.nodes[Cluster.node(0)]?.running.removeAll { $0 == granted[0].id }
        cluster.register(0) { registration in
            let ended = Core.NodeContainer(
                id: granted[0].id,
                state: .complete,
                capability: granted[0].capability,
                diagnostics: "gone",
                exitStatus: ContainerExitStatus(code: 3)
            )
            registration.containers.append(ended)
        }
        #expect(cluster.seen.metrics.containersAllocated == 2)
        cluster.registerMaster(attempt)
        #expect(cluster.seen.applications[id]?.state == .running)
        let reply = try #require(cluster.allocate(attempt, 0, asks: [row(count: 1)]).allocation)
        #expect(reply.completed.map(\.exitStatus.code) == [3])
        #expect(reply.granted.map(\.id.epoch) == [1])
        #expect(reply.granted.map(\.id.description).first?.hasPrefix("container_e01_") == true)
        #expect(cluster.finishMaster(attempt) == .masterFinished(isUnregistered: true))
    }

    @Test func `ended applications are listed as they were`() throws {
        var cluster = Cluster()
        for number in 1...3 { cluster.run(Int32(number)) }
        let ids = (1...3).map { cluster.application(Int32($0)) }
        _ = cluster.kill(ids[0])
        cluster.now.milliseconds += 5
        _ = cluster.finishMaster(cluster.attempt(of: ids[1]))
        let before = cluster.seen.applications
        let attempts = cluster.seen.attempts
        cluster.restart()
        #expect(cluster.seen.applications[ids[0]] == before[ids[0]])
        #expect(cluster.seen.attempts[cluster.attempt(of: ids[0])] == attempts[cluster.attempt(of: ids[0])])
        let finished = try #require(cluster.seen.applications[ids[1]])
        #expect(finished.state == .finished)
        #expect(finished.finalStatus == .succeeded)
        #expect(finished.diagnostics == "bye")
        #expect(cluster.seen.attempts[cluster.attempt(of: ids[1])]?.state == .finished)
        // What its ApplicationMaster left on the node is cleaned up.
        let master = try #require(finished.masterContainer)
        cluster.register(0) { $0.runningApplications = ids }
        let told = cluster.beat(0)
        #expect(told.containersToCleanUp.contains(master))
        #expect(told.applicationsToCleanUp == [ids[0], ids[1]])
    }

    @Test func `an application that was waiting waits again, in its place`() {
        var cluster = Cluster(nodes: 0)
        cluster.submit(1)
        cluster.now.milliseconds += 1
        cluster.submit(2)
        let ids = [cluster.application(1), cluster.application(2)]
        cluster.restart()
        cluster.register(0, memoryMiB: 512)
        #expect(cluster.seen.attempts[cluster.attempt(of: ids[0])]?.state == .allocated)
        #expect(cluster.seen.attempts[cluster.attempt(of: ids[1])]?.state == .scheduled)
    }

    @Test func `an ApplicationMaster that its node does not have any more is replaced at once, uncounted`() {
        var cluster = Cluster()
        cluster.run { $0.maximumAttempts = 1 }
        let id = cluster.application()
        cluster.restart()
        cluster.nodes[Cluster.node(0)]?.running = []
        cluster.register(0)
        #expect(cluster.seen.attempts[cluster.attempt(of: id)]?.state == .failed)
        #expect(cluster.seen.attempts[cluster.attempt(2, of: id)]?.state == .allocated)
    }

    @Test func `an ApplicationMaster that does not register again in time has failed`() {
        var cluster = Cluster(Cluster.settings { $0.masterExpiry = .seconds(60) })
        cluster.run()
        let id = cluster.application()
        cluster.restart()
        cluster.register(0)
        cluster.pass(milliseconds: 60_000)
        #expect(cluster.seen.attempts[cluster.attempt(of: id)]?.state == .failed)
        #expect(cluster.seen.applications[id]?.currentAttempt?.number == 2)
    }

    @Test func `an ApplicationMaster that ended while nobody listened has failed with its exit code`() throws {
        var cluster = Cluster()
        cluster.run()
        let id = cluster.application()
        let master = try #require(cluster.seen.applications[id]?.masterContainer)
        cluster.restart()
        cluster.nodes[Cluster.node(0)]?.running = []
        cluster.register(0) { registration in
            registration.containers = [
                Core.NodeContainer(
                    id: master,
                    state: .complete,
                    capability: ResourceVector(memoryMiB: 512, vcores: 1),
                    exitStatus: ContainerExitStatus(code: 9)
                )
            ]
        }
        #expect(cluster.seen.attempts[cluster.attempt(of: id)]?.exitStatus.code == 9)
        #expect(cluster.seen.applications[id]?.currentAttempt?.number == 2)
    }

    @Test func `without work-preserving recovery attempts begin anew`() {
        var cluster = Cluster()
        cluster.run()
        let id = cluster.application()
        cluster.restart(Cluster.settings { $0.isRecoveryWorkPreserving = false })
        #expect(cluster.seen.attempts[cluster.attempt(of: id)]?.state == .failed)
        #expect(cluster.seen.attempts[cluster.attempt(2, of: id)]?.state == .scheduled)
        cluster.register(0)
        #expect(cluster.seen.attempts[cluster.attempt(2, of: id)]?.state == .allocated)
        #expect(cluster.beat(0).containersToCleanUp.count == 1)
    }

    @Test func `keys, and fields of a newer build, survive`() throws {
        var cluster = Cluster()
        cluster.run()
        let id = cluster.application()
        cluster.store.applications[id]?.unknownFields = OpaqueBytes([1, 2, 3])
        cluster.store.attempts[cluster.attempt()]?.unknownFields = OpaqueBytes([4])
        let attempt = cluster.attempt()
        cluster.step(.masterKeyOffered(.node, bytes: [77]))
        cluster.restart()
        #expect(cluster.actions.isEmpty)
        #expect(cluster.seen.keyRings[.node]?.accepted.map(\.bytes) == [[3], [77]])
        _ = cluster.kill(id)
        #expect(cluster.store.applications[id]?.unknownFields == OpaqueBytes([1, 2, 3]))
        #expect(cluster.store.attempts[attempt]?.unknownFields == OpaqueBytes([4]))
    }

    @Test func `new applications have the new run's timestamp, and epochs count the starts`() {
        var cluster = Cluster()
        #expect(cluster.store.epoch?.next == 1)
        cluster.restart()
        #expect(cluster.store.epoch?.next == 2)
        guard case .newApplication(let id, _) = cluster.ask({ .newApplicationRequested($0) }) else { return }
        #expect(id == ApplicationID(clusterTimestamp: cluster.now.milliseconds, number: 1))
    }

    @Test func `nothing is placed after a restart before nodes had the time to come back`() throws {
        var cluster = Cluster(Cluster.settings { $0.recoverySchedulingWait = .seconds(10) }, nodes: 2)
        cluster.run()
        let attempt = cluster.attempt()
        let filling = try #require(cluster.allocate(attempt, 0, asks: [row(memoryMiB: 4096, count: 1)]).allocation)
        let big = try #require(filling.granted.first)
        cluster.nodes[big.node]?.running.append(big.id)
        cluster.beat(0)
        cluster.beat(1)
        cluster.restart()
        cluster.register(0)
        cluster.registerMaster(attempt)
        #expect(cluster.allocate(attempt, 0, asks: [row(count: 1)]).allocation?.granted == [])
        cluster.submit(7)
        let waiting = cluster.application(7)
        #expect(cluster.seen.attempts[cluster.attempt(of: waiting)]?.state == .scheduled)
        #expect(
            cluster.seen.applications[waiting]?.diagnostics
                .contains("work-preserving-recovery.scheduling-wait-ms") == true
        )
        cluster.pass(milliseconds: 9_999)
        #expect(cluster.seen.attempts[cluster.attempt(of: waiting)]?.state == .scheduled)
        cluster.register(1)
        cluster.pass(milliseconds: 1)
        #expect(cluster.seen.attempts[cluster.attempt(of: waiting)]?.state == .allocated)
        #expect(cluster.allocate(attempt, 1).allocation?.granted.count == 1)
    }

    @Test func `there is nothing to wait for without live applications or work-preserving recovery`() {
        var cluster = Cluster(Cluster.settings { $0.recoverySchedulingWait = .seconds(10) })
        cluster.run()
        _ = cluster.kill(cluster.application())
        cluster.restart()
        cluster.register(0)
        cluster.submit(1)
        #expect(cluster.seen.attempts[cluster.attempt()]?.state == .allocated)
        cluster.restart(
            Cluster.settings {
                $0.recoverySchedulingWait = .seconds(10)
                $0.isRecoveryWorkPreserving = false
            }
        )
        cluster.register(0)
        #expect(cluster.seen.attempts.values.contains { $0.state == .allocated })
    }

    @Test func `a lifetime goes on counting`() {
        var cluster = Cluster()
        cluster.run { $0.lifetimeSeconds = 60 }
        let id = cluster.application()
        cluster.pass(milliseconds: 30_000)
        cluster.restart()
        cluster.register(0)
        cluster.pass(milliseconds: 29_000)
        #expect(cluster.seen.applications[id]?.state == .killed)
    }
}
