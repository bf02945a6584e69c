import ClusterModel
import OrderedCollections

// Logs go to the remote folder when their application has ended here, and complete files of running containers before.
extension NodeManagerCore {
    // MARK: - While the application runs

    /// Takes the application's wishes from its first container, and its tokens from each.
    mutating func noteLogWishes(
        of start: ContainerStart,
        isAdopted: Bool,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        let id = start.grant.container.application
        guard self.settings.aggregatesLogs, var upload = self.applications[id]?.upload else { return }
        // A program that renews its tokens starts its containers with the new ones. Containers that an earlier NodeManager
        // started come again with older ones than it stored.
        let hasNewTokens = upload.take(start.context.webTokens, replaces: !isAdopted)
        guard !upload.isTaken else {
            self.applications[id]?.upload = upload
            if hasNewTokens, self.applications[id]?.state == .running { self.storeLogs(id, .live, into: &effects) }
            return
        }
        upload.take(start.grant.logAggregation ?? LogAggregationContext(), self.settings, at: now)
        self.applications[id]?.upload = upload
        if !upload.remark.isEmpty { effects.actions.append(.note("Logs of \(id): \(upload.remark)")) }
        self.storeLogs(id, .live, into: &effects)
    }

    /// A container has ended: its logs are wanted or not.
    mutating func chooseLogs(of container: Container, into effects: inout Effects) {
        let id = container.id
        guard self.settings.aggregatesLogs, let upload = self.applications[id.application]?.upload else { return }
        let isWanted = upload.policy.takes(
            id,
            isMaster: container.start.grant.isApplicationMaster,
            status: container.lifecycle.exitStatus
        )
        guard !isWanted else { return }
        self.applications[id.application]?.upload.skipped.insert(id)
        self.storeLogs(id.application, .live, into: &effects)
    }

    private mutating func roll(_ id: ApplicationID, at now: Timestamp, into effects: inout Effects) {
        guard let application = self.applications[id], let interval = self.settings.logRollInterval else { return }
        self.applications[id]?.upload.nextRoll = now.adding(milliseconds: interval.wholeMilliseconds)
        self.applications[id]?.upload.state = .rolling
        if application.upload.stamp == nil { self.applications[id]?.upload.stamp = now }
        let running = application.containers.filter { self.containers[$0]?.lifecycle.isCompleted == false }
        self.order(id, running: running, into: &effects)
        self.storeLogs(id, .live, into: &effects)
    }

    /// A round over running containers is over; what it took is deleted, and what failed is in the next one.
    private mutating func rolled(
        _ id: ApplicationID,
        _ outcome: LogAggregationOutcome,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        self.applications[id]?.upload.state = .none
        if let problem = outcome.problem {
            effects.actions.append(.note("Rolled logs of \(id) were not aggregated: \(problem)"))
            self.report(id, .runningWithFailure, problem)
        } else {
            self.applications[id]?.upload.uploaded = outcome.uploaded
            self.applications[id]?.upload.stamp = nil
            if !outcome.uploaded.isEmpty { effects.actions.append(.deleteLogFiles(outcome.uploaded)) }
        }
        guard self.applications[id]?.state == .finished else {
            self.storeLogs(id, .live, into: &effects)
            return
        }
        self.uploadLogs(id, attempt: 1, at: now, into: &effects)
    }

    // MARK: - When it has ended

    /// Uploads, or gives the logs their time when nothing is to be uploaded.
    mutating func beginLogs(_ id: ApplicationID, at now: Timestamp, into effects: inout Effects) {
        guard self.settings.aggregatesLogs else {
            self.keepLogs(id, at: now)
            return
        }
        self.applications[id]?.upload.nextRoll = nil
        self.report(id, .running, self.applications[id]?.upload.remark ?? "")
        guard self.applications[id]?.upload.state == LogUpload.State.none else { return }
        self.uploadLogs(id, attempt: 1, at: now, into: &effects)
    }

    private mutating func keepLogs(_ id: ApplicationID, at now: Timestamp) {
        self.applications[id]?.logsDueAt = now.adding(milliseconds: self.settings.logRetention.wholeMilliseconds)
    }

    private mutating func uploadLogs(
        _ id: ApplicationID,
        attempt: Int,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        guard let application = self.applications[id] else { return }
        self.applications[id]?.upload.state = .running(attempt)
        if self.settings.logRollInterval != nil, application.upload.stamp == nil {
            self.applications[id]?.upload.stamp = now
        }
        self.order(id, running: nil, into: &effects)
        self.storeLogs(id, .ended, into: &effects)
    }

