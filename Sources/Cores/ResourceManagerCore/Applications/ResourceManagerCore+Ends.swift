import ClusterModel
import DequeModule
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    /// Ends an application from whatever it is doing, at once: its containers are cleaned up behind it.
    mutating func killApplication(_ id: ApplicationID, diagnostics: String) {
        if self.applications[id]?.attempt != nil {
            self.endAttempt(of: id, as: .killed, keepsContainers: false) { record in
                record.diagnostics = diagnostics
                record.finalStatus = .killed
                record.exitStatus = .killedByResourceManager
            }
        }
        self.endApplication(id, as: .killed, diagnostics: diagnostics)
    }

    /// Records the end of an application whose attempts are over.
    mutating func endApplication(_ id: ApplicationID, as state: ApplicationState, diagnostics: String) {
        guard var application = self.applications[id], application.phase != .ended else { return }
        application.phase = .ended
        application.record.finalState = state
        if application.record.finishedAt == .unset { application.record.finishedAt = self.now }
        application.record.diagnostics = ([diagnostics] + application.tokenNotes).filter { !$0.isEmpty }
            .joined(separator: "\n")
        application.tokenNotes = []
        application.awaitsTokens = false
        switch state {
        case .killed: application.record.finalStatus = .killed
        case .failed: application.record.finalStatus = .failed
        case .finished:
            // A client must not wait for a status that never comes.
            if application.record.finalStatus == .undefined { application.record.finalStatus = .failed }
        case .new, .newSaving, .submitted, .accepted, .running: break
        }
        self.applications[id] = application
        self.waitingForMaster.remove(id)
        self.timers.cancel(.lifetimeEnds(id))
        self.schedule(.applicationEnded(id))
        for node in application.nodes.sorted() {
            self.tellNode(node) { $0.applicationsToCleanUp.append(id) }
        }
        self.applications[id]?.nodes = []
        self.awaitLogs(of: id)
        if self.timers.due(.logsTimeOut(id)) == nil { self.releaseTokens(of: id, cancels: true) }
        self.touch(application: id)
        self.unstored.applications.append(id)
        self.rememberEnd(of: id)
    }

    /// Keeps no more ended applications than configured, in the store (`yarn.resourcemanager.state-store.
    /// max-completed-applications`) and at all (`yarn.resourcemanager.max-completed-applications`).
    mutating func rememberEnd(of id: ApplicationID) {
        self.endedApplications.append(id)
        self.storedEnds += 1
        let remembered = max(0, self.settings.maximumCompletedApplications)
        let stored = max(0, min(self.settings.storedCompletedApplicationsMaximum, remembered))
        while self.storedEnds > stored {
            self.forgetInStore(self.endedApplications[self.endedApplications.count - self.storedEnds])
            self.storedEnds -= 1
        }
        while self.endedApplications.count > remembered, let oldest = self.endedApplications.popFirst() {
            self.applications[oldest] = nil
            self.timers.cancel(.logsTimeOut(oldest))
            self.releaseTokens(of: oldest, cancels: false)
            self.touch(application: oldest)
        }
    }

    private mutating func forgetInStore(_ id: ApplicationID) {
        self.applications[id]?.isStored = false
        self.effects.records.append(.applicationRemoved(id))
    }
}
