import ClusterModel
import OrderedCollections

// Requests of ApplicationMasters and what becomes of the containers that they start.
extension NodeManagerCore {
    // MARK: - startContainers

    mutating func startRequested(
        _ request: RequestID,
        _ starts: [ContainerStart],
        _ caller: ApplicationAttemptID,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        guard let resourceManagerIdentifier, self.shutdown == .none else {
            let text =
                self.shutdown == .none
                ? "Rejecting new containers as NodeManager has not yet connected with ResourceManager"
                : "Rejecting new containers as NodeManager is stopping"
            effects.replies.append(PendingReply(request, .failed(.notYetReady(text))))
            return
        }
        var succeeded: [ContainerID] = []
        var failed: [FailedContainer] = []
        for start in starts {
            do throws(NodeManagerFailure) {
                try self.check(start, caller, resourceManagerIdentifier, at: now)
                succeeded.append(start.grant.container)
                self.accept(start, at: now, into: &effects)
            } catch {
                failed.append(FailedContainer(start.grant.container, error))
            }
        }
        effects.replies.append(PendingReply(request, .started(succeeded: succeeded, failed: failed)))
    }

    /// Hadoop's checks in Hadoop's order, with its texts; then our own of what Hadoop does not look at.
    private func check(
        _ start: ContainerStart,
        _ caller: ApplicationAttemptID,
        _ resourceManagerIdentifier: Int64,
        at now: Timestamp
    ) throws(NodeManagerFailure) {
        let grant = start.grant
        let id = grant.container
        let unauthorized = "Unauthorized request to start container. "
        guard grant.nodeAddress == self.node.id.description else {
            throw .invalidToken(
                unauthorized + "\nThe container token was issued for node \(grant.nodeAddress), this is node"
                    + " \(self.node.id)."
            )
        }
        guard caller.application == id.application else {
            throw .yarn(
                unauthorized + "\nNMToken for application attempt : \(caller) was used for starting container with"
                    + " container token issued for application attempt : \(id.attempt)"
            )
        }
        guard self.containers[id] == nil, self.started[id] == nil else {
            throw .yarn(unauthorized + "\n Attempt to relaunch the same container with id \(id).")
        }
        guard grant.expiresAt >= now else {
            throw .yarn(
                unauthorized + "\nThis token is expired. current time is \(now.milliseconds) found"
                    + " \(grant.expiresAt.milliseconds)\nNote: System times on machines may be out of sync."
                    + " Check system time and time zones."
            )
        }
        guard grant.resourceManagerIdentifier == resourceManagerIdentifier else {
            throw .invalidContainer("\nContainer \(id) rejected as it is allocated by a previous RM")
        }
        for service in start.context.services
        where !self.settings.auxiliaryServices.contains(where: { $0.name == service }) {
            throw .invalidAuxService("The auxService:\(service) does not exist")
        }
        if let problem = RequestChecks.problem(in: start.context, user: grant.user) {
            throw .yarn("Container \(id) cannot be started: \(problem)")
        }
        if let application = self.applications[id.application], application.state != .running {
            throw .yarn("Container \(id) cannot be started: \(id.application) has ended on this node.")
        }
    }

    private mutating func accept(_ start: ContainerStart, at now: Timestamp, into effects: inout Effects) {
        let grant = start.grant
        let id = grant.container
        self.acceptedCount += 1
        Self.remember(&self.started, id, until: grant.expiresAt)
        let directories = self.directories(for: start)
        let keys = start.context.localResources.map {
            ResourceKey($0.resource, user: grant.user, application: id.application)
        }
        self.noteApplication(of: start, at: now, into: &effects)
        effects.records.append(
            .containerAccepted(id, request: start.request, directories: directories, at: now)
        )
        self.containers[id] = Container(
            start: start,
            directories: directories,
            acceptedAt: now,
            lifecycle: ContainerLifecycle(pendingResources: 1),
            diagnostics: Diagnostics(maximumBytes: self.settings.diagnosticsMaximum),
            resources: []
        )
        guard !self.health.goodLocalDirectories.isEmpty, !self.health.goodLogDirectories.isEmpty else {
            self.complete(
                id,
                .disksFailed,
                pieces: ["Most of the disks failed. \(self.health.report)"],
                at: now,
                into: &effects
            )
            return
        }
        self.localize(id, keys, at: now, into: &effects)
    }

