import ClusterModel
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    mutating func registerMaster(of id: ApplicationAttemptID, _ registration: MasterRegistration) -> Reply {
        guard let application = self.applications[id.application], let attempt = application.attempt, attempt.id == id
        else { return .failed(.attemptUnknown(id)) }
        switch attempt.phase {
        case .scheduled, .finishing: return .failed(.attemptUnknown(id))
        case .running: return .failed(.alreadyRegistered(id.application))
        case .allocated, .launched: break
        }
        guard let nodeKey = self.keyRings[.node]?.current, let containerKey = self.keyRings[.container]?.current else {
            return .failed(.notReady)
        }
        self.applications[id.application]?.attempt?.phase = .running
        self.applications[id.application]?.attempt?.record.host = registration.host
        self.applications[id.application]?.attempt?.record.rpcPort = registration.rpcPort
        self.applications[id.application]?.attempt?.record.trackingURL = registration.trackingURL
        self.noteLaunch(of: id)
        self.listenForMaster(id)
        var session = MasterSession(nodeUpdates: self.nodeUpdates.end)
        let inherited = self.inheritedContainers(of: application, keyID: containerKey.id)
        let tokens = Self.missingTokens(for: inherited, keyID: nodeKey.id, &session)
        self.applications[id.application]?.attempt?.session = session
        self.touch(application: id.application)
        self.touch(attempt: id)
        let submission = application.record.submission
        return .masterRegistered(
            MasterRegisteredReply(
                attempt: id,
                user: submission.user,
                maximumAllocation: self.scheduler.maximumAllocation,
                queue: Self.leafName(application.record.queuePath),
                viewAccessControl: submission.viewAccessControl,
                modifyAccessControl: submission.modifyAccessControl,
                countsVcores: self.settings.scheduler.resourceCalculator == .dominant,
                containersFromPreviousAttempts: inherited,
                nodeTokens: tokens
            )
        )
    }

    /// Containers that earlier attempts left running for this one.
    private func inheritedContainers(of application: Application, keyID: Int32) -> [GrantedContainer] {
        guard application.record.submission.keepsContainers, let attempt = application.attempt?.id else { return [] }
        return self.scheduler.containers(of: application.id)
            .filter { $0.attempt != attempt }
            .compactMap { self.granted($0, keyID: keyID) }
    }

    /// NMTokens for the nodes of containers that the ApplicationMaster has none for, by the key that signs now.
    static func missingTokens(
        for containers: [GrantedContainer],
        keyID: Int32,
        _ session: inout MasterSession
    ) -> [NodeTokenGrant] {
        var tokens: [NodeTokenGrant] = []
        for container in containers where session.nodeTokens[container.node] != keyID {
            session.nodeTokens[container.node] = keyID
            tokens.append(NodeTokenGrant(node: container.node, keyID: keyID))
        }
        return tokens
    }

    mutating func finishMaster(of id: ApplicationAttemptID, _ finish: MasterFinish) -> Reply {
        guard let application = self.applications[id.application] else { return .failed(.attemptUnknown(id)) }
        // The final state is stored with the reply that says so, and the call is repeated until it hears it.
        if application.phase != .live, application.record.finalState == .finished {
            return .masterFinished(isUnregistered: true)
        }
        guard let attempt = application.attempt, attempt.id == id else { return .failed(.attemptUnknown(id)) }
        switch attempt.phase {
        case .scheduled: return .failed(.attemptUnknown(id))
        case .allocated, .launched: return .failed(.applicationMasterNotRegistered(id))
        case .finishing: return .masterFinished(isUnregistered: true)
        case .running: break
        }
        self.unregister(id, finish, isUnmanaged: application.isUnmanaged)
        return .masterFinished(isUnregistered: true)
    }

    private mutating func unregister(_ id: ApplicationAttemptID, _ finish: MasterFinish, isUnmanaged: Bool) {
        guard var application = self.applications[id.application], var attempt = application.attempt else { return }
        // A client must not wait for a status that never comes.
        let status = finish.finalStatus == .undefined ? .failed : finish.finalStatus
        attempt.phase = .finishing
        attempt.record.finalState = .finished
        attempt.record.finalStatus = status
        attempt.record.finishedAt = self.now
        attempt.record.diagnostics = finish.diagnostics
        attempt.record.trackingURL = finish.trackingURL
        attempt.record.progress = 1
        application.attempt = attempt
        application.phase = .finishing
        application.record.finalState = .finished
        application.record.finalStatus = status
        application.record.finishedAt = self.now
        application.record.diagnostics = finish.diagnostics
        self.applications[id.application] = application
        self.timers.cancel(.masterSilent(id))
        self.timers.cancel(.lifetimeEnds(id.application))
        self.touch(application: id.application)
        self.touch(attempt: id)
        self.unstored.applications.append(id.application)
        self.unstored.attempts.append(id)
        if isUnmanaged {
            self.finishAttempt(of: id.application, .success)
        } else {
            self.timers.set(.masterLingers(id), at: self.now.adding(self.settings.masterExpiry))
        }
    }

    /// A container as its ApplicationMaster is told of it.
    func granted(_ id: ContainerID, keyID: Int32) -> GrantedContainer? {
        self.containers[id].map { container in
            var granted = Self.granted(container.view, keyID)
            granted.expiresAt = container.expiresAt
            return granted
        }
    }

    static func granted(_ view: ContainerView, _ keyID: Int32) -> GrantedContainer {
        GrantedContainer(
            id: view.id,
            node: view.node,
            nodeHTTPAddress: view.nodeHTTPAddress,
            capability: view.capability,
            priority: view.priority,
            allocationRequestID: view.allocationRequestID,
            executionType: view.executionType,
            createdAt: view.createdAt,
            expiresAt: view.createdAt,
            keyID: keyID
        )
    }

    /// The last part of a queue's path.
    static func leafName(_ path: String) -> String {
        path.split(separator: ".").last.map(String.init) ?? path
    }
}
