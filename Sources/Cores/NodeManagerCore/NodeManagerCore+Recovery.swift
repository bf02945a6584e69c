import ClusterModel
import OrderedCollections

// Taking over from an earlier NodeManager.
extension NodeManagerCore {
    /// Running containers are adopted, ended ones are reported, those that never got to their launch start anew.
    mutating func recovered(_ state: RecoveredState, at now: Timestamp, into effects: inout Effects) {
        self.resourceManagerIdentifier = state.resourceManagerIdentifier
        self.cache.restore(state.resources, at: now)
        for logs in state.applicationLogs {
            self.recoverLogs(logs.application, logs.record, at: now, into: &effects)
        }
        for recovered in state.containers { self.adopt(recovered, at: now, into: &effects) }
        for recovered in state.shuffleSecrets { self.recoverShuffle(recovered, into: &effects) }
        // Nobody will say that an application has ended which has nothing here any more: its files go (Predecessor).
        for application in self.cache.applications where self.applications[application] == nil {
            for ticket in self.cache.applicationEnded(application) { effects.records.append(.resourceRemoved(ticket)) }
        }
        for logs in state.applicationLogs { self.removeIfNothingIsLeft(logs.application, into: &effects) }
        for logs in state.logs where self.applications[logs.application] == nil {
            self.applications[logs.application] = Application(
                user: "",
                state: .finished,
                containers: [],
                logsDueAt: logs.lastChange.adding(milliseconds: self.settings.logRetention.wholeMilliseconds)
            )
        }
    }

    private mutating func adopt(
        _ recovered: RecoveredContainer,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        let start = recovered.start
        let id = start.grant.container
        let user = start.grant.user
        self.acceptedCount += 1
        self.noteApplication(of: start, isAdopted: true, at: now, into: &effects)
        var container = Container(
            start: start,
            directories: recovered.directories,
            acceptedAt: recovered.acceptedAt,
            lifecycle: ContainerLifecycle(pendingResources: 1),
            diagnostics: Diagnostics(
                maximumBytes: self.settings.diagnosticsMaximum,
                text: recovered.completed?.diagnostics ?? ""
            ),
            resources: []
        )
        let keys = start.context.localResources.map {
            ResourceKey($0.resource, user: user, application: id.application)
        }
        if let completed = recovered.completed {
            container.lifecycle = ContainerLifecycle(completedWith: completed.exitStatus)
            self.containers[id] = container
        } else if recovered.wasLaunched {
            let killAt = now.adding(milliseconds: self.settings.delayBeforeKill.wholeMilliseconds)
            container.lifecycle = ContainerLifecycle(adoptedWith: recovered.stopping, killAt: killAt)
            container.resources = keys
            self.containers[id] = container
            for key in keys { self.cache.retain(key, at: now) }
            effects.actions.append(
                .adopt(
                    AdoptionOrder(
                        container: id,
                        privateDirectory: recovered.directories.private,
                        logDirectory: recovered.directories.log
                    )
                )
            )
            if recovered.stopping != nil { effects.actions.append(.signal(id, .terminate)) }
        } else if let stopping = recovered.stopping {
            self.containers[id] = container
            self.complete(id, stopping.exitStatus, pieces: [stopping.text], at: now, into: &effects)
        } else {
            self.containers[id] = container
            self.localize(id, keys, at: now, into: &effects)
        }
        self.publish(id, into: &effects)
    }
}
