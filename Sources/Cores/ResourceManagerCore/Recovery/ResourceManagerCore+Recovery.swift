import ClusterModel
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    /// Takes up what an earlier run stored. Applications are listed again at once; what runs on the nodes becomes known
    /// when they register, and ApplicationMasters must register again.
    mutating func recover(_ records: [Record]) {
        var applications: [ApplicationRecord] = []
        var attempts: [ApplicationID: [AttemptRecord]] = [:]
        for record in records {
            switch record {
            case .application(let application): applications.append(application)
            case .attempt(let attempt): attempts[attempt.id.application, default: []].append(attempt)
            case .masterKeys(let keys): self.recoverKeys(keys)
            case .delegationToken(let token): self.recoverDelegationToken(token)
            case .epoch(let epoch): self.epoch = epoch
            case .applicationRemoved, .delegationTokenRemoved: break
            }
        }
        self.scheduler = Scheduler(settings: self.settings.scheduler, epoch: self.epoch.next)
        self.epoch.next += 1
        self.unstored.epoch = true
        self.unpublished.settings = true
        for kind in MasterKeyKind.allCases where self.keyRings[kind] == nil {
            self.effects.actions.append(.masterKeyWanted(kind))
        }
        // Ended ones in the order of their ends, so that the oldest are forgotten first; live ones in the order of their
        // submission, since that is the order of service.
        let ended = applications.filter { $0.finalState != nil }
        let live = applications.filter { $0.finalState == nil }
        for record in ended.sorted(by: { ($0.finishedAt, $0.submission.id) < ($1.finishedAt, $1.submission.id) }) {
            self.recoverEnded(record, attempts[record.submission.id] ?? [])
        }
        if !live.isEmpty, self.settings.isRecoveryWorkPreserving, self.settings.recoverySchedulingWait > .zero {
            // Room that a node's own containers take is not known before it has registered.
            self.schedule(.placementHeld(until: self.now.adding(self.settings.recoverySchedulingWait)))
        }
        for record in live.sorted(by: { ($0.submittedAt, $0.submission.id) < ($1.submittedAt, $1.submission.id) }) {
            self.recoverLive(record, attempts[record.submission.id] ?? [])
        }
    }

    private mutating func recoverEnded(_ record: ApplicationRecord, _ attempts: [AttemptRecord]) {
        let id = record.submission.id
        var application = Self.application(record, attempts)
        application.phase = .ended
        application.usage.countedUntil = record.finishedAt
        // An attempt without an end was cut off by the crash that followed its application's end.
        for index in application.endedAttempts.indices where application.endedAttempts[index].finalState == nil {
            application.endedAttempts[index].finalState = .killed
            application.endedAttempts[index].finishedAt = record.finishedAt
        }
        self.applications[id] = application
        self.touch(application: id)
        for attempt in application.endedAttempts { self.touch(attempt: attempt.id) }
        if record.logAggregationStatus != .failed, record.logAggregationStatus != .timeOut { self.awaitLogs(of: id) }
        if self.timers.due(.logsTimeOut(id)) != nil {
            _ = self.holdTokens(of: id, waits: false)
        } else if record.finishedAt.adding(self.settings.tokenCancellationDelay) > self.now {
            _ = self.holdTokens(of: id, waits: false)
            self.releaseTokens(of: id, cancels: true)
        }
        self.rememberEnd(of: id)
    }

    private mutating func recoverLive(_ record: ApplicationRecord, _ attempts: [AttemptRecord]) {
        let id = record.submission.id
        var application = Self.application(record, attempts)
        let last = application.endedAttempts.last
        if let last, last.finalState == nil { application.endedAttempts.removeLast() }
        application.usage.countedUntil = self.now
        self.applications[id] = application
        self.touch(application: id)
        for attempt in application.endedAttempts { self.touch(attempt: attempt.id) }
        self.schedule(
            .applicationAdded(
                Scheduler.ApplicationDescription(
                    id: id,
                    user: record.submission.user,
                    queue: record.queuePath,
                    priority: record.priority,
                    isRecovered: true
                )
            )
        )
        if let end = record.lifetimeEndsAt { self.timers.set(.lifetimeEnds(id), at: end) }
        // It was accepted once; a server of tokens that is not back yet must not end it.
        _ = self.holdTokens(of: id, waits: false)
        guard let last, last.finalState == nil else {
            self.startAttempt(of: id, number: (last?.id.number ?? 0) + 1)
            return
        }
        self.resume(last)
        if !self.settings.isRecoveryWorkPreserving {
            self.failAttempt(
                of: id,
                diagnostics: "The ResourceManager restarted without work-preserving recovery.",
                .aborted,
                countsAsFailure: false
            )
        }
    }

    /// An attempt that was placed goes on: its ApplicationMaster is expected to register again.
    private mutating func resume(_ record: AttemptRecord) {
        let id = record.id
        self.begin(Attempt(record: record, phase: .launched))
        self.touch(attempt: id)
        self.listenForMaster(id)
        let isUnmanaged = record.masterContainer == nil
        if !isUnmanaged { self.recoveredMasters.append(id.application) }
        let master: Scheduler.Master = isUnmanaged ? .unmanaged : .placed(record.masterCapability)
        self.schedule(.attemptAdded(Scheduler.AttemptDescription(id: id, master: master)))
    }

    private static func application(_ record: ApplicationRecord, _ attempts: [AttemptRecord]) -> Application {
        var application = Application(record: record)
        application.logs = ApplicationLogs(record.nodeLogs)
        application.endedAttempts = attempts.sorted { $0.id < $1.id }
        for attempt in attempts {
            application.usage.memoryMiBMilliseconds &+= attempt.memoryMiBMilliseconds
            application.usage.vcoreMilliseconds &+= attempt.vcoreMilliseconds
        }
        return application
    }
}
