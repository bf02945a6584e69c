import ClusterModel
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    mutating func register(_ registration: NodeRegistration) -> Reply {
        let id = registration.node
        if let reason = self.reasonToTurnAway(registration) {
            return .nodeRegistered(
                NodeRegisteredReply(
                    action: .shutdown,
                    diagnostics: reason,
                    resourceManagerIdentifier: self.clusterTimestamp
                )
            )
        }
        // With all keys there, whatever is placed on the node can be launched.
        guard let containerKey = self.keyRings[.container]?.current, let nodeKey = self.keyRings[.node]?.current,
            self.keyRings[.applicationMaster] != nil
        else { return .failed(.notReady) }
        let before = self.nodes[id]
        var node = Node(
            id: id,
            httpAddress: "\(id.host):\(registration.httpPort)",
            rack: registration.rack,
            capacity: Self.bounded(registration.capacity),
            version: registration.version,
            names: [id.host] + registration.addresses
        )
        if case .decommissioning(let seconds)? = before?.phase { node.phase = .decommissioning(seconds: seconds) }
        self.inactiveNodes.remove(id)
        self.nodes[id] = node
        self.countNode(from: before?.phase.state, to: node.phase.state)
        self.schedule(.nodeAdded(.init(id: id, rack: node.rack, capacity: node.capacity)))
        if node.phase != .running { self.schedule(.nodeDraining(id)) }
        self.reconcile(registration)
        self.timers.set(.nodeSilent(id), at: self.now.adding(self.settings.nodeExpiry))
        self.touch(node: id)
        if before?.phase != node.phase { self.nodeUpdates.append(id) }
        return .nodeRegistered(
            NodeRegisteredReply(
                action: .normal,
                diagnostics: "",
                containerTokenKey: containerKey,
                nodeTokenKey: nodeKey,
                resourceManagerIdentifier: self.clusterTimestamp
            )
        )
    }

    private func reasonToTurnAway(_ registration: NodeRegistration) -> String? {
        let host = registration.node.host
        if !self.settings.nodeLists.allow([host] + registration.addresses),
            self.nodes[registration.node]?.phase.state != .decommissioning
        {
            return "Disallowed NodeManager from  \(host), Sending SHUTDOWN signal to the NodeManager."
        }
        let minimumVersion = self.settings.minimumNodeManagerVersion
        if !VersionNumber.isAcceptable(registration.version, minimum: minimumVersion) {
            return "Disallowed NodeManager Version \(registration.version), is less than the minimum version "
                + "\(minimumVersion) sending SHUTDOWN signal to NodeManager."
        }
        let minimum = self.settings.scheduler.minimumAllocation
        if !minimum.fits(in: registration.capacity) {
            return "NodeManager from  \(host) doesn't satisfy minimum allocations, Sending SHUTDOWN signal to the "
                + "NodeManager. Node capabilities are \(registration.capacity); minimums are \(minimum.memoryMiB)mb "
                + "and \(minimum.vcores) vcores"
        }
        return nil
    }

    /// A node that claims more is taken to have this much: beyond it sums over a cluster could overflow.
    private static func bounded(_ capacity: ResourceVector) -> ResourceVector {
        capacity.minimum(ResourceVector(memoryMiB: 1 << 28, vcores: 1 << 20))
    }

    /// Brings the books in line with what a registering node says it has.
    private mutating func reconcile(_ registration: NodeRegistration) {
        let reported = Set(registration.containers.map(\.id))
        for container in registration.containers { self.reconcile(container, on: registration.node) }
        // The node has lost what it was known to run and does not mention.
        for id in self.scheduler.containers(on: registration.node) where !reported.contains(id) {
            let isExpected = self.scheduler.isLaunched(id)
            if isExpected || self.containers[id]?.isLive != true {
                self.containerFinished(id, .aborted, "Container released on a *lost* node")
            }
        }
        for id in registration.runningApplications {
            if self.applications[id].map({ $0.phase == .ended }) ?? true {
                self.tellNode(registration.node) { $0.applicationsToCleanUp.append(id) }
            } else {
                self.applications[id]?.nodes.insert(registration.node)
                self.expectLogs(of: id, on: registration.node)
            }
        }
        self.failLostMasters(on: registration.node, reported: reported)
    }

    private mutating func reconcile(_ container: NodeContainer, on node: NodeID) {
        let id = container.id
        // What another node runs is not this one's.
        guard self.scheduler.node(of: id).map({ $0 == node }) ?? true else { return }
        let isKnown = self.containers[id] != nil
        switch container.state {
        case .new, .running:
            if self.containers[id]?.isLive == true {
                self.containerLaunched(id)
            } else if !isKnown, self.recover(container, on: node) {
                self.applications[id.application]?.nodes.insert(node)
            } else {
                self.cleanUp(id, on: node)
            }
        case .complete:
            if isKnown {
                self.containerFinished(id, container.exitStatus, container.diagnostics)
            } else if self.isAwaited(container), self.recover(container, on: node) {
                self.containerFinished(id, container.exitStatus, container.diagnostics)
            } else {
                self.tellNode(node) { $0.containersToForget.append(id) }
            }
        }
    }

    /// True when somebody waits to hear of that end: a live application whose containers these are.
    private func isAwaited(_ container: NodeContainer) -> Bool {
        guard let application = self.applications[container.id.application], let attempt = application.attempt else {
            return false
        }
        return attempt.id == container.id.attempt || application.record.submission.keepsContainers
    }

    /// Enters a container that an earlier run of the ResourceManager granted.
    private mutating func recover(_ container: NodeContainer, on node: NodeID) -> Bool {
        let id = container.id
        guard self.isAwaited(container), let application = self.applications[id.application],
            let attempt = application.attempt, let address = self.nodes[node]?.httpAddress
        else { return false }
        let capability = Self.bounded(container.capability).maximum(.zero)
        let isMaster = attempt.record.masterContainer == id
        // An attempt that has no ApplicationMaster yet, or lost it, has no containers of its own.
        guard isMaster || attempt.phase != .scheduled || attempt.id != id.attempt else { return false }
        self.schedule(
            .containerRecovered(
                Scheduler.RecoveredContainer(
                    id: id,
                    node: node,
                    capability: capability,
                    priority: container.priority,
                    isMaster: isMaster
                )
            )
        )
        let view = ContainerView(
            id: id,
            node: node,
            nodeHTTPAddress: address,
            capability: capability,
            priority: container.priority,
            allocationRequestID: container.allocationRequestID,
            executionType: container.executionType,
            state: .running,
            createdAt: container.createdAt == .unset ? self.now : container.createdAt,
            finishedAt: .unset,
            exitStatus: .invalid,
            diagnostics: "",
            isMaster: isMaster,
            user: application.record.submission.user
        )
        let expiresAt = self.now.adding(self.settings.scheduler.containerAllocationExpiry)
        self.enter(Container(view: view, expiresAt: expiresAt))
        self.expectLogs(of: id.application, on: node)
        return true
    }

    /// After a restart of the ResourceManager: an ApplicationMaster that its node does not have will never come back.
    private mutating func failLostMasters(on node: NodeID, reported: Set<ContainerID>) {
        for id in self.recoveredMasters where self.applications[id]?.attempt?.record.masterNode == node {
            self.recoveredMasters.remove(id)
            guard let record = self.applications[id]?.attempt?.record, let container = record.masterContainer,
                !reported.contains(container), self.containers[container] == nil
            else { continue }
            self.failAttempt(
                of: id,
                diagnostics: "AM container \(container) was not on its node \(node) any more after a restart of the "
                    + "ResourceManager.",
                .aborted,
                countsAsFailure: false
            )
        }
    }
}
