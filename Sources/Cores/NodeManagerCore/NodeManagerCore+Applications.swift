import ClusterModel
import OrderedCollections

// Applications' files and logs.
extension NodeManagerCore {
    /// - Parameter isAdopted: an earlier NodeManager started the container.
    mutating func noteApplication(
        of start: ContainerStart,
        isAdopted: Bool = false,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        let container = start.grant.container
        let id = container.application
        self.applications[
            id,
            default: Application(user: start.grant.user, state: .running, containers: [], logsDueAt: nil)
        ].containers.insert(container)
        if self.applications[id]?.upload.accessLists.isEmpty == true {
            self.applications[id]?.upload.accessLists = start.context.accessLists
        }
        self.noteLogWishes(of: start, isAdopted: isAdopted, at: now, into: &effects)
        self.noteShuffleSecret(of: start, into: &effects)
        self.publish(id, into: &effects)
    }

    /// The ResourceManager says that an application is over: what still runs of it ends, then its files go.
    mutating func applicationEnded(_ id: ApplicationID, at now: Timestamp, into effects: inout Effects) {
        guard let application = self.applications[id], application.state == .running else { return }
        self.applications[id]?.state = .finishingContainersWait
        self.endShuffle(of: id, into: &effects)
        self.publish(id, into: &effects)
        let reason = StopReason(
            exitStatus: .killedAfterApplicationCompletion,
            text: "Container killed on application-finish event: \(id) has ended."
        )
        for container in application.containers.sorted() { self.stop(container, reason, at: now, into: &effects) }
        self.containerOfApplicationEnded(id, at: now, into: &effects)
    }

    /// When the last container of an ended application is over, its files are deleted and its logs get their time.
    mutating func containerOfApplicationEnded(
        _ id: ApplicationID,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        guard let application = self.applications[id], application.state == .finishingContainersWait,
            application.containers.allSatisfy({ self.containers[$0]?.lifecycle.isCompleted ?? true })
        else { return }
        for ticket in self.cache.applicationEnded(id) { effects.records.append(.resourceRemoved(ticket)) }
        let folders = self.settings.localDirectories.map(LocalFolder.init)
        self.scheduleDeletion(
            folders.map { $0.applicationFolder(id, user: application.user) } + folders.map { $0.privateFolder(id) },
            at: now,
            into: &effects
        )
        self.applications[id]?.state = .finished
        self.beginLogs(id, at: now, into: &effects)
        self.publish(id, into: &effects)
    }

    mutating func applicationLost(container: ContainerID, into effects: inout Effects) {
        let id = container.application
        self.applications[id]?.containers.remove(container)
        self.removeIfNothingIsLeft(id, into: &effects)
        self.publish(id, into: &effects)
    }

    mutating func applicationTimePassed(at now: Timestamp, into effects: inout Effects) {
        let due = self.applications.filter { $0.value.logsDueAt.map { $0 <= now } ?? false }
        for id in due.keys {
            effects.actions.append(.delete(self.settings.logDirectories.map { "\($0)/\(id)" }))
            self.applications[id]?.logsDueAt = nil
            self.removeIfNothingIsLeft(id, into: &effects)
        }
    }

    mutating func removeIfNothingIsLeft(_ id: ApplicationID, into effects: inout Effects) {
        guard let application = self.applications[id], application.state == .finished,
            application.containers.isEmpty, application.logsDueAt == nil, application.upload.state == .none
        else { return }
        self.applications.removeValue(forKey: id)
        if self.settings.aggregatesLogs { effects.records.append(.applicationLogsRemoved(id)) }
        effects.changes.append(.applicationRemoved(id))
    }

    func publish(_ id: ApplicationID, into effects: inout Effects) {
        guard let application = self.applications[id] else { return }
        effects.changes.append(
            .application(
                NodeApplicationView(
                    id: id,
                    user: application.user,
                    state: application.state,
                    containers: application.containers.sorted(),
                    viewers: application.upload.accessLists.first { $0.name == "VIEW_APP" }?.list
                )
            )
        )
    }
}
