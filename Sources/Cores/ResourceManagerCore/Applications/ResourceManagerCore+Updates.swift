import ClusterModel
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    /// The application, if it exists and `caller` may change it.
    private func modifiable(_ id: ApplicationID, by caller: Caller) throws(RMFailure) -> Application {
        guard let application = self.applications[id] else { throw .applicationNotFound(id) }
        let submission = application.record.submission
        let isAllowed = self.settings.allows(
            caller,
            .modify,
            owner: submission.user,
            viewAccessControl: submission.viewAccessControl,
            modifyAccessControl: submission.modifyAccessControl
        )
        guard isAllowed else { throw .accessDenied(user: caller.user, operation: .modify, id) }
        return application
    }

    mutating func kill(_ id: ApplicationID, diagnostics: String?, by caller: Caller) -> Reply {
        do {
            let application = try self.modifiable(id, by: caller)
            guard application.phase == .live else { return .kill(isCompleted: true) }
            var text = "Application \(id) was killed by user \(caller.user)"
            if !caller.address.isEmpty { text += " at \(caller.address)" }
            if let diagnostics, !diagnostics.isEmpty { text += " with diagnostic message: \(diagnostics)" }
            self.killApplication(id, diagnostics: text)
            return .kill(isCompleted: true)
        } catch { return .failed(error) }
    }

    mutating func failAttempt(_ id: ApplicationAttemptID, by caller: Caller) -> Reply {
        do {
            let application = try self.modifiable(id.application, by: caller)
            guard application.attemptRecord(id) != nil else { return .failed(.attemptNotFound(id)) }
            guard application.attempt?.id == id, application.phase == .live else { return .done }
            self.failAttempt(
                of: id.application,
                diagnostics: "Attempt failed by user.",
                .invalid,
                countsAsFailure: true
            )
            return .done
        } catch { return .failed(error) }
    }

    mutating func updatePriority(of id: ApplicationID, to priority: Int32, by caller: Caller) -> Reply {
        do {
            let application = try self.modifiable(id, by: caller)
            guard application.phase == .live else {
                return .failed(.refused("Application in \(application.state.name) state cannot update priority."))
            }
            let inForce = max(0, min(priority, self.settings.scheduler.maximumApplicationPriority))
            self.applications[id]?.record.priority = inForce
            self.touch(application: id)
            self.unstored.applications.append(id)
            self.schedule(.applicationPriorityChanged(id, inForce))
            return .priority(inForce)
        } catch { return .failed(error) }
    }

    mutating func updateTimeout(of id: ApplicationID, to expiresAt: Timestamp, by caller: Caller) -> Reply {
        do {
            let application = try self.modifiable(id, by: caller)
            guard application.phase == .live else {
                return .failed(.refused("Application is in \(application.state.name) state, cannot update timeout."))
            }
            guard expiresAt > self.now else {
                return .failed(.refused("Expire time is less than current time for update timeout."))
            }
            self.applications[id]?.record.lifetimeEndsAt = expiresAt
            self.timers.set(.lifetimeEnds(id), at: expiresAt)
            self.touch(application: id)
            self.unstored.applications.append(id)
            return .timeout(expiresAt: expiresAt)
        } catch { return .failed(error) }
    }

    mutating func lifetimeEnded(_ id: ApplicationID) {
        guard self.applications[id]?.phase == .live else { return }
        self.killApplication(
            id,
            diagnostics: "Application killed due to exceeding its lifetime period"
        )
    }

    func move(_ id: ApplicationID, to queue: String, by caller: Caller) -> Reply {
        do {
            let application = try self.modifiable(id, by: caller)
            guard application.phase == .live else {
                return .failed(.refused("App in \(application.state.name) state cannot be moved."))
            }
            guard let target = self.scheduler.queueSettings(named: queue) else {
                return .failed(.refused("The specified Queue: \(queue) doesn't exist"))
            }
            guard target.path != application.record.queuePath else { return .done }
            return .failed(
                .refused("moveApplicationAcrossQueues: this ResourceManager does not move applications between queues.")
            )
        } catch { return .failed(error) }
    }

    mutating func signal(_ id: ContainerID, _ command: SignalContainerCommand, by caller: Caller) -> Reply {
        do {
            _ = try self.modifiable(id.application, by: caller)
            guard let container = self.containers[id], container.isLive else {
                return .failed(.refused("Trying to signal an absent container \(id)"))
            }
            let signal = ContainerSignal(container: id, command: command)
            self.tellNode(container.view.node) { $0.containersToSignal.append(signal) }
            return .done
        } catch { return .failed(error) }
    }
}
