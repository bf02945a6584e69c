import ClusterModel
import SchedulerCore
import Testing

@testable import ResourceManagerCore

@Suite struct Attempts {
    /// Ends the ApplicationMaster's container on node 0.
    private func endMaster(of attempt: ApplicationAttemptID, _ code: Int32, in cluster: inout Cluster) throws {
        let container = try #require(cluster.seen.attempts[attempt]?.masterContainer)
        cluster.beat(0, ended: [(container, code)])
    }

    @Test func `a failed ApplicationMaster is followed by another, with a new id and clean containers`() throws {
        var cluster = Cluster()
        cluster.run()
        let granted = try #require(
            cluster.allocate(cluster.attempt(), 0, asks: [row(count: 1)]).allocation?.granted.first
        )
        cluster.nodes[Cluster.node(0)]?.running.append(granted.id)
        cluster.beat(0)
        try self.endMaster(of: cluster.attempt(), 1, in: &cluster)
        #expect(cluster.seen.attempts[cluster.attempt()]?.state == .failed)
        #expect(cluster.seen.attempts[cluster.attempt()]?.exitStatus.code == 1)
        let view = cluster.seen.applications[cluster.application()]
        #expect(view?.state == .accepted)
        #expect(view?.currentAttempt == cluster.attempt(2))
        #expect(cluster.seen.containers[granted.id] == nil)
        cluster.launch(cluster.attempt(2))
        cluster.registerMaster(cluster.attempt(2))
        #expect(cluster.seen.applications[cluster.application()]?.state == .running)
        #expect(cluster.allocate(cluster.attempt(), 1).failure == .attemptUnknown(cluster.attempt()))
    }

    @Test func `after the last attempt the application has failed, and says what the last one died of`() throws {
        var cluster = Cluster()
        cluster.run()
        try self.endMaster(of: cluster.attempt(), 1, in: &cluster)
        cluster.launch(cluster.attempt(2))
        try self.endMaster(of: cluster.attempt(2), 13, in: &cluster)
        let id = cluster.application()
        let view = try #require(cluster.seen.applications[id])
        #expect(view.state == .failed)
        #expect(view.finalStatus == .failed)
        #expect(
            view.diagnostics == """
                Application \(id) failed 2 times due to AM Container for \(cluster.attempt(2)) exited with  exitCode: 13
                Failing this attempt.Diagnostics: it broke
                For more detailed output, check the application tracking page: http://rm:8088/cluster/app/\(id) Then \
                click on links to logs of each attempt.
                . Failing the application.
                """
        )
        #expect(cluster.store.applications[id]?.finalState == .failed)
        #expect(cluster.store.attempts.count == 2)
    }

    @Test func `an application's own limit of attempts is named beside the cluster's`() throws {
        var cluster = Cluster()
        cluster.run { $0.maximumAttempts = 1 }
        try self.endMaster(of: cluster.attempt(), 1, in: &cluster)
        let diagnostics = try #require(cluster.seen.applications[cluster.application()]?.diagnostics)
        #expect(diagnostics.contains(" failed 1 times (global limit =2; local limit is =1) due to "))
    }

    @Test func `an application cannot have more attempts than the cluster allows`() throws {
        var cluster = Cluster()
        cluster.run { $0.maximumAttempts = 5 }
        try self.endMaster(of: cluster.attempt(), 1, in: &cluster)
        cluster.launch(cluster.attempt(2))
        try self.endMaster(of: cluster.attempt(2), 1, in: &cluster)
        #expect(cluster.seen.applications[cluster.application()]?.state == .failed)
        #expect(cluster.seen.attempts[cluster.attempt(3)] == nil)
    }

    @Test(arguments: [(-102, false), (-100, false), (-101, false), (-106, false), (1, true), (0, true), (143, true)])
    func `what the cluster did to it does not count against it`(code: Int32, counts: Bool) throws {
        var cluster = Cluster()
        cluster.run { $0.maximumAttempts = 1 }
        try self.endMaster(of: cluster.attempt(), code, in: &cluster)
        #expect(cluster.seen.applications[cluster.application()]?.state == (counts ? .failed : .accepted))
    }

    @Test func `only failures within the validity interval count`() throws {
        var cluster = Cluster()
        cluster.run { $0.attemptFailuresValidityMilliseconds = 10_000 }
        for number in 1...4 {
            cluster.now.milliseconds += 10_000
            try self.endMaster(of: cluster.attempt(Int32(number)), 1, in: &cluster)
            cluster.launch(cluster.attempt(Int32(number) + 1))
        }
        #expect(cluster.seen.applications[cluster.application()]?.state == .accepted)
        cluster.now.milliseconds += 9_999
        try self.endMaster(of: cluster.attempt(5), 1, in: &cluster)
        let view = cluster.seen.applications[cluster.application()]
        #expect(view?.state == .failed)
        #expect(view?.diagnostics.contains("failed 2 times in previous 10000 milliseconds due to") == true)
    }

    @Test func `a silent ApplicationMaster is given up, and stopped where it runs`() throws {
        var cluster = Cluster(Cluster.settings { $0.masterExpiry = .seconds(60) })
        cluster.run()
        let container = try #require(cluster.seen.attempts[cluster.attempt()]?.masterContainer)
        cluster.pass(milliseconds: 59_000)
        _ = cluster.allocate(cluster.attempt(), 0)
        cluster.pass(milliseconds: 59_999)
        #expect(cluster.seen.attempts[cluster.attempt()]?.state == .running)
        cluster.pass(milliseconds: 1)
        #expect(cluster.seen.attempts[cluster.attempt()]?.state == .failed)
        #expect(
            cluster.seen.attempts[cluster.attempt()]?.diagnostics
                == "ApplicationMaster for attempt \(cluster.attempt()) timed out"
        )
        #expect(
            cluster.actions.contains(
                .stopApplicationMaster(cluster.attempt(), container: container, on: Cluster.node(0))
            )
        )
        #expect(cluster.beat(0).containersToCleanUp == [container])
    }

    @Test func `a launch that fails is a failed attempt`() {
        var cluster = Cluster()
        cluster.submit()
        cluster.step(.applicationMasterLaunchFailed(cluster.attempt(), diagnostics: "no route"))
        #expect(
            cluster.seen.attempts[cluster.attempt()]?.diagnostics
                == "Error launching \(cluster.attempt()). Got exception: no route"
        )
        #expect(cluster.seen.applications[cluster.application()]?.currentAttempt == cluster.attempt(2))
    }

    @Test func `an ApplicationMaster that unregistered and never exits is taken to have ended`() throws {
        var cluster = Cluster(Cluster.settings { $0.masterExpiry = .seconds(60) })
        cluster.run()
        _ = cluster.finishMaster(cluster.attempt())
        cluster.pass(milliseconds: 60_000)
        #expect(cluster.seen.attempts[cluster.attempt()]?.state == .finished)
        let container = try #require(cluster.store.attempts[cluster.attempt()]?.masterContainer)
        #expect(cluster.beat(0).containersToCleanUp == [container])
    }

    @Test func `an unmanaged application needs no container and gets its token key while it has not registered`() {
        var cluster = Cluster()
        cluster.submit {
            $0.isUnmanaged = true
            $0.masterRequests = []
        }
        let id = cluster.application()
        #expect(cluster.actions.isEmpty)
        #expect(cluster.seen.attempts[cluster.attempt()]?.state == .launched)
        #expect(cluster.seen.applications[id]?.unmanagedTokenKeyID == 1)
        cluster.registerMaster(cluster.attempt())
        #expect(cluster.seen.applications[id]?.unmanagedTokenKeyID == nil)
        #expect(cluster.allocate(cluster.attempt(), 0, asks: [row(count: 1)]).allocation?.granted.count == 1)
        #expect(cluster.finishMaster(cluster.attempt()) == .masterFinished(isUnregistered: true))
        #expect(cluster.seen.attempts[cluster.attempt()]?.state == .finished)
        #expect(cluster.seen.metrics.containersAllocated == 0)
    }

    @Test func `containers kept across attempts are handed to the next ApplicationMaster`() throws {
        var cluster = Cluster()
        cluster.run { $0.keepsContainers = true }
        let granted = try #require(
            cluster.allocate(cluster.attempt(), 0, asks: [row(count: 2)]).allocation?.granted
        )
        cluster.nodes[Cluster.node(0)]?.running += granted.map(\.id)
        cluster.beat(0)
        // One ends without the first attempt having heard of it.
        cluster.beat(0, ended: [(granted[0].id, 1)])
        try self.endMaster(of: cluster.attempt(), 1, in: &cluster)
        #expect(cluster.beat(0).containersToCleanUp == [])
        cluster.launch(cluster.attempt(2))
        guard case .masterRegistered(let reply) = cluster.registerMaster(cluster.attempt(2)) else {
            Issue.record("not registered")
            return
        }
        #expect(reply.containersFromPreviousAttempts.map(\.id) == [granted[1].id])
        #expect(reply.nodeTokens.map(\.node) == [Cluster.node(0)])
        #expect(cluster.allocate(cluster.attempt(2), 0).allocation?.completed.map(\.id) == [granted[0].id])
        _ = cluster.finishMaster(cluster.attempt(2))
        try self.endMaster(of: cluster.attempt(2), 0, in: &cluster)
        #expect(cluster.seen.metrics.containersAllocated == 0)
    }

    @Test func `a client can fail an attempt`() {
        var cluster = Cluster()
        cluster.run()
        let attempt = cluster.attempt()
        #expect(cluster.ask { .attemptFailureRequested($0, attempt, by: Cluster.user) } == .done)
        #expect(cluster.seen.attempts[attempt]?.diagnostics == "Attempt failed by user.")
        #expect(cluster.seen.applications[cluster.application()]?.currentAttempt == cluster.attempt(2))
        let unknown = cluster.attempt(9)
        #expect(
            cluster.ask { .attemptFailureRequested($0, unknown, by: Cluster.user) }.failure == .attemptNotFound(unknown)
        )
    }

    @Test func `use is counted in memory and vcores times time`() throws {
        var cluster = Cluster()
        cluster.run()
        cluster.now.milliseconds += 10_000
        _ = cluster.allocate(cluster.attempt(), 0, asks: [row(memoryMiB: 1024, vcores: 2, count: 1)])
        let usage = try #require(cluster.seen.applications[cluster.application()]?.usage)
        let later = cluster.now.adding(milliseconds: 5_000)
        #expect(usage.memorySeconds(at: later) == 512 * 15 + 1024 * 5)
        #expect(usage.vcoreSeconds(at: later) == 15 + 2 * 5)
        cluster.now = later
        _ = cluster.kill(cluster.application())
        let ended = try #require(cluster.seen.applications[cluster.application()]?.usage)
        #expect(ended.memorySeconds(at: later.adding(milliseconds: 99_000)) == 512 * 15 + 1024 * 5)
        let stored: Int64 = (512 * 15 + 1024 * 5) * 1000
        #expect(cluster.store.attempts[cluster.attempt()]?.memoryMiBMilliseconds == stored)
    }
}

