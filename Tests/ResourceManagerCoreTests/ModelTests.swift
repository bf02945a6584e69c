import ClusterModel
import SchedulerCore
import Testing

@testable import ResourceManagerCore

/// SplitMix64: the same seed gives the same run everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

/// A random life of a cluster: clients, ApplicationMasters that lose replies, nodes that die and come back, and
/// ResourceManagers that are killed.
struct Workload {
    private var generator: SeededGenerator
    var cluster = Cluster(
        Cluster.settings {
            $0.masterExpiry = .seconds(60)
            $0.nodeExpiry = .seconds(60)
            $0.maximumCompletedApplications = 20
            $0.tokenRenewers = ["rm"]
        },
        nodes: 4
    )
    private var applications: [ApplicationID] = []
    private var responseIDs: [ApplicationAttemptID: Int32] = [:]
    /// Which attempt each container was handed to.
    private(set) var handed: [ContainerID: ApplicationAttemptID] = [:]
    /// Ends told in this run of the ResourceManager, and to which attempt: what one has not confirmed is told to its
    /// successor too.
    private var told: [ApplicationAttemptID: Set<ContainerID>] = [:]

    init(seed: UInt64) {
        self.generator = SeededGenerator(seed: seed)
    }

    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self.generator) < percent
    }

    mutating func run(steps: Int, restarts: Bool) {
        for _ in 0..<steps {
            self.cluster.pass(milliseconds: Int64.random(in: 0...3000, using: &self.generator))
            switch Int.random(in: 0..<100, using: &self.generator) {
            case 0..<8: self.submit()
            case 8..<40: self.callAsMaster()
            case 40..<80: self.beat()
            case 80..<84: self.killApplication()
            case 84..<86: self.restartNode()
            case 86..<88: self.endMaster()
            case 88 where restarts: self.restart()
            default: self.launchAll()
            }
            self.check()
        }
    }

    private mutating func submit() {
        guard case .newApplication(let id, _) = self.cluster.ask({ .newApplicationRequested($0) }) else { return }
        self.applications.append(id)
        let keeps = self.chance(20)
        let isUnmanaged = self.chance(10)
        let submission = ApplicationSubmission(
            id: id,
            user: "u\(id.number % 3)",
            masterRequests: [row(count: 1)],
            isUnmanaged: isUnmanaged,
            keepsContainers: keeps,
            // Neighbours share one.
            webTokens: id.number % 3 == 0 ? [] : [Self.token(id.number / 3)]
        )
        _ = self.cluster.ask { .applicationSubmitted($0, submission, by: Cluster.user) }
    }

    private mutating func launchAll() {
        let actions = self.cluster.actions
        self.cluster.actions = []
        for action in actions {
            switch action {
            case .launchApplicationMaster(let launch):
                if self.chance(10) {
                    self.cluster.step(.applicationMasterLaunchFailed(launch.attempt, diagnostics: "no"))
                } else {
                    self.cluster.launch(launch.attempt)
                    self.registerMaster(launch.attempt)
                }
            case .masterKeyWanted(let kind): self.cluster.step(.masterKeyOffered(kind, bytes: [1, 2]))
            case .renewToken(let token):
                if self.chance(10) {
                    let mayPass = self.chance(80)
                    self.cluster.step(.tokenRenewalFailed(token, reason: "no", mayPass: mayPass))
                } else {
                    self.cluster.step(.tokenRenewed(token, expiresAt: self.cluster.now.adding(milliseconds: 60_000)))
                }
            case .stopApplicationMaster, .nodeEventPending, .cancelToken: break
            }
        }
    }

    private static func token(_ number: Int32) -> RenewableToken {
        RenewableToken(
            service: "10.0.0.1:9870",
            renewer: "rm",
            owner: "ann",
            number: number,
            maximumDate: .distantFuture,
            text: "\(number)"
        )
    }

    private mutating func registerMaster(_ attempt: ApplicationAttemptID) {
        if case .masterRegistered = self.cluster.registerMaster(attempt) { self.responseIDs[attempt] = 0 }
    }

    private mutating func anyAttempt() -> ApplicationAttemptID? {
        guard let id = self.applications.suffix(6).randomElement(using: &self.generator) else { return nil }
        return self.cluster.seen.applications[id]?.currentAttempt
    }

    private mutating func callAsMaster() {
        guard let attempt = self.anyAttempt() else { return }
        if self.chance(5) {
            _ = self.cluster.finishMaster(attempt)
            return
        }
        let asks = [
            row(
                memoryMiB: Int64.random(in: 1...3, using: &self.generator) * 400,
                count: Int32.random(in: 0...4, using: &self.generator)
            )
        ]
        let mine = self.handed.filter { $0.value == attempt }.keys.sorted()
        let releases = self.chance(30) ? [mine.randomElement(using: &self.generator)].compactMap { $0 } : []
        let before = self.responseIDs[attempt] ?? 0
        let reply = self.cluster.allocate(attempt, before, asks: asks, releases: releases)
        if reply.failure == .applicationMasterNotRegistered(attempt) {
            self.registerMaster(attempt)
            return
        }
        guard let allocation = reply.allocation else { return }
        if self.chance(20) { return }
        self.responseIDs[attempt] = allocation.responseID
        for granted in allocation.granted {
            #expect(self.handed.updateValue(attempt, forKey: granted.id) == nil, "\(granted.id) is handed out twice")
            if self.chance(80) { self.cluster.nodes[granted.node]?.running.append(granted.id) }
        }
        for completed in allocation.completed {
            let isNew = self.told[attempt, default: []].insert(completed.id).inserted
            #expect(isNew, "the end of \(completed.id) is told twice")
        }
    }

    private mutating func beat() {
        let index = Int.random(in: 0..<4, using: &self.generator)
        let running = self.cluster.nodes[Cluster.node(index)]?.running ?? []
        let ended = self.chance(40) ? [running.randomElement(using: &self.generator)].compactMap { $0 } : []
        let isHealthy = !self.chance(3)
        let reply = self.cluster.beat(
            index,
            ended: ended.map { ($0, 1) },
            health: Core.NodeHealth(isHealthy: isHealthy)
        )
        if reply.action == .resync { self.cluster.register(index) }
    }

    private mutating func killApplication() {
        guard let id = self.applications.suffix(6).randomElement(using: &self.generator) else { return }
        _ = self.cluster.kill(id)
    }

    private mutating func restartNode() {
        let index = Int.random(in: 0..<4, using: &self.generator)
        if self.chance(50) { self.cluster.nodes[Cluster.node(index)]?.running = [] }
        self.cluster.register(index)
    }

    private mutating func endMaster() {
        guard let attempt = self.anyAttempt(), let view = self.cluster.seen.attempts[attempt],
            let container = view.masterContainer, let node = view.masterNode
        else { return }
        for index in 0..<4 where Cluster.node(index) == node {
            self.cluster.beat(index, ended: [(container, 1)])
        }
    }

    private mutating func restart() {
        let before = self.cluster.seen
        self.cluster.restart()
        self.told = [:]
        // An ApplicationMaster that was about to exit counts as gone, which may push the oldest ended application out.
        guard before.attempts.values.allSatisfy({ $0.state != .finishing }) else { return }
        #expect(before.applications.keys.sorted() == self.cluster.seen.applications.keys.sorted())
        for (id, view) in before.applications {
            guard view.state.isFinal, var now = self.cluster.seen.applications[id] else { continue }
            now.usage.countedUntil = view.usage.countedUntil
            #expect(now == view)
        }
    }

    private func check() {
        let core = self.cluster.core
        #expect(core.scheduler.brokenInvariant == nil)
        let live = core.containers.values.filter(\.isLive)
        let used = live.reduce(ResourceVector.zero) { $0 + $1.view.capability }
        #expect(self.cluster.seen.queues["root.default"]?.used ?? .zero == used)
        #expect(self.cluster.seen.containers == core.containers.mapValues(\.view))
        #expect(Set(self.cluster.seen.nodes.keys) == Set(core.nodes.keys))
        for application in core.applications.values {
            #expect(self.cluster.seen.applications[application.id]?.state == application.state)
            #expect(self.cluster.store.applications[application.id] == application.record)
            let ours = live.filter { $0.view.id.application == application.id }
            #expect(application.usage.used == ours.reduce(.zero) { $0 + $1.view.capability })
            #expect(application.phase != .ended || ours.isEmpty)
            // Without logs to wait for, an ended application holds no token.
            #expect(application.phase != .ended || core.renewals.held[application.id] == nil)
            #expect(!application.awaitsTokens || application.attempt == nil)
        }
    }
}

@Suite struct `Random lives of a cluster` {
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `books, views and store agree, grants and ends are told once`(seed: UInt64) {
        var workload = Workload(seed: seed)
        workload.run(steps: 700, restarts: false)
        #expect(workload.handed.count > 20)
    }

    @Test(arguments: [UInt64(21), 22, 23, 24])
    func `and over restarts the same applications are there`(seed: UInt64) {
        var workload = Workload(seed: seed)
        workload.run(steps: 700, restarts: true)
    }

    @Test func `the same history gives the same state and the same words`() {
        var one = Workload(seed: 7)
        var other = Workload(seed: 7)
        one.run(steps: 500, restarts: true)
        other.run(steps: 500, restarts: true)
        #expect(one.cluster.seen == other.cluster.seen)
        #expect(one.cluster.actions == other.cluster.actions)
        #expect(one.handed == other.handed)
    }
}
