import ClusterModel
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    mutating func startAttempt(of id: ApplicationID, number: Int32, inheriting ends: [ContainerID] = []) {
        guard let application = self.applications[id], application.attempt == nil, application.phase == .live else {
            return
        }
        let attempt = ApplicationAttemptID(application: id, number: number)
        let record = AttemptRecord(id: attempt, startedAt: self.now)
        let isUnmanaged = application.isUnmanaged
        self.begin(Attempt(record: record, phase: isUnmanaged ? .launched : .scheduled, undeliveredEnds: ends))
        self.touch(attempt: attempt)
        if isUnmanaged {
            self.unstored.attempts.append(attempt)
            self.listenForMaster(attempt)
        } else {
            self.waitingForMaster.append(id)
        }
        // The ApplicationMaster's rows say one container, whatever the client wrote.
        let requests = application.record.submission.masterRequests.map { request in
            var request = request
            request.containerCount = 1
            return request
        }
        let master: Scheduler.Master = isUnmanaged ? .unmanaged : .wanted(requests)
        self.schedule(.attemptAdded(Scheduler.AttemptDescription(id: attempt, master: master)))
    }

    /// Makes the attempt its application's present one; what the application uses from now on is the attempt's.
    mutating func begin(_ attempt: Attempt) {
        guard var application = self.applications[attempt.id.application] else { return }
        var attempt = attempt
        application.countUse(until: self.now)
        attempt.memoryMiBMillisecondsBefore = application.usage.memoryMiBMilliseconds
        attempt.vcoreMillisecondsBefore = application.usage.vcoreMilliseconds
        application.attempt = attempt
        self.applications[attempt.id.application] = application
    }

    /// The scheduler found a place for the ApplicationMaster.
    mutating func masterAllocated(_ container: ContainerView) {
        let id = container.id.attempt
        guard let application = self.applications[id.application], var attempt = application.attempt,
            let containerKey = self.keyRings[.container]?.current, let nodeKey = self.keyRings[.node]?.current,
            let masterKey = self.keyRings[.applicationMaster]?.newest
        else { return }
        attempt.phase = .allocated
        attempt.record.masterContainer = container.id
        attempt.record.masterNode = container.node
        attempt.record.masterNodeHTTPAddress = container.nodeHTTPAddress
        attempt.record.masterCapability = container.capability
        self.applications[id.application]?.attempt = attempt
        self.waitingForMaster.remove(id.application)
        self.touch(attempt: id)
        self.unstored.attempts.append(id)
        let launch = MasterLaunch(
            attempt: id,
            user: application.record.submission.user,
            container: self.granted(container.id, keyID: containerKey.id) ?? Self.granted(container, containerKey.id),
            masterTokenKeyID: masterKey.id,
            nodeTokenKeyID: nodeKey.id,
            submittedAt: application.record.submittedAt,
            maximumAttempts: self.maximumAttempts(of: application),
            context: application.record.submission.context
        )
        self.effects.actions.append(.launchApplicationMaster(launch))
    }

    mutating func masterLaunched(_ id: ApplicationAttemptID) {
        guard let attempt = self.applications[id.application]?.attempt, attempt.id == id, attempt.phase == .allocated
        else { return }
        self.applications[id.application]?.attempt?.phase = .launched
        self.noteLaunch(of: id)
        self.listenForMaster(id)
    }

    /// The ApplicationMaster's container runs, as its node or the ApplicationMaster itself proves.
    mutating func noteLaunch(of id: ApplicationAttemptID) {
        guard let application = self.applications[id.application] else { return }
        if application.record.launchedAt == .unset {
            self.applications[id.application]?.record.launchedAt = self.now
            self.unstored.applications.append(id.application)
        }
        if let container = application.attempt?.record.masterContainer { self.containerLaunched(container) }
        self.touch(attempt: id)
    }

    mutating func masterLaunchFailed(_ id: ApplicationAttemptID, _ diagnostics: String) {
        guard let attempt = self.applications[id.application]?.attempt, attempt.id == id, attempt.phase == .allocated
        else { return }
        self.failAttempt(
            of: id.application,
            diagnostics: "Error launching \(id). Got exception: \(diagnostics)",
            .invalid,
            countsAsFailure: true
        )
    }

    /// Starts, or starts again, the clock of an ApplicationMaster's silence.
    mutating func listenForMaster(_ id: ApplicationAttemptID) {
        self.timers.set(.masterSilent(id), at: self.now.adding(self.settings.masterExpiry))
    }

    mutating func masterFellSilent(_ id: ApplicationAttemptID) {
        guard self.applications[id.application]?.attempt?.id == id else { return }
        self.failAttempt(
            of: id.application,
            diagnostics: "ApplicationMaster for attempt \(id) timed out",
            .invalid,
            countsAsFailure: true
        )
    }

    /// It unregistered long ago and its container still has not ended: that is as good as ended.
    mutating func masterLingered(_ id: ApplicationAttemptID) {
        guard self.applications[id.application]?.attempt?.id == id else { return }
        self.finishAttempt(of: id.application, .invalid)
    }

    /// The ApplicationMaster's container is gone.
    mutating func masterContainerEnded(_ container: ContainerView) {
        let id = container.id.attempt
        guard let attempt = self.applications[id.application]?.attempt, attempt.id == id,
            attempt.record.masterContainer == container.id
        else {
            self.forget(container.id)
            return
        }
        switch attempt.phase {
        case .finishing:
            self.finishAttempt(of: id.application, container.exitStatus)
        case .scheduled, .allocated, .launched, .running:
            self.failAttempt(
                of: id.application,
                diagnostics: self.masterEndDiagnostics(container),
                container.exitStatus,
                countsAsFailure: container.exitStatus.countsAgainstAttempts
            )
        }
    }

    private func masterEndDiagnostics(_ container: ContainerView) -> String {
        let id = container.id.attempt
        return "AM Container for \(id) exited with  exitCode: \(container.exitStatus)\nFailing this "
            + "attempt.Diagnostics: \(container.diagnostics)For more detailed output, check the application tracking "
            + "page: \(self.applicationPage(id.application)) Then click on links to logs of each attempt.\n"
    }

    /// Address of the ResourceManager's own page of an application.
    func applicationPage(_ id: ApplicationID) -> String {
        "\(self.settings.webAddress)/cluster/app/\(id)"
    }

    // MARK: Ends

    /// Ends the attempt under way as failed; another one starts if there is one left.
    mutating func failAttempt(
        of id: ApplicationID,
        diagnostics: String,
        _ exitStatus: ContainerExitStatus,
        countsAsFailure: Bool
    ) {
        guard let application = self.applications[id], let attempt = application.attempt else { return }
        let submission = application.record.submission
        let limit = self.maximumAttempts(of: application)
        let failures = self.countedFailures(of: application) + (countsAsFailure ? 1 : 0)
        let isLast = submission.isUnmanaged || failures >= limit
        let inherited = submission.keepsContainers && !isLast ? attempt.unconfirmedEnds + attempt.undeliveredEnds : []
        self.endAttempt(of: id, as: .failed, keepsContainers: submission.keepsContainers && !isLast) { record in
            record.diagnostics = diagnostics
            record.finalStatus = .failed
            record.exitStatus = exitStatus
            record.countsAsFailure = countsAsFailure
        }
        guard isLast else {
            self.startAttempt(of: id, number: attempt.id.number + 1, inheriting: inherited)
            self.touch(application: id)
            return
        }
        let text = self.failureDiagnostics(submission, limit: limit, attemptDiagnostics: diagnostics)
        self.endApplication(id, as: .failed, diagnostics: text)
    }

    private func failureDiagnostics(
        _ submission: ApplicationSubmission,
        limit: Int32,
        attemptDiagnostics: String
    ) -> String {
        if submission.isUnmanaged {
            return
                "Unmanaged application \(submission.id) failed due to \(attemptDiagnostics). Failing the application."
        }
        let interval = submission.attemptFailuresValidityMilliseconds
        let within = interval > 0 ? " in previous \(interval) milliseconds" : ""
        let global = self.settings.maximumAttempts
        let limits = global == limit ? "" : " (global limit =\(global); local limit is =\(limit))"
        return "Application \(submission.id) failed \(limit) times\(within)\(limits) due to \(attemptDiagnostics). "
            + "Failing the application."
    }

    /// Failures that count now: all, or those within the validity interval.
    private func countedFailures(of application: Application) -> Int32 {
        let interval = application.record.submission.attemptFailuresValidityMilliseconds
        let counted = application.endedAttempts.filter { record in
            record.countsAsFailure && (interval <= 0 || self.now.milliseconds(since: record.finishedAt) < interval)
        }
        return Int32(clamping: counted.count)
    }

    /// Attempts the application may use; it cannot ask for more than the cluster allows.
    func maximumAttempts(of application: Application) -> Int32 {
        let asked = application.record.submission.maximumAttempts
        let global = max(1, self.settings.maximumAttempts)
        return asked <= 0 ? global : min(asked, global)
    }

    /// The end of an attempt whose ApplicationMaster had unregistered.
    mutating func finishAttempt(of id: ApplicationID, _ exitStatus: ContainerExitStatus) {
        self.endAttempt(of: id, as: .finished, keepsContainers: false) { $0.exitStatus = exitStatus }
        let diagnostics = self.applications[id]?.record.diagnostics ?? ""
        self.endApplication(id, as: .finished, diagnostics: diagnostics)
    }

    /// Moves the attempt under way among those that are over, and its containers off the cluster.
    mutating func endAttempt(
        of id: ApplicationID,
        as state: AttemptState,
        keepsContainers: Bool,
        _ complete: (inout AttemptRecord) -> Void
    ) {
        guard var application = self.applications[id], let attempt = application.attempt else { return }
        application.countUse(until: self.now)
        var record = attempt.record
        complete(&record)
        record.finalState = state
        if record.finishedAt == .unset { record.finishedAt = self.now }
        record.memoryMiBMilliseconds = application.usage.memoryMiBMilliseconds &- attempt.memoryMiBMillisecondsBefore
        record.vcoreMilliseconds = application.usage.vcoreMilliseconds &- attempt.vcoreMillisecondsBefore
        if state != .finished {
            // Nobody answers there any more.
            record.host = ""
            record.rpcPort = -1
            record.trackingURL = self.applicationPage(id)
        }
        application.attempt = nil
        application.endedAttempts.append(record)
        self.applications[id] = application
        self.waitingForMaster.remove(id)
        self.recoveredMasters.remove(id)
        self.timers.cancel(.masterSilent(attempt.id))
        self.timers.cancel(.masterLingers(attempt.id))
        if let master = record.masterContainer, let node = record.masterNode, self.containers[master]?.isLive == true {
            self.effects.actions.append(.stopApplicationMaster(attempt.id, container: master, on: node))
        }
        self.schedule(.attemptEnded(attempt.id, keepsContainers: keepsContainers))
        let ends = Array(attempt.shownEnds) + (keepsContainers ? [] : attempt.unconfirmedEnds + attempt.undeliveredEnds)
        for container in ends { self.forget(container) }
        if let master = record.masterContainer, self.containers[master]?.isLive == false { self.forget(master) }
        self.touch(attempt: attempt.id)
        self.unstored.attempts.append(attempt.id)
    }
}

extension ContainerExitStatus {
    /// Whether an ApplicationMaster's end with it counts against the application's attempts: not when the cluster ended
    /// it.
    var countsAgainstAttempts: Bool {
        ![.preempted, .aborted, .disksFailed, .killedByResourceManager].contains(self)
    }
}