    private func directories(for start: ContainerStart) -> ContainerDirectories {
        let id = start.grant.container
        let locals = self.roomyLocalDirectories
        let logs = self.health.goodLogDirectories
        let local = LocalFolder(
            locals.isEmpty ? self.settings.localDirectories[0] : locals[self.acceptedCount % locals.count]
        )
        let log = logs.isEmpty ? self.settings.logDirectories[0] : logs[self.acceptedCount % logs.count]
        return ContainerDirectories(
            work: local.workDirectory(id, user: start.grant.user),
            log: logDirectory(log, id),
            private: local.privateDirectory(id)
        )
    }

    // MARK: - stopContainers, getContainerStatuses, signalToContainer

    mutating func stopRequested(
        _ request: RequestID,
        _ ids: [ContainerID],
        _ caller: ApplicationAttemptID,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        var succeeded: [ContainerID] = []
        var failed: [FailedContainer] = []
        let reason = StopReason(
            exitStatus: .killedByApplicationMaster,
            text: "Container killed by the ApplicationMaster."
        )
        for id in ids {
            guard caller.application == id.application else {
                let text = "\(caller) attempted to stop non-application container : \(id)"
                failed.append(FailedContainer(id, .yarn(text)))
                continue
            }
            guard self.containers[id] != nil || self.stopped[id] != nil else {
                failed.append(FailedContainer(id, .yarn("Container \(id) is not handled by this NodeManager")))
                continue
            }
            self.stop(id, reason, at: now, into: &effects)
            succeeded.append(id)
        }
        effects.replies.append(PendingReply(request, .stopped(succeeded: succeeded, failed: failed)))
    }

    func statusesRequested(
        _ request: RequestID,
        _ ids: [ContainerID],
        _ caller: ApplicationAttemptID,
        into effects: inout Effects
    ) {
        var statuses: [ContainerStatus] = []
        var failed: [FailedContainer] = []
        for id in ids {
            if caller.application != id.application {
                let text = "\(caller) attempted to get status for non-application container : \(id)"
                failed.append(FailedContainer(id, .yarn(text)))
            } else if let container = self.containers[id] {
                statuses.append(container.status)
            } else if self.stopped[id] != nil {
                let text = "Container \(id) was recently stopped on node manager."
                failed.append(FailedContainer(id, .yarn(text)))
            } else {
                failed.append(FailedContainer(id, .yarn("Container \(id) is not handled by this NodeManager")))
            }
        }
        effects.replies.append(PendingReply(request, .statuses(statuses, failed: failed)))
    }

    mutating func signalRequested(
        _ request: RequestID,
        _ id: ContainerID,
        _ command: SignalContainerCommand,
        _ caller: ApplicationAttemptID,
        into effects: inout Effects
    ) {
        guard caller.application == id.application else {
            let text = "\(caller) attempted to signal non-application container : \(id)"
            effects.replies.append(PendingReply(request, .failed(.yarn(text))))
            return
        }
        guard self.containers[id] != nil else {
            let text = "Container \(id) is not handled by this NodeManager"
            effects.replies.append(PendingReply(request, .failed(.yarn(text))))
            return
        }
        self.signal(id, command, sender: "its ApplicationMaster", into: &effects)
        effects.replies.append(PendingReply(request, .signalled))
    }

    /// Passes a signal on to a container's processes, once they run; a container that is over has none.
    mutating func signal(
        _ id: ContainerID,
        _ command: SignalContainerCommand,
        sender: String,
        into effects: inout Effects
    ) {
        guard let container = self.containers[id] else { return }
        let signal: ProcessSignal =
            switch command {
            case .outputThreadDump: .quit
            case .gracefulShutdown: .terminate
            case .forcefulShutdown: .kill
            }
        switch container.lifecycle.state {
        case .running, .stopping: effects.actions.append(.signal(id, signal))
        case .localizing, .launching: self.containers[id]?.waitingSignals.append(signal)
        case .completed: return
        }
        self.containers[id]?.lastSignal = "\(command.name) by \(sender)"
    }

