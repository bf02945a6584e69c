import ClusterModel
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    mutating func newApplication(_ request: RequestID) {
        self.lastApplicationNumber += 1
        let id = ApplicationID(clusterTimestamp: self.clusterTimestamp, number: self.lastApplicationNumber)
        self.reply(request, .newApplication(id, maximumAllocation: self.scheduler.maximumAllocation))
    }

    mutating func submit(_ submission: ApplicationSubmission, by caller: Caller) -> Reply {
        let id = submission.id
        // Clients repeat a submission whose answer they missed.
        guard self.applications[id] == nil else { return .done }
        if let failure = self.validate(submission, by: caller) { return .failed(failure) }
        if id.clusterTimestamp == self.clusterTimestamp {
            self.lastApplicationNumber = max(self.lastApplicationNumber, id.number)
        }
        let accepted = self.normalised(submission)
        let queue = self.scheduler.queueSettings(named: accepted.queue)
        let lifetime = Self.lifetimeSeconds(accepted, queue)
        let record = ApplicationRecord(
            submission: accepted,
            queuePath: queue?.path ?? accepted.queue,
            submittedAt: self.now,
            startedAt: self.now,
            priority: accepted.priority ?? 0,
            lifetimeEndsAt: lifetime.map { self.now.adding(.seconds($0)) },
            logAggregationStatus: self.settings.isLogAggregationEnabled ? .notStart : .disabled
        )
        self.applications[id] = Application(record: record)
        self.touch(application: id)
        self.unstored.applications.append(id)
        if let end = record.lifetimeEndsAt { self.timers.set(.lifetimeEnds(id), at: end) }
        if self.holdTokens(of: id, waits: true) {
            self.applications[id]?.awaitsTokens = true
        } else {
            self.admit(id)
        }
        return .done
    }

    /// Shows the application to the scheduler and starts its first attempt.
    mutating func admit(_ id: ApplicationID) {
        guard let record = self.applications[id]?.record else { return }
        self.applications[id]?.awaitsTokens = false
        self.touch(application: id)
        self.schedule(
            .applicationAdded(
                Scheduler.ApplicationDescription(
                    id: id,
                    user: record.submission.user,
                    queue: record.submission.queue,
                    priority: record.priority
                )
            )
        )
        guard self.applications[id]?.phase == .live else { return }
        self.startAttempt(of: id, number: 1)
    }

    /// The scheduler does not admit the application. Clients see it as FAILED with the reason, as YARN shows it.
    mutating func refused(_ id: ApplicationID, _ refusal: Scheduler.Refusal) {
        guard let user = self.applications[id]?.record.submission.user else { return }
        let accessControl = "org.apache.hadoop.security.AccessControlException: "
        let diagnostics =
            switch refusal {
            case .unknownQueue(let queue):
                "Application \(id) submitted by user \(user) to unknown queue: \(queue)"
            case .queueStopped(let queue):
                "\(accessControl)Queue \(queue) is STOPPED. Cannot accept submission of application: \(id)"
            case .applicationLimitReached(let queue, let limit):
                "\(accessControl)Queue \(queue) already has \(limit) applications, cannot accept submission of "
                    + "application: \(id)"
            }
        self.endApplication(id, as: .failed, diagnostics: diagnostics)
    }

    /// What stands in the place of what the client left out, and within the limits.
    private func normalised(_ submission: ApplicationSubmission) -> ApplicationSubmission {
        var accepted = submission
        if accepted.name.isEmpty { accepted.name = "N/A" }
        if accepted.queue.isEmpty { accepted.queue = "default" }
        if accepted.applicationType.isEmpty { accepted.applicationType = "YARN" }
        accepted.applicationType = String(accepted.applicationType.prefix(Self.applicationTypeLengthMaximum))
        accepted.tags = accepted.tags.map { $0.lowercased() }
        let queue = self.scheduler.queueSettings(named: accepted.queue)
        let priority = accepted.priority ?? queue?.defaultApplicationPriority ?? 0
        accepted.priority = max(0, min(priority, self.settings.scheduler.maximumApplicationPriority))
        return accepted
    }

    /// YARN cuts longer types.
    private static let applicationTypeLengthMaximum = 20

    /// The lifetime in force: what was asked for or the queue's default, and no more than the queue's maximum; -1 and 0
    /// mean none.
    private static func lifetimeSeconds(_ submission: ApplicationSubmission, _ queue: QueueSettings?) -> Int64? {
        let asked = submission.lifetimeSeconds ?? queue?.defaultApplicationLifetimeSeconds ?? -1
        let limit = queue?.maximumApplicationLifetimeSeconds ?? -1
        let wanted = asked > 0 ? asked : limit
        let seconds = limit > 0 ? min(wanted, limit) : wanted
        return seconds > 0 ? min(seconds, Self.lifetimeSecondsMaximum) : nil
    }

    /// A thousand years: beyond it arithmetic on milliseconds could overflow.
    private static let lifetimeSecondsMaximum: Int64 = 31_557_600_000

    // MARK: Checks

    private func validate(_ submission: ApplicationSubmission, by caller: Caller) -> RMFailure? {
        if let failure = self.validateQueueAccess(submission, by: caller) { return failure }
        if submission.tags.count > self.settings.tagCountMaximum {
            return .refused(
                "Too many applicationTags, a maximum of only \(self.settings.tagCountMaximum) are allowed!"
            )
        }
        for tag in submission.tags {
            if tag.count > self.settings.tagLengthMaximum {
                return .refused(
                    "Tag \(tag) is too long, maximum allowed length of a tag is \(self.settings.tagLengthMaximum)"
                )
            }
            if !tag.utf8.allSatisfy({ $0 < 0x80 }) {
                return .refused("A tag can only have ASCII characters! Invalid tag - \(tag)")
            }
        }
        return submission.isUnmanaged ? nil : self.validateMaster(submission)
    }

    private func validateQueueAccess(_ submission: ApplicationSubmission, by caller: Caller) -> RMFailure? {
        guard self.settings.isAccessControlEnabled, !self.settings.isAdministrator(caller),
            let queue = self.scheduler.queueSettings(named: submission.queue.isEmpty ? "default" : submission.queue)
        else { return nil }
        let lists = [queue.submitAccessControl, queue.administerAccessControl].map(AccessControlList.init)
        guard !lists.contains(where: { $0.allows(caller.user, groups: caller.groups) }) else { return nil }
        return .refused(
            "org.apache.hadoop.security.AccessControlException: User \(caller.user) does not have permission to submit "
                + "\(submission.id) to queue \(queue.path)"
        )
    }

    private func validateMaster(_ submission: ApplicationSubmission) -> RMFailure? {
        guard submission.masterRequests.contains(where: { $0.location == .any }) else {
            return .invalidResourceRequest("Invalid resource request, no resource request specified with *")
        }
        return self.validate(submission.masterRequests)
    }

    /// The first thing wrong with some rows.
    func validate(_ rows: [ResourceRequest]) -> RMFailure? {
        let maximum = self.scheduler.maximumAllocation
        let configured = self.settings.scheduler.maximumAllocation
        for row in rows {
            if !row.nodeLabelExpression.isEmpty {
                return .invalidLabel(
                    "Invalid resource request, node label not enabled but request contains label expression"
                )
            }
            let size = row.capability
            if row.containerCount < 0 || !size.isNonNegative {
                let type = size.memoryMiB < 0 ? "memory-mb" : size.vcores < 0 ? "vcores" : "containers"
                return .invalidResourceRequest(
                    "Invalid resource request! Cannot allocate containers as requested resource is less than 0! "
                        + "Requested resource type=[\(type)], Requested resource=\(size)"
                )
            }
            if !size.fits(in: maximum) {
                let type = size.memoryMiB > maximum.memoryMiB ? "memory-mb" : "vcores"
                return .invalidResourceRequest(
                    "Invalid resource request! Cannot allocate containers as requested resource is greater than "
                        + "maximum allowed allocation. Requested resource type=[\(type)], Requested "
                        + "resource=\(size), maximum allowed allocation=\(maximum), please note that maximum allowed "
                        + "allocation is calculated by scheduler based on maximum resource of registered "
                        + "NodeManagers, which might be less than configured maximum allocation=\(configured)"
                )
            }
            if row.containerCount > Self.containerCountMaximum {
                return .invalidResourceRequest(
                    "Invalid resource request! \(row.containerCount) containers are asked for in one row; the limit is "
                        + "\(Self.containerCountMaximum)."
                )
            }
        }
        return nil
    }

    /// No job wants a million containers of one kind; more could overflow the sums over demand.
    private static let containerCountMaximum: Int32 = 1_000_000
}
