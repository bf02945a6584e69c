import ClusterModel
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    /// How far each node is with the logs of one application, and what follows for the whole, as in Hadoop.
    struct ApplicationLogs: Sendable {
        /// Every node that ran something of it; forgotten when all have succeeded.
        private(set) var nodes: OrderedDictionary<NodeID, LogAggregationStatus> = [:]
        /// Nodes of which a failure was heard.
        private var troubled: Set<NodeID> = []

        init(_ nodes: [NodeLogs] = []) {
            for logs in nodes { self.nodes[logs.node] = logs.status }
            self.troubled = Set(nodes.filter { $0.status == .runningWithFailure }.map(\.node))
        }

        /// What a restart must know: the nodes that have not succeeded.
        var unsettled: [NodeLogs] {
            self.nodes.filter { $0.value != .succeeded }.map { NodeLogs(node: $0.key, status: $0.value) }
        }

        /// The node will have logs of it.
        mutating func expect(_ node: NodeID) {
            if self.nodes[node] == nil { self.nodes[node] = .notStart }
        }

        /// - Returns: whether something has changed.
        mutating func note(_ status: LogAggregationStatus, of node: NodeID) -> Bool {
            let before = self.nodes[node]
            if status == .runningWithFailure { self.troubled.insert(node) }
            switch (before, status) {
            case (.succeeded?, .running), (.succeeded?, .runningWithFailure), (.succeeded?, .notStart),
                (.failed?, .running), (.failed?, .runningWithFailure), (.failed?, .notStart):
                // A node that was started again begins anew; what it says at its end counts.
                return false
            case (_, .running): self.nodes[node] = self.troubled.contains(node) ? .runningWithFailure : .running
            default: self.nodes[node] = status
            }
            return self.nodes[node] != before
        }

        mutating func timeOut() {
            for (node, status) in self.nodes where status != .succeeded && status != .failed {
                self.nodes[node] = .timeOut
            }
        }

        mutating func forgetAll() {
            self.nodes = [:]
            self.troubled = []
        }

        /// - Parameter hasEnded: before that no node can be done.
        func overall(hasEnded: Bool) -> LogAggregationStatus {
            let all = self.nodes.values
            guard all.contains(where: { $0 != .notStart }) else { return .notStart }
            guard all.allSatisfy({ $0 == .succeeded || $0 == .failed || $0 == .timeOut }), hasEnded else {
                return all.contains(.runningWithFailure) ? .runningWithFailure : .running
            }
            if all.contains(.failed) { return .failed }
            return all.contains(.timeOut) ? .timeOut : .succeeded
        }
    }

    /// The node says that something of the application runs there or did. What was granted and never started leaves no
    /// logs to wait for.
    mutating func expectLogs(of id: ApplicationID, on node: NodeID) {
        guard let application = self.applications[id], application.phase != .ended,
            application.record.logAggregationStatus != .disabled
        else { return }
        self.applications[id]?.logs.expect(node)
    }

    mutating func note(_ report: LogAggregationReport, on node: NodeID) {
        guard let application = self.applications[report.application],
            application.record.logAggregationStatus != .disabled,
            application.record.logAggregationStatus != .succeeded,
            self.applications[report.application]?.logs.note(report.status, of: node) == true
        else { return }
        // While it runs, nodes say themselves again what they have.
        let isFinal = report.status == .succeeded || report.status == .failed
        self.judgeLogs(of: report.application, isStored: application.phase == .ended && isFinal)
    }

    /// The application has ended: its nodes get their time.
    mutating func awaitLogs(of id: ApplicationID) {
        guard let application = self.applications[id], !application.logs.nodes.isEmpty else { return }
        self.judgeLogs(of: id, isStored: false)
        if self.applications[id]?.logs.nodes.isEmpty == false {
            self.timers.set(.logsTimeOut(id), at: self.now.adding(self.settings.logAggregationTimeout))
        }
    }

    mutating func logsTimedOut(_ id: ApplicationID) {
        self.applications[id]?.logs.timeOut()
        self.judgeLogs(of: id, isStored: true)
        // A node that comes back may bring its logs yet.
        self.releaseTokens(of: id, cancels: false)
    }

    private mutating func judgeLogs(of id: ApplicationID, isStored: Bool) {
        guard var application = self.applications[id] else { return }
        let before = application.record.logAggregationStatus
        let status = application.logs.overall(hasEnded: application.phase == .ended)
        application.record.logAggregationStatus = status
        application.record.nodeLogs = application.logs.unsettled
        if status == .succeeded { application.logs.forgetAll() }
        self.applications[id] = application
        if status == .succeeded || status == .failed {
            self.timers.cancel(.logsTimeOut(id))
            self.releaseTokens(of: id, cancels: true)
        }
        if status != before { self.touch(application: id) }
        if isStored { self.unstored.applications.append(id) }
    }
}
