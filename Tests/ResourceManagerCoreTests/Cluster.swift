import ClusterModel
import SchedulerCore

@testable import ResourceManagerCore

typealias Core = ResourceManagerCore

/// A ResourceManager's core with a clock that the test moves, and with what its driver, its store, its readers and its
/// nodes would do with what it says.
struct Cluster {
    var core: Core
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    /// What the store holds, by kind and key.
    var store = Store()
    /// What readers see.
    var seen = Snapshot()
    var actions: [Core.Action] = []
    var nodes: [NodeID: NodeState] = [:]
    private var lastRequest: UInt64 = 0

    /// What a NodeManager remembers.
    struct NodeState {
        var responseID: Int32 = 0
        var running: [ContainerID] = []
    }

    static let user = Caller(user: "ann", address: "127.0.0.1")

    init(_ settings: ResourceManagerSettings = Cluster.settings(), nodes: Int = 1) {
        self.core = Core(settings: settings, clusterTimestamp: 1_700_000_000_000)
        self.start(with: [])
        for index in 0..<nodes { self.register(index) }
    }

    /// Settings with room for small containers and no tight limits.
    static func settings(_ change: (inout ResourceManagerSettings) -> Void = { _ in }) -> ResourceManagerSettings {
        var settings = ResourceManagerSettings()
        settings.scheduler.minimumAllocation = ResourceVector(memoryMiB: 256, vcores: 1)
        settings.scheduler.resourceCalculator = .dominant
        settings.scheduler.maximumMasterResourcePartsPerMillion = 1_000_000
        settings.scheduler.maximumApplicationPriority = 10
        settings.recoverySchedulingWait = .zero
        settings.webAddress = "http://rm:8088"
        change(&settings)
        return settings
    }

    private mutating func start(with records: [Core.Record]) {
        self.step(.recovered(records))
        for kind in MasterKeyKind.allCases where self.actions.contains(.masterKeyWanted(kind)) {
            self.step(.masterKeyOffered(kind, bytes: [UInt8(kind.rawValue)]))
        }
        self.actions = []
    }

    /// Kills the ResourceManager and starts one on the same store.
    mutating func restart(_ settings: ResourceManagerSettings? = nil) {
        self.now.milliseconds += 1000
        self.core = Core(settings: settings ?? self.core.settings, clusterTimestamp: self.now.milliseconds)
        self.seen = Snapshot()
        self.actions = []
        self.start(with: self.store.records)
    }

    // MARK: Steps

    @discardableResult
    mutating func step(_ input: Core.Input) -> [Core.Reply] {
        var effects = Core.Effects()
        self.core.step(input, at: self.now, into: &effects)
        self.core.publish(into: &effects)
        for record in effects.records { self.store.apply(record) }
        for change in effects.changes { self.seen.apply(change) }
        self.actions += effects.actions
        return effects.replies.map(\.1)
    }

    /// Steps an input that asks for a reply.
    mutating func ask(_ input: (RequestID) -> Core.Input) -> Core.Reply {
        self.lastRequest += 1
        let replies = self.step(input(RequestID(self.lastRequest)))
        precondition(replies.count == 1, "a request has exactly one reply")
        return replies[0]
    }

    mutating func pass(milliseconds: Int64) {
        self.now.milliseconds += milliseconds
        while let deadline = self.core.nextDeadline, deadline <= self.now { self.step(.timePassed) }
    }

    // MARK: Clients

    func application(_ number: Int32 = 1) -> ApplicationID {
        ApplicationID(clusterTimestamp: self.core.clusterTimestamp, number: number)
    }

    @discardableResult
    mutating func submit(
        _ number: Int32 = 1,
        memoryMiB: Int64 = 512,
        _ change: (inout ApplicationSubmission) -> Void = { _ in }
    ) -> Core.Reply {
        var submission = ApplicationSubmission(
            id: self.application(number),
            name: "job",
            user: "ann",
            masterRequests: [row(memoryMiB: memoryMiB, count: 1, priority: 0)]
        )
        change(&submission)
        return self.ask { .applicationSubmitted($0, submission, by: Cluster.user) }
    }

