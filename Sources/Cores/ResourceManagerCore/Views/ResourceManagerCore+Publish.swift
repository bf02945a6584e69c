import ClusterModel
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    /// Appends the views that changed since the last call, each once, in its present form.
    package mutating func publish(into effects: inout Effects) {
        self.refreshExplanations()
        var pending = Unpublished()
        swap(&pending, &self.unpublished)
        self.unpublished.shownQueues = pending.shownQueues
        self.unpublished.shownMetrics = pending.shownMetrics
        self.unpublished.explainedAt = pending.explainedAt
        self.unpublished.sums = false
        if pending.settings { effects.changes.append(.settings(self.settings)) }
        for kind in pending.keyRings {
            if let ring = self.keyRings[kind] { effects.changes.append(.keyRing(ring.view)) }
        }
        for number in pending.delegationTokens {
            let token = self.delegationTokens[number]?.token
            effects.changes.append(
                token.map { .delegationToken($0) } ?? .delegationTokenRemoved(sequenceNumber: number)
            )
        }
        for id in pending.nodes {
            effects.changes.append(self.nodeView(id).map { .node($0) } ?? .nodeRemoved(id))
        }
        for id in pending.applications {
            self.recount(id)
            effects.changes.append(self.applicationView(id).map { .application($0) } ?? .applicationRemoved(id))
        }
        for id in pending.attempts {
            if let view = self.attemptView(id) { effects.changes.append(.attempt(view)) }
        }
        for id in pending.containers {
            let view = self.containers[id]?.view
            effects.changes.append(view.map { .container($0) } ?? .containerRemoved(id))
        }
        // Counting applications above may have changed them too.
        if pending.sums || pending.settings || self.unpublished.sums { self.publishSums(into: &effects) }
        self.unpublished.sums = false
    }

    /// Queues and metrics, if their numbers changed.
    private mutating func publishSums(into effects: inout Effects) {
        let queues = self.queueViews()
        for queue in queues where !self.unpublished.shownQueues.contains(queue) {
            effects.changes.append(.queue(queue))
        }
        for shown in self.unpublished.shownQueues where !queues.contains(where: { $0.path == shown.path }) {
            effects.changes.append(.queueRemoved(shown.path))
        }
        self.unpublished.shownQueues = queues
        let metrics = self.metrics(queues)
        if metrics != self.unpublished.shownMetrics {
            effects.changes.append(.metrics(metrics))
            self.unpublished.shownMetrics = metrics
        }
    }

    /// Brings the explanations of applications that wait up to date, now and then: their numbers change with everything
    /// that happens in the cluster.
    private mutating func refreshExplanations() {
        guard !self.waitingForMaster.isEmpty,
            self.now.milliseconds(since: self.unpublished.explainedAt) >= Self.explanationMilliseconds
        else { return }
        self.unpublished.explainedAt = self.now
        for id in self.waitingForMaster.prefix(Self.explanationsMaximum) { self.touch(application: id) }
    }

    /// As often as an impatient person asks.
    private static let explanationMilliseconds: Int64 = 1000
    /// Of the applications first in line; those behind them are brought up to date when they come up.
    private static let explanationsMaximum = 64

    /// Moves the application between the counters of its queue when its state has changed.
    private mutating func recount(_ id: ApplicationID) {
        guard let application = self.applications[id], application.countedAs != application.state else { return }
        let state = application.state
        var statistics = self.statistics[application.record.queuePath] ?? QueueStatisticsView()
        if let before = application.countedAs {
            Self.count(before, by: -1, in: &statistics)
        } else {
            statistics.submitted += 1
        }
        Self.count(state, by: 1, in: &statistics)
        self.statistics[application.record.queuePath] = statistics
        self.unpublished.sums = true
        self.applications[id]?.countedAs = state
    }

    private static func count(_ state: ApplicationState, by step: Int64, in statistics: inout QueueStatisticsView) {
        switch state {
        case .new, .newSaving, .submitted, .accepted: statistics.pending += step
        case .running: statistics.running += step
        case .finished: statistics.completed += step
        case .failed: statistics.failed += step
        case .killed: statistics.killed += step
        }
    }
}
