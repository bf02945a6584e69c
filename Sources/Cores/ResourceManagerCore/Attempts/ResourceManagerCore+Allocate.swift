import ClusterModel
import SchedulerCore

extension ResourceManagerCore {
    mutating func allocate(for id: ApplicationAttemptID, keyID: Int32, _ request: AllocateRequest) -> Reply {
        guard let attempt = self.applications[id.application]?.attempt, attempt.id == id else {
            return .failed(.attemptUnknown(id))
        }
        guard let session = attempt.session else {
            switch attempt.phase {
            case .scheduled, .finishing, .running: return .failed(.attemptUnknown(id))
            case .allocated, .launched: return .failed(.applicationMasterNotRegistered(id))
            }
        }
        if Self.next(request.responseID) == session.responseID, let last = session.lastReply { return .allocate(last) }
        guard request.responseID == session.responseID else {
            return .failed(
                .invalidResponseID(id, expected: session.responseID, received: request.responseID)
            )
        }
        if let failure = self.validate(request, of: id) { return .failed(failure) }
        if attempt.phase == .running { self.listenForMaster(id) }
        self.confirmEnds(of: id)
        self.note(request, of: id)
        if attempt.phase == .running {
            self.schedule(
                .allocate(
                    Scheduler.Allocation(
                        attempt: id,
                        asks: request.asks,
                        releases: request.releases,
                        blacklistAdditions: request.blacklistAdditions,
                        blacklistRemovals: request.blacklistRemovals
                    )
                )
            )
        }
        guard let reply = self.nextReply(to: id, keyID: keyID) else { return .failed(.attemptUnknown(id)) }
        return .allocate(reply)
    }

    /// Response ids count up and stay non-negative.
    static func next(_ responseID: Int32) -> Int32 {
        (responseID &+ 1) & .max
    }

    private func validate(_ request: AllocateRequest, of id: ApplicationAttemptID) -> RMFailure? {
        if request.blacklistAdditions.contains("*") {
            return .invalidBlacklist("Cannot add * to the blacklist!")
        }
        if request.asks.count > Self.rowsMaximum {
            return .invalidResourceRequest(
                "Invalid resource request! \(request.asks.count) rows in one call; the limit is \(Self.rowsMaximum)."
            )
        }
        if let failure = self.validate(request.asks) { return failure }
        let keepsContainers = self.applications[id.application]?.record.submission.keepsContainers == true
        for container in request.releases {
            let isOwn = keepsContainers ? container.application == id.application : container.attempt == id
            guard isOwn else { return .invalidRelease(container, id) }
        }
        return nil
    }

    /// More rows than a call of the largest job names hosts; it bounds the work of one call.
    private static let rowsMaximum = 100_000

    /// The caller has the last reply, since it counts on from it.
    private mutating func confirmEnds(of id: ApplicationAttemptID) {
        guard let ends = self.applications[id.application]?.attempt?.unconfirmedEnds, !ends.isEmpty else { return }
        self.applications[id.application]?.attempt?.unconfirmedEnds = []
        for container in ends { self.confirmEnd(of: container) }
    }

    /// What the call says beside its demand.
    private mutating func note(_ request: AllocateRequest, of id: ApplicationAttemptID) {
        guard let record = self.applications[id.application]?.attempt?.record else { return }
        let progress = request.progress.isFinite ? min(max(request.progress, 0), 1) : 0
        if progress != record.progress {
            self.applications[id.application]?.attempt?.record.progress = progress
            self.touch(application: id.application)
            self.touch(attempt: id)
        }
        if let url = request.trackingURL, !url.isEmpty, url != record.trackingURL {
            self.applications[id.application]?.attempt?.record.trackingURL = url
            self.touch(application: id.application)
            self.touch(attempt: id)
        }
        if !request.asks.isEmpty { self.touch(application: id.application) }
        if !request.blacklistAdditions.isEmpty || !request.blacklistRemovals.isEmpty { self.touch(attempt: id) }
    }

    /// Gathers what has come together for the ApplicationMaster since its last call.
    private mutating func nextReply(to id: ApplicationAttemptID, keyID: Int32) -> AllocateReply? {
        guard let application = self.applications[id.application], let attempt = application.attempt, attempt.id == id,
            var session = attempt.session, let nodeKey = self.keyRings[.node]?.current,
            let containerKey = self.keyRings[.container]?.current
        else { return nil }
        let granted = attempt.undeliveredGrants
            .filter { self.containers[$0]?.isLive == true }
            .compactMap { self.granted($0, keyID: containerKey.id) }
        let completed = attempt.undeliveredEnds.compactMap { self.containers[$0] }.map { container in
            CompletedContainer(
                id: container.view.id,
                exitStatus: container.view.exitStatus,
                diagnostics: container.view.diagnostics,
                capability: container.view.capability
            )
        }
        let updatedNodes = self.nodeUpdates.changed(since: session.nodeUpdates).compactMap { self.nodeView($0) }
        session.nodeUpdates = self.nodeUpdates.end
        session.responseID = Self.next(session.responseID)
        let reply = AllocateReply(
            attempt: id,
            user: application.record.submission.user,
            responseID: session.responseID,
            granted: granted,
            completed: completed,
            headroom: attempt.headroom,
            updatedNodes: updatedNodes,
            clusterNodeCount: self.activeNodeCount,
            nodeTokens: Self.missingTokens(for: granted, keyID: nodeKey.id, &session),
            newMasterTokenKeyID: self.newMasterTokenKeyID(callersKeyID: keyID, &session),
            applicationPriority: application.record.priority,
            containersFromPreviousAttempts: [],
            preempted: []
        )
        session.lastReply = reply
        self.applications[id.application]?.attempt?.session = session
        self.applications[id.application]?.attempt?.undeliveredGrants = []
        self.applications[id.application]?.attempt?.undeliveredEnds = []
        self.applications[id.application]?.attempt?.unconfirmedEnds = attempt.undeliveredEnds
        return reply
    }

    /// The key of a token to send, when the caller's own will not be accepted much longer; it is sent once.
    private func newMasterTokenKeyID(callersKeyID: Int32, _ session: inout MasterSession) -> Int32? {
        guard let newest = self.keyRings[.applicationMaster]?.newest.id, callersKeyID != newest,
            session.masterTokenKeyID != newest
        else { return nil }
        session.masterTokenKeyID = newest
        return newest
    }
}