    mutating func kill(_ id: ApplicationID, by caller: Caller = Cluster.user) -> Core.Reply {
        self.ask { .killRequested($0, id, diagnostics: nil, by: caller) }
    }

    // MARK: ApplicationMasters

    func attempt(_ number: Int32 = 1, of application: ApplicationID? = nil) -> ApplicationAttemptID {
        ApplicationAttemptID(application: application ?? self.application(), number: number)
    }

    @discardableResult
    mutating func registerMaster(_ id: ApplicationAttemptID) -> Core.Reply {
        self.ask {
            .applicationMasterRegistered(
                $0,
                id,
                Core.MasterRegistration(host: "h", rpcPort: 7, trackingURL: "http://h:4040")
            )
        }
    }

    mutating func allocate(
        _ id: ApplicationAttemptID,
        _ responseID: Int32,
        keyID: Int32 = 1,
        asks: [ResourceRequest] = [],
        releases: [ContainerID] = []
    ) -> Core.Reply {
        let request = Core.AllocateRequest(responseID: responseID, progress: 0.5, asks: asks, releases: releases)
        return self.ask { .allocateRequested($0, id, keyID: keyID, request) }
    }

    mutating func finishMaster(_ id: ApplicationAttemptID) -> Core.Reply {
        let finish = Core.MasterFinish(finalStatus: .succeeded, diagnostics: "bye", trackingURL: "http://history")
        return self.ask { .applicationMasterFinished($0, id, finish) }
    }

    /// Submits, launches and registers an application, as far as its ApplicationMaster's first call.
    mutating func run(_ number: Int32 = 1, _ change: (inout ApplicationSubmission) -> Void = { _ in }) {
        self.submit(number, change)
        let attempt = self.attempt(of: self.application(number))
        self.launch(attempt)
        self.registerMaster(attempt)
    }

    /// Says that the ApplicationMaster was launched, and lets its node know.
    mutating func launch(_ attempt: ApplicationAttemptID) {
        guard let container = self.seen.attempts[attempt]?.masterContainer,
            let node = self.seen.attempts[attempt]?.masterNode
        else { return }
        self.step(.applicationMasterLaunched(attempt))
        self.nodes[node]?.running.append(container)
    }

    // MARK: Nodes

    static func node(_ index: Int) -> NodeID { NodeID(host: "n\(index)", port: 1) }

    @discardableResult
    mutating func register(
        _ index: Int,
        memoryMiB: Int64 = 4096,
        vcores: Int64 = 8,
        _ change: (inout Core.NodeRegistration) -> Void = { _ in }
    ) -> Core.Reply {
        let node = Self.node(index)
        var registration = Core.NodeRegistration(
            node: node,
            httpPort: 8042,
            capacity: ResourceVector(memoryMiB: memoryMiB, vcores: vcores),
            version: "3.4.1"
        )
        registration.containers = (self.nodes[node]?.running ?? []).map { id in
            Core.NodeContainer(
                id: id,
                state: .running,
                capability: ResourceVector(memoryMiB: 512, vcores: 1),
                createdAt: self.now
            )
        }
        change(&registration)
        self.nodes[node, default: NodeState()].responseID = 0
        return self.ask { .nodeRegistered($0, registration) }
    }

    /// One heartbeat: all that runs there, and what has ended.
    @discardableResult
    mutating func beat(
        _ index: Int,
        ended: [(ContainerID, Int32)] = [],
        health: Core.NodeHealth = Core.NodeHealth(),
        logs: [Core.LogAggregationReport] = []
    ) -> Core.NodeHeartbeatReply {
        let node = Self.node(index)
        for (id, _) in ended { self.nodes[node]?.running.removeAll { $0 == id } }
        let running = (self.nodes[node]?.running ?? []).map { Core.ContainerStatusReport(id: $0, state: .running) }
        let gone = ended.map { id, code in
            Core.ContainerStatusReport(
                id: id,
                state: .complete,
                exitStatus: ContainerExitStatus(code: code),
                diagnostics: code == 0 ? "" : "it broke\n"
            )
        }
        let heartbeat = Core.NodeHeartbeat(
            node: node,
            responseID: self.nodes[node]?.responseID ?? 0,
            containers: running + gone,
            health: health,
            containerTokenKeyID: 1,
            nodeTokenKeyID: 1,
            logAggregationReports: logs
        )
        guard case .nodeHeartbeat(let reply) = self.ask({ .nodeHeartbeat($0, heartbeat) }) else {
            preconditionFailure("a heartbeat is answered by a heartbeat's reply")
        }
        if reply.action == .normal { self.nodes[node]?.responseID = reply.responseID }
        for id in reply.containersToCleanUp { self.nodes[node]?.running.removeAll { $0 == id } }
        return reply
    }
}

