import ClusterModel

@testable import SchedulerCore

/// A scheduler under test, with a clock that the test moves and all that was decided so far.
struct Bench {
    var scheduler: Scheduler
    var now = Timestamp(milliseconds: 1_000_000)
    var outputs: [Scheduler.Output] = []

    init(_ change: (inout SchedulerSettings) -> Void = { _ in }) {
        var settings = SchedulerSettings()
        settings.minimumAllocation = ResourceVector(memoryMiB: 1024, vcores: 1)
        settings.maximumAllocation = ResourceVector(memoryMiB: 65_536, vcores: 64)
        settings.resourceCalculator = .dominant
        // Ten times the cluster: most tests are not about this limit.
        settings.maximumMasterResourcePartsPerMillion = 10_000_000
        change(&settings)
        self.scheduler = Scheduler(settings: settings, epoch: 0)
    }

    /// What the input led to.
    @discardableResult
    mutating func step(_ input: Scheduler.Input) -> [Scheduler.Output] {
        var outputs: [Scheduler.Output] = []
        self.scheduler.step(input, at: self.now, into: &outputs)
        self.outputs += outputs
        return outputs
    }

    mutating func addNode(_ name: String, memoryMiB: Int64 = 8192, vcores: Int64 = 8, rack: String = defaultRack) {
        let capacity = ResourceVector(memoryMiB: memoryMiB, vcores: vcores)
        self.step(.nodeAdded(.init(id: node(name), rack: rack, capacity: capacity)))
    }

    /// An application whose ApplicationMaster runs elsewhere.
    @discardableResult
    mutating func addApplication(_ number: Int32, priority: Int32 = 0, user: String = "ann") -> ApplicationAttemptID {
        let attempt = attempt(number)
        self.step(.applicationAdded(.init(id: attempt.application, user: user, priority: priority)))
        self.step(.attemptAdded(.init(id: attempt, master: .unmanaged)))
        return attempt
    }

    /// Grants of one allocate call.
    mutating func ask(_ attempt: ApplicationAttemptID, _ rows: ResourceRequest...) -> [Scheduler.Grant] {
        self.step(.allocate(.init(attempt: attempt, asks: rows))).grants
    }
}

func node(_ name: String) -> NodeID { NodeID(host: name, port: 1) }

func attempt(_ application: Int32, _ number: Int32 = 1) -> ApplicationAttemptID {
    ApplicationAttemptID(application: ApplicationID(clusterTimestamp: 1, number: application), number: number)
}

func row(
    _ count: Int32,
    _ place: String = "*",
    memoryMiB: Int64 = 1024,
    vcores: Int64 = 1,
    priority: Int32 = 1,
    relax: Bool = true,
    id: Int64 = -1
) -> ResourceRequest {
    ResourceRequest(
        priority: priority,
        location: .init(resourceName: place),
        capability: ResourceVector(memoryMiB: memoryMiB, vcores: vcores),
        containerCount: count,
        relaxLocality: relax,
        allocationRequestID: id
    )
}

extension [Scheduler.Output] {
    var grants: [Scheduler.Grant] {
        self.compactMap { if case .granted(let grant) = $0 { grant } else { nil } }
    }

    var hosts: [String] { self.grants.map(\.node.host) }

    var ends: [ContainerID] {
        self.compactMap { if case .ended(let id, _, _) = $0 { id } else { nil } }
    }
}

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