    private func order(_ id: ApplicationID, running: Set<ContainerID>?, into effects: inout Effects) {
        guard let application = self.applications[id] else { return }
        let upload = application.upload
        // Nobody knows yet how these end; the policy is asked as if it were well.
        let unwanted = (running ?? []).filter { container in
            let isMaster = self.containers[container]?.start.grant.isApplicationMaster == true
            return !upload.policy.takes(container, isMaster: isMaster, status: .success)
        }
        effects.actions.append(
            .aggregateLogs(
                LogAggregationOrder(
                    application: id,
                    user: application.user,
                    tokens: upload.tokens,
                    accessLists: upload.accessLists,
                    context: upload.context,
                    skipped: upload.skipped.union(unwanted),
                    running: running,
                    uploaded: upload.uploaded,
                    stamp: upload.stamp
                )
            )
        )
    }

    mutating func logsAggregated(
        _ id: ApplicationID,
        _ outcome: LogAggregationOutcome,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        if !outcome.remark.isEmpty, self.applications[id]?.upload.remark.contains(outcome.remark) == false {
            self.applications[id]?.upload.remark += outcome.remark
            effects.actions.append(.note("Logs of \(id): \(outcome.remark)"))
        }
        switch self.applications[id]?.upload.state {
        case .rolling: self.rolled(id, outcome, at: now, into: &effects)
        case .running(let attempt): self.uploaded(id, attempt, outcome.problem, at: now, into: &effects)
        case .waiting, .some(.none), nil: break
        }
    }

    /// Local logs go only when the remote file is in place; after the last failure they stay for their time.
    private mutating func uploaded(
        _ id: ApplicationID,
        _ attempt: Int,
        _ problem: String?,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        guard let problem else {
            self.applications[id]?.upload.state = .none
            // A repeated upload would take the place of the whole file with what the deletion has left.
            self.storeLogs(id, .uploaded, into: &effects)
            self.deleteLogs(id, into: &effects)
            self.report(id, .succeeded, self.applications[id]?.upload.remark ?? "")
            self.removeIfNothingIsLeft(id, into: &effects)
            return
        }
        effects.actions.append(.note("The logs of \(id) were not aggregated (attempt \(attempt)): \(problem)"))
        if attempt < LogUpload.attemptsMaximum {
            let time = now.adding(milliseconds: LogUpload.pause(after: attempt))
            self.applications[id]?.upload.state = .waiting(attempt, until: time)
            self.report(id, .runningWithFailure, problem)
        } else {
            self.applications[id]?.upload.state = .none
            self.keepLogs(id, at: now)
            effects.records.append(.applicationLogsRemoved(id))
            self.report(id, .failed, problem)
        }
    }

    mutating func logTimePassed(at now: Timestamp, into effects: inout Effects) {
        for (id, application) in self.applications {
            guard let deadline = application.upload.deadline, deadline <= now else { continue }
            if case .waiting(let attempt, _) = application.upload.state {
                self.uploadLogs(id, attempt: attempt + 1, at: now, into: &effects)
            } else {
                self.roll(id, at: now, into: &effects)
            }
        }
    }

    private func deleteLogs(_ id: ApplicationID, into effects: inout Effects) {
        effects.actions.append(.delete(self.settings.logDirectories.map { "\($0)/\(id)" }))
    }

    private mutating func report(_ id: ApplicationID, _ status: LogAggregationStatus, _ diagnostics: String) {
        self.logNews.append(LogAggregationNews(application: id, status: status, diagnostics: diagnostics))
    }

    // MARK: - Over a restart

    private func storeLogs(_ id: ApplicationID, _ phase: ApplicationLogsRecord.Phase, into effects: inout Effects) {
        guard self.settings.recoversContainers, let application = self.applications[id] else { return }
        let upload = application.upload
        let record = ApplicationLogsRecord(
            user: application.user,
            tokens: phase == .uploaded ? [] : upload.tokens,
            accessLists: upload.accessLists,
            context: upload.context,
            phase: phase,
            skipped: upload.skipped.sorted(),
            uploaded: upload.uploaded,
            stamp: upload.stamp
        )
        effects.records.append(.applicationLogs(id, record))
    }

    /// Goes on with what an earlier NodeManager knew of an application's logs; its containers come next.
    mutating func recoverLogs(
        _ id: ApplicationID,
        _ record: ApplicationLogsRecord,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        guard self.settings.aggregatesLogs else {
            effects.records.append(.applicationLogsRemoved(id))
            return
        }
        var application = Application(user: record.user, state: .running, containers: [], logsDueAt: nil)
        application.upload.accessLists = record.accessLists
        _ = application.upload.take(record.tokens, replaces: true)
        application.upload.take(record.context, self.settings, at: now)
        application.upload.skipped = Set(record.skipped)
        application.upload.uploaded = record.uploaded
        application.upload.stamp = record.stamp
        self.applications[id] = application
        switch record.phase {
        case .live: self.publish(id, into: &effects)
        case .ended:
            self.applications[id]?.state = .finished
            self.publish(id, into: &effects)
            self.beginLogs(id, at: now, into: &effects)
        case .uploaded:
            self.applications[id]?.state = .finished
            self.applications[id]?.upload.nextRoll = nil
            self.deleteLogs(id, into: &effects)
            self.report(id, .succeeded, "")
        }
    }
}