/// One `*` row.
func row(
    memoryMiB: Int64 = 512,
    vcores: Int64 = 1,
    count: Int32,
    priority: Int32 = 1,
    at location: ResourceRequest.Location = .any,
    relax: Bool = true
) -> ResourceRequest {
    ResourceRequest(
        priority: priority,
        location: location,
        capability: ResourceVector(memoryMiB: memoryMiB, vcores: vcores),
        containerCount: count,
        relaxLocality: relax
    )
}

/// What readers see after the changes so far.
struct Snapshot: Equatable {
    var applications: [ApplicationID: ApplicationView] = [:]
    var attempts: [ApplicationAttemptID: AttemptView] = [:]
    var containers: [ContainerID: ContainerView] = [:]
    var nodes: [NodeID: NodeView] = [:]
    var queues: [String: QueueView] = [:]
    var metrics = ClusterMetricsView()
    var keyRings: [MasterKeyKind: KeyRingView] = [:]
    var delegationTokens: [Int32: DelegationToken] = [:]

    mutating func apply(_ change: Core.ViewChange) {
        switch change {
        case .application(let view): self.applications[view.id] = view
        case .applicationRemoved(let id):
            self.applications[id] = nil
            self.attempts = self.attempts.filter { $0.key.application != id }
            self.containers = self.containers.filter { $0.key.application != id }
        case .attempt(let view): self.attempts[view.id] = view
        case .container(let view): self.containers[view.id] = view
        case .containerRemoved(let id): self.containers[id] = nil
        case .node(let view): self.nodes[view.id] = view
        case .nodeRemoved(let id): self.nodes[id] = nil
        case .queue(let view): self.queues[view.path] = view
        case .queueRemoved(let path): self.queues[path] = nil
        case .metrics(let view): self.metrics = view
        case .keyRing(let view): self.keyRings[view.kind] = view
        case .delegationToken(let token): self.delegationTokens[token.sequenceNumber] = token
        case .delegationTokenRemoved(let number): self.delegationTokens[number] = nil
        case .settings: break
        }
    }
}

/// The newest record of each key.
struct Store {
    var applications: [ApplicationID: Core.ApplicationRecord] = [:]
    var attempts: [ApplicationAttemptID: Core.AttemptRecord] = [:]
    var keys: [MasterKeyKind: Core.MasterKeysRecord] = [:]
    var tokens: [Int32: Core.DelegationTokenRecord] = [:]
    var epoch: Core.EpochRecord?

    mutating func apply(_ record: Core.Record) {
        switch record {
        case .application(let record): self.applications[record.submission.id] = record
        case .applicationRemoved(let id):
            self.applications[id] = nil
            self.attempts = self.attempts.filter { $0.key.application != id }
        case .attempt(let record): self.attempts[record.id] = record
        case .masterKeys(let record): self.keys[record.kind] = record
        case .delegationToken(let record): self.tokens[record.token.sequenceNumber] = record
        case .delegationTokenRemoved(let number): self.tokens[number] = nil
        case .epoch(let record): self.epoch = record
        }
    }

    /// In any order, as a store gives them.
    var records: [Core.Record] {
        self.applications.values.map { .application($0) } + self.attempts.values.map { .attempt($0) }
            + self.keys.values.map { .masterKeys($0) } + self.tokens.values.map { .delegationToken($0) }
            + [self.epoch].compactMap { $0.map { .epoch($0) } }
    }
}

extension Core.Reply {
    var allocation: Core.AllocateReply? {
        guard case .allocate(let reply) = self else { return nil }
        return reply
    }

    var failure: RMFailure? {
        guard case .failed(let failure) = self else { return nil }
        return failure
    }
}