    /// Ends a container for a reason; nothing happens when it is already stopping or over.
    mutating func stop(_ id: ContainerID, _ reason: StopReason, at now: Timestamp, into effects: inout Effects) {
        let killAt = now.adding(milliseconds: self.settings.delayBeforeKill.wholeMilliseconds)
        switch self.containers[id]?.lifecycle.stopRequested(reason, killAt: killAt) {
        case .terminate:
            effects.actions.append(.signal(id, .terminate))
        case .complete(let status):
            self.complete(id, status, pieces: [reason.text], at: now, into: &effects)
            return
        case .afterLaunch: break
        case .some(.none), nil: return
        }
        effects.records.append(.containerStopping(id, reason))
        self.containers[id]?.diagnostics.append(reason.text, at: now)
        self.publish(id, into: &effects)
    }

    mutating func killOverdueContainers(at now: Timestamp, into effects: inout Effects) {
        for id in self.containers.keys where self.containers[id]?.lifecycle.timePassed(at: now) == true {
            effects.actions.append(.signal(id, .kill))
        }
    }

    // MARK: - Processes

    mutating func containerLaunched(
        _ id: ContainerID,
        process: Int32,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        let killAt = now.adding(milliseconds: self.settings.delayBeforeKill.wholeMilliseconds)
        switch self.containers[id]?.lifecycle.launched(process: process, killAt: killAt) {
        case .terminate: effects.actions.append(.signal(id, .terminate))
        case .some(.none), nil: break
        }
        for signal in self.containers[id]?.waitingSignals ?? [] { effects.actions.append(.signal(id, signal)) }
        self.containers[id]?.waitingSignals = []
        self.publish(id, into: &effects)
    }

    mutating func containerLaunchFailed(
        _ id: ContainerID,
        _ failure: LaunchFailure,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        switch failure {
        case .resourcesMissing(let paths):
            if self.relocalize(id, missing: paths, at: now, into: &effects) { return }
            self.launchFailed(id, "Localized files are gone: \(paths.joined(separator: ", "))", at: now, into: &effects)
        case .failed(let text):
            self.launchFailed(id, text, at: now, into: &effects)
        }
    }

    private mutating func launchFailed(
        _ id: ContainerID,
        _ text: String,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        guard case .complete(let status) = self.containers[id]?.lifecycle.launchFailed(.invalid) else { return }
        let piece = "Exception from container-launch.\nContainer id: \(id)\nException message: \(text)\n"
        self.complete(id, status, pieces: [piece], at: now, into: &effects)
    }

    mutating func containerEnded(
        _ id: ContainerID,
        _ end: ContainerEnd,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        guard var container = self.containers[id] else { return }
        container.peakResidentBytes = max(container.peakResidentBytes, end.peakResidentBytes)
        let wasStopped = container.lifecycle.stopReason != nil
        var pieces: [String] = []
        let explanation = ExitExplanation(logs: end.logs, diagnosticsMaximum: self.settings.diagnosticsMaximum)
        if wasStopped {
            pieces = ExitExplanation.stopped(exitCode: end.exitCode)
        } else if end.wasKilledForMemory, end.exitCode != 0 {
            // The kernel's killer, inside the container's own control group: YARN has a code for that.
            pieces = [
                MemoryLimit(container.start.grant.resource, self.settings).kernelKilled(container), explanation.logs,
            ]
            let reason = StopReason(exitStatus: .killedExceededPhysicalMemory, text: "")
            _ = container.lifecycle.stopRequested(reason, killAt: now)
        } else if let exitCode = end.exitCode, exitCode != 0 {
            pieces = explanation.failure(of: container, exitCode: exitCode)
            if let signal = container.lastSignal { pieces.append("The last signal sent to it was \(signal).") }
        } else if end.exitCode == nil {
            pieces = [
                "The container's exit code is unknown: \(end.message ?? "its supervisor left none.")", explanation.logs,
            ]
        }
        if let message = end.message, end.exitCode != nil { pieces.append(message) }
        guard case .complete(let status) = container.lifecycle.ended(exitCode: end.exitCode) else { return }
        self.containers[id] = container
        self.complete(id, status, pieces: pieces, at: now, into: &effects)
    }