/// Where an application can be when somebody kills it.
enum Moment: CaseIterable {
    case notActivated
    case waitingForRoom
    case allocated
    case launched
    case running
    case runningWithContainers
    case secondAttempt
    case unmanaged
    case recovered

    func bring(_ cluster: inout Cluster) {
        switch self {
        case .notActivated:
            cluster.submit(2)
            cluster.submit()
        case .waitingForRoom: cluster.submit()
        case .allocated: cluster.submit()
        case .launched:
            cluster.submit()
            cluster.launch(cluster.attempt())
        case .running: cluster.run()
        case .runningWithContainers:
            cluster.run()
            _ = cluster.allocate(cluster.attempt(), 0, asks: [row(count: 20)])
        case .secondAttempt:
            cluster.run()
            let attempt = cluster.attempt()
            _ = cluster.ask { .attemptFailureRequested($0, attempt, by: Cluster.user) }
        case .unmanaged: cluster.submit { $0.isUnmanaged = true }
        case .recovered: cluster.run()
        }
    }
}

@Suite struct Kill {
    @Test(arguments: Moment.allCases)
    func `it ends an application at once, from wherever it is, and leaves nothing behind`(moment: Moment) {
        let settings = Cluster.settings {
            if moment == .notActivated { $0.scheduler.maximumMasterResourcePartsPerMillion = 1 }
        }
        var cluster = Cluster(settings, nodes: moment == .waitingForRoom ? 0 : 1)
        moment.bring(&cluster)
        let id = cluster.application()
        if moment == .recovered { cluster.restart() }
        #expect(cluster.kill(id) == .kill(isCompleted: true))
        let view = cluster.seen.applications[id]
        #expect(view?.state == .killed)
        #expect(view?.finalStatus == .killed)
        #expect(view?.diagnostics == "Application \(id) was killed by user ann at 127.0.0.1")
        #expect(view?.finishedAt == cluster.now)
        #expect(cluster.store.applications[id]?.finalState == .killed)
        #expect(cluster.seen.attempts.values.filter { $0.id.application == id }.allSatisfy { $0.state.isFinal })
        #expect(cluster.seen.containers.keys.filter { $0.application == id }.isEmpty)
        #expect(cluster.core.scheduler.containers(of: id).isEmpty)
        #expect(cluster.core.scheduler.brokenInvariant == nil)
        // Killing what is over is no error.
        #expect(cluster.kill(id) == .kill(isCompleted: true))
        cluster.beat(0)
        cluster.pass(milliseconds: 86_400_000)
        #expect(cluster.seen.applications[id]?.state == .killed)
    }

