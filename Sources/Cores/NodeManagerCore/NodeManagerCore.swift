package import ClusterModel
import OrderedCollections

/// Every decision of one NodeManager as a value: no clock, lock, log or file in it.
///
/// The driver posts an `Input`, stores the records that come back, sends the replies and carries the actions out, each of
/// which answers with another input. Parts: `+Containers` (requests and ends), `+Localization`, `+Applications`,
/// `+ResourceManager`, `+Recovery`, `+Shuffle`, `+Queries`.
package struct NodeManagerCore: Sendable {
    package let settings: NodeManagerSettings
    package let node: NodeIdentity

    var capability: ResourceVector
    var containers: OrderedDictionary<ContainerID, Container> = [:]
    var applications: OrderedDictionary<ApplicationID, Application> = [:]
    var cache = ResourceCache()
    var link: ResourceManagerLink
    /// Start time of the ResourceManager that last registered this node; grants of another are refused.
    var resourceManagerIdentifier: Int64?
    /// Ended containers that were forgotten, until when; a late question about them gets a kinder answer.
    var stopped: OrderedDictionary<ContainerID, Timestamp> = [:]
    /// Ids that were ever started here and whose token has not expired: no token starts twice.
    var started: OrderedDictionary<ContainerID, Timestamp> = [:]
    var deletions = DeletionSchedule()
    /// What the ResourceManager has not heard yet of aggregated logs.
    var logNews: [LogAggregationNews] = []
    /// How many of them stand in the heartbeat that was sent last.
    var logNewsTold = 0
    var health: NodeHealth
    var nodeUsage = NodeUsage()
    /// Counts containers, to spread them over the folders.
    var acceptedCount = 0
    /// Bytes that downloads ordered since the last look at the disks will take, by local folder.
    var orderedBytes: [String: Int64] = [:]
    /// What was measured of local folders since the last look at the disks.
    var measuredRoom: [String: LocalRoom] = [:]
    var nextCacheCleanup: Timestamp
    var shutdown: Shutdown = .none

    enum Shutdown: Sendable, Equatable {
        case none
        /// Waits for the containers to end.
        case ending(reason: String?)
        case done
    }

    package init(settings: NodeManagerSettings, node: NodeIdentity) {
        self.settings = settings
        self.node = node
        self.capability = settings.capability
        self.link = ResourceManagerLink(intervalMilliseconds: settings.heartbeatInterval.wholeMilliseconds)
        self.health = NodeHealth(
            isHealthy: true,
            report: "",
            checkedAt: node.startedAt,
            goodLocalDirectories: settings.localDirectories,
            goodLogDirectories: settings.logDirectories
        )
        self.nextCacheCleanup = node.startedAt.adding(
            milliseconds: settings.cacheCleanupInterval.wholeMilliseconds
        )
    }

    /// Applies one input. The same history gives the same effects, in the same order.
    package mutating func step(_ input: Input, at now: Timestamp, into effects: inout Effects) {
        switch input {
        case .started: self.started(into: &effects)
        case .registrationAnswered(let answer): self.registrationAnswered(answer, at: now, into: &effects)
        case .registrationFailed(let text): self.registrationFailed(text, at: now, into: &effects)
        case .heartbeatAnswered(let answer): self.heartbeatAnswered(answer, at: now, into: &effects)
        case .heartbeatFailed(let text): self.heartbeatFailed(text, at: now, into: &effects)
        case .startRequested(let request, let starts, let caller):
            self.startRequested(request, starts, caller, at: now, into: &effects)
        case .stopRequested(let request, let ids, let caller):
            self.stopRequested(request, ids, caller, at: now, into: &effects)
        case .statusesRequested(let request, let ids, let caller):
            self.statusesRequested(request, ids, caller, into: &effects)
        case .signalRequested(let request, let id, let command, let caller):
            self.signalRequested(request, id, command, caller, into: &effects)
        case .resourceIdentified(let ticket, let content):
            self.resourceIdentified(ticket, content, at: now, into: &effects)
        case .resourceLocalized(let ticket, let file): self.resourceLocalized(ticket, file, at: now, into: &effects)
        case .resourceFailed(let ticket, let text): self.resourceFailed(ticket, text, at: now, into: &effects)
        case .containerLaunched(let id, let process):
            self.containerLaunched(id, process: process, at: now, into: &effects)
        case .containerLaunchFailed(let id, let failure):
            self.containerLaunchFailed(id, failure, at: now, into: &effects)
        case .containerEnded(let id, let end): self.containerEnded(id, end, at: now, into: &effects)
        case .usageMeasured(let usages, let node): self.usageMeasured(usages, node: node, at: now, into: &effects)
        case .healthReported(let health): self.healthReported(health, into: &effects)
        case .localRoomMeasured(let rooms):
            self.measuredRoom = Dictionary(rooms.map { ($0.folder, $0) }, uniquingKeysWith: { $1 })
        case .recovered(let state): self.recovered(state, at: now, into: &effects)
        case .logsAggregated(let id, let outcome):
            self.logsAggregated(id, outcome, at: now, into: &effects)
        case .logsMeasured(let usages): self.logsMeasured(usages, at: now, into: &effects)
        case .timePassed: self.timePassed(at: now, into: &effects)
        case .daemonStopRequested: self.stopDaemon(reason: nil, keepsContainers: true, at: now, into: &effects)
        }
        self.finishShutdown(into: &effects)
    }

    private mutating func timePassed(at now: Timestamp, into effects: inout Effects) {
        self.killOverdueContainers(at: now, into: &effects)
        let action = self.link.timePassed(at: now)
        self.perform(action, into: &effects)
        self.applicationTimePassed(at: now, into: &effects)
        self.logTimePassed(at: now, into: &effects)
        let due = self.deletions.due(at: now)
        if !due.isEmpty { effects.actions.append(.delete(due)) }
        if self.nextCacheCleanup <= now {
            self.nextCacheCleanup = now.adding(milliseconds: self.settings.cacheCleanupInterval.wholeMilliseconds)
            self.shrinkCache(into: &effects)
        }
        while let first = self.stopped.elements.first, first.value <= now { self.stopped.removeFirst() }
        while let first = self.started.elements.first, first.value <= now { self.started.removeFirst() }
    }

    /// When `Input.timePassed` is wanted next.
    package var nextDeadline: Timestamp? {
        guard self.shutdown != .done else { return nil }
        var earliest = min(self.nextCacheCleanup, self.deletions.nextDeadline ?? .distantFuture)
        if let deadline = self.link.nextDeadline { earliest = min(earliest, deadline) }
        for container in self.containers.values {
            if let deadline = container.lifecycle.killDeadline { earliest = min(earliest, deadline) }
        }
        for application in self.applications.values {
            if let deadline = application.logsDueAt { earliest = min(earliest, deadline) }
            if let deadline = application.upload.deadline { earliest = min(earliest, deadline) }
        }
        return earliest
    }

    private mutating func healthReported(_ health: NodeHealth, into effects: inout Effects) {
        let isNews = health.isHealthy != self.health.isHealthy || health.report != self.health.report
        self.health = health
        self.orderedBytes = [:]
        self.measuredRoom = [:]
        effects.changes.append(.node(self.view))
        guard isNews else { return }
        effects.actions.append(
            .note(health.isHealthy ? "The node is healthy." : "The node is not healthy: \(health.report)")
        )
        let action = self.link.newsArrived()
        self.perform(action, into: &effects)
    }
}

/// Files to delete, each at its time, in the order of their times.
struct DeletionSchedule: Sendable {
    private var entries: [(dueAt: Timestamp, paths: [String])] = []

    mutating func add(_ paths: [String], at dueAt: Timestamp) {
        let place = self.entries.firstIndex { $0.dueAt > dueAt } ?? self.entries.endIndex
        self.entries.insert((dueAt, paths), at: place)
    }

    mutating func due(at now: Timestamp) -> [String] {
        let count = self.entries.prefix { $0.dueAt <= now }.count
        guard count > 0 else { return [] }
        defer { self.entries.removeFirst(count) }
        return self.entries[..<count].flatMap(\.paths)
    }

    /// Everything, whenever it was due.
    mutating func all() -> [String] {
        defer { self.entries = [] }
        return self.entries.flatMap(\.paths)
    }

    var nextDeadline: Timestamp? { self.entries.first?.dueAt }
}
