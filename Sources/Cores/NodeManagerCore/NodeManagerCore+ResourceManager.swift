import ClusterModel
import OrderedCollections

// Registration, heartbeats, and the daemon's own end.
extension NodeManagerCore {
    mutating func started(into effects: inout Effects) {
        effects.changes.append(.node(self.view))
        let action = self.link.start()
        self.perform(action, into: &effects)
    }

    /// The action must be a value already: in `perform(link.timePassed())` the report would be of the state before.
    mutating func perform(_ action: ResourceManagerLink.Action, into effects: inout Effects) {
        switch action {
        case .none: break
        case .register: effects.actions.append(.register(self.registrationReport))
        case .heartbeat:
            effects.actions.append(.heartbeat(self.heartbeatReport))
            self.logNewsTold = self.logNews.count
            self.moveEndReports(from: .untold, to: .underway)
        }
    }

    mutating func registrationAnswered(
        _ answer: RegistrationAnswer,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        guard answer.action == .normal else {
            let text = "The ResourceManager refused to register this node: \(answer.diagnostics)"
            self.stopDaemon(reason: text, keepsContainers: false, at: now, into: &effects)
            return
        }
        if let capability = answer.capability { self.capability = capability }
        if self.resourceManagerIdentifier != answer.resourceManagerIdentifier {
            self.resourceManagerIdentifier = answer.resourceManagerIdentifier
            effects.records.append(.resourceManagerIdentified(answer.resourceManagerIdentifier))
        }
        effects.actions.append(
            .note("Registered with the ResourceManager as \(self.node.id), \(self.capability).")
        )
        let action = self.link.registered(at: now)
        self.perform(action, into: &effects)
        effects.changes.append(.node(self.view))
    }

    mutating func registrationFailed(_ text: String, at now: Timestamp, into effects: inout Effects) {
        self.link.registrationFailed(at: now)
        effects.actions.append(.note("Cannot register with the ResourceManager, will try again: \(text)"))
    }

    mutating func heartbeatFailed(_ text: String, at now: Timestamp, into effects: inout Effects) {
        self.link.heartbeatFailed(at: now)
        self.moveEndReports(from: .underway, to: .untold)
        effects.actions.append(.note("The ResourceManager does not answer, containers go on: \(text)"))
    }

    mutating func heartbeatAnswered(_ answer: HeartbeatAnswer, at now: Timestamp, into effects: inout Effects) {
        guard self.link.isConnected else { return }
        switch answer.action {
        case .normal: break
        case .resync:
            self.resync(answer.diagnostics, at: now, into: &effects)
            return
        case .shutdown:
            let text = "The ResourceManager excludes this node: \(answer.diagnostics)"
            self.stopDaemon(reason: text, keepsContainers: false, at: now, into: &effects)
            return
        }
        if let capability = answer.capability, capability != self.capability {
            self.capability = capability
            effects.actions.append(.note("The ResourceManager set this node's size to \(capability)."))
        }
        self.logNews.removeFirst(min(self.logNewsTold, self.logNews.count))
        self.logNewsTold = 0
        self.moveEndReports(from: .underway, to: .told)
        self.forgetContainersOfEndedApplications(at: now, into: &effects)
        // One that ended while this answer was on its way must be told first, or its room would stay taken for ever.
        for id in answer.containersToForget where self.containers[id]?.endReport == .told {
            self.forget(id, at: now, into: &effects)
        }
        let reason = StopReason(
            exitStatus: .killedByResourceManager,
            text: "Container Killed by ResourceManager"
        )
        for id in answer.containersToCleanUp { self.stop(id, reason, at: now, into: &effects) }
        for id in answer.applicationsToCleanUp { self.applicationEnded(id, at: now, into: &effects) }
        for signal in answer.signals {
            self.signal(signal.container, signal.command, sender: "the ResourceManager", into: &effects)
        }
        let action = self.link.heartbeatAnswered(answer, at: now)
        self.perform(action, into: &effects)
        effects.changes.append(.node(self.view))
    }

    /// Ends that the ResourceManager knows of, without an ApplicationMaster left whose knowledge could be waited for.
    private mutating func forgetContainersOfEndedApplications(at now: Timestamp, into effects: inout Effects) {
        for id in self.containers.filter({ $0.value.endReport == .told }).keys
        where self.applications[id.application]?.state == .finished {
            self.forget(id, at: now, into: &effects)
        }
    }

    private mutating func moveEndReports(from old: EndReport, to new: EndReport) {
        for (id, container) in self.containers where container.lifecycle.isCompleted && container.endReport == old {
            self.containers[id]?.endReport = new
        }
    }

    /// The ResourceManager has forgotten this node, most often because it is a new one.
    private mutating func resync(_ text: String, at now: Timestamp, into effects: inout Effects) {
        effects.actions.append(.note("The ResourceManager asks to register again: \(text)"))
        if !self.settings.keepsContainersOnResync {
            let reason = StopReason(
                exitStatus: .aborted,
                text: "Container killed because the ResourceManager restarted and"
                    + " yarn.resourcemanager.work-preserving-recovery.enabled is false."
            )
            for id in self.containers.keys { self.stop(id, reason, at: now, into: &effects) }
        }
        let action = self.link.resync()
        self.perform(action, into: &effects)
    }

    // MARK: - Stop

    /// - Parameter keepsContainers: leave them to the next start, if the settings allow it.
    mutating func stopDaemon(
        reason: String?,
        keepsContainers: Bool,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        guard self.shutdown == .none else { return }
        let wasConnected = self.link.isConnected
        self.link.close()
        if let reason { effects.actions.append(.note(reason)) }
        self.shutdown = .ending(reason: reason)
        if keepsContainers, self.settings.recoversContainers, self.settings.isSupervised {
            self.shutdown = .done
            effects.actions.append(.stop(reason: reason))
            return
        }
        // A node that comes back with its containers, or that was told to go, has nothing to say.
        if wasConnected, reason == nil, !self.settings.recoversContainers { effects.actions.append(.unregister) }
        let stop = StopReason(
            exitStatus: .aborted,
            text: "Container killed because its NodeManager is stopping."
        )
        for id in self.containers.keys { self.stop(id, stop, at: now, into: &effects) }
    }

    /// The daemon may go when the last container has.
    mutating func finishShutdown(into effects: inout Effects) {
        guard case .ending(let reason) = self.shutdown,
            self.containers.values.allSatisfy({ $0.lifecycle.isCompleted })
        else { return }
        self.shutdown = .done
        let deletions = self.deletions.all()
        if !deletions.isEmpty { effects.actions.append(.delete(deletions)) }
        effects.actions.append(.stop(reason: reason))
    }
}