    @Test func `an ApplicationMaster that has unregistered is left to exit`() {
        var cluster = Cluster()
        cluster.run()
        _ = cluster.finishMaster(cluster.attempt())
        #expect(cluster.kill(cluster.application()) == .kill(isCompleted: true))
        #expect(cluster.seen.applications[cluster.application()]?.state == .finished)
    }

    @Test func `an unknown application is named`() {
        var cluster = Cluster()
        let id = cluster.application(5)
        #expect(cluster.kill(id).failure == .applicationNotFound(id))
    }

    @Test func `a lifetime ends an application when its time is over`() {
        var cluster = Cluster()
        cluster.run { $0.lifetimeSeconds = 60 }
        let id = cluster.application()
        cluster.pass(milliseconds: 59_999)
        #expect(cluster.seen.applications[id]?.state == .running)
        cluster.pass(milliseconds: 1)
        #expect(cluster.seen.applications[id]?.state == .killed)
    }

    @Test func `a lifetime ends an application, and can be changed`() {
        var cluster = Cluster()
        cluster.run { $0.lifetimeSeconds = 60 }
        let id = cluster.application()
        #expect(cluster.seen.applications[id]?.lifetimeEndsAt == cluster.now.adding(milliseconds: 60_000))
        let later = cluster.now.adding(milliseconds: 90_000)
        let reply = cluster.ask { .timeoutUpdateRequested($0, id, expiresAt: later, by: Cluster.user) }
        #expect(reply == .timeout(expiresAt: later))
        cluster.pass(milliseconds: 89_999)
        #expect(cluster.seen.applications[id]?.state == .running)
        cluster.pass(milliseconds: 1)
        #expect(cluster.seen.applications[id]?.state == .killed)
        #expect(
            cluster.seen.applications[id]?.diagnostics == "Application killed due to exceeding its lifetime period"
        )
    }
}