    mutating func usageMeasured(
        _ usages: [ContainerUsage],
        node: NodeUsage,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        self.nodeUsage = node
        for usage in usages {
            guard var container = self.containers[usage.container], !container.lifecycle.isCompleted else { continue }
            container.usage = usage
            container.peakResidentBytes = max(container.peakResidentBytes, usage.residentBytes)
            self.containers[usage.container] = container
            let limit = MemoryLimit(container.start.grant.resource, self.settings)
            if let reason = limit.stopReason(for: container, usage) {
                self.stop(usage.container, reason, at: now, into: &effects)
            }
        }
        effects.changes.append(.node(self.view))
    }

    // MARK: - The end

    /// A container is over: its lifecycle is completed or is now. Its references, files and news go their ways.
    mutating func complete(
        _ id: ContainerID,
        _ status: ContainerExitStatus,
        pieces: [String],
        at now: Timestamp,
        into effects: inout Effects
    ) {
        guard var container = self.containers[id] else { return }
        if !container.lifecycle.isCompleted { container.lifecycle = ContainerLifecycle(completedWith: status) }
        for piece in pieces where !piece.isEmpty { container.diagnostics.append(piece, at: now) }
        for key in container.resources { self.cache.release(key, by: id, at: now) }
        container.resources = []
        container.usage = nil
        self.containers[id] = container
        effects.records.append(.containerCompleted(id, container.status))
        self.chooseLogs(of: container, into: &effects)
        self.scheduleDeletion([container.directories.work, container.directories.private], at: now, into: &effects)
        self.publish(id, into: &effects)
        let action = self.link.newsArrived()
        self.perform(action, into: &effects)
        self.containerOfApplicationEnded(id.application, at: now, into: &effects)
    }

    /// Its end was acknowledged.
    mutating func forget(_ id: ContainerID, at now: Timestamp, into effects: inout Effects) {
        guard let container = self.containers[id], container.lifecycle.isCompleted else { return }
        self.containers.removeValue(forKey: id)
        let until = now.adding(milliseconds: self.settings.stoppedContainerMemory.wholeMilliseconds)
        Self.remember(&self.stopped, id, until: until)
        effects.records.append(.containerRemoved(id))
        effects.changes.append(.containerRemoved(id))
        self.applicationLost(container: id, into: &effects)
    }

    /// Deletes now or after the delay that is configured for inspection.
    mutating func scheduleDeletion(_ paths: [String], at now: Timestamp, into effects: inout Effects) {
        let delay = self.settings.deletionDelay.wholeMilliseconds
        if delay <= 0 {
            effects.actions.append(.delete(paths))
        } else {
            self.deletions.add(paths, at: now.adding(milliseconds: delay))
        }
    }

    /// Keeps such a memory in the order of its deadlines and bounded.
    private static func remember(
        _ memory: inout OrderedDictionary<ContainerID, Timestamp>,
        _ id: ContainerID,
        until deadline: Timestamp
    ) {
        var place = memory.count
        while place > 0, memory.elements[place - 1].value > deadline { place -= 1 }
        memory.updateValue(deadline, forKey: id, insertingAt: place)
        if memory.count > Self.rememberedMaximum { memory.removeFirst() }
    }

    /// Bounds what a flood of short containers can make this daemon remember.
    private static let rememberedMaximum = 100_000

    func publish(_ id: ContainerID, into effects: inout Effects) {
        guard let container = self.containers[id] else { return }
        effects.changes.append(.container(container.view))
    }
}
