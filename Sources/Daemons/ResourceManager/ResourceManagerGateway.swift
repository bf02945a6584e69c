package import ClusterModel
package import ResourceManagerCore

/// Requests to the ResourceManager for callers that can wait: REST and commands in the same process. The RPC services
/// post the same inputs.
package struct ResourceManagerGateway: Sendable {
    package let driver: ResourceManagerDriver

    package init(driver: ResourceManagerDriver) {
        self.driver = driver
    }

    /// What readers see.
    package var snapshot: ClusterSnapshot { self.driver.snapshot }

    /// Why a request was not carried out.
    package enum Failure: Error, Sendable {
        case refused(RMFailure)
        case stopped(DriverStopped)

        package var message: String {
            switch self {
            case .refused(let failure): failure.message
            case .stopped(let stopped): stopped.reason
            }
        }
    }

    /// A new id, and the largest container that can be asked for.
    package func newApplication() async throws(Failure) -> (id: ApplicationID, maximumAllocation: ResourceVector) {
        let reply = try await self.request { .newApplicationRequested($0) }
        guard case .newApplication(let id, let maximumAllocation) = reply else { throw Self.unexpected }
        return (id, maximumAllocation)
    }

    /// Returns once the application is stored. Submitting an id again is no error.
    package func submit(_ submission: ApplicationSubmission, by caller: Caller) async throws(Failure) {
        _ = try await self.request { .applicationSubmitted($0, submission, by: caller) }
    }

    /// - Returns: true once the application has ended; false while it is being ended, ask again then.
    package func kill(
        _ application: ApplicationID,
        diagnostics: String? = nil,
        by caller: Caller
    ) async throws(Failure) -> Bool {
        let reply = try await self.request {
            .killRequested($0, application, diagnostics: diagnostics, by: caller)
        }
        guard case .kill(let isCompleted) = reply else { throw Self.unexpected }
        return isCompleted
    }

    /// Ends the attempt as failed; the next one starts if there is one left.
    package func fail(_ attempt: ApplicationAttemptID, by caller: Caller) async throws(Failure) {
        _ = try await self.request { .attemptFailureRequested($0, attempt, by: caller) }
    }

    /// - Returns: the priority in force, which may be lower than the one asked for.
    package func updatePriority(
        of application: ApplicationID,
        to priority: Int32,
        by caller: Caller
    ) async throws(Failure) -> Int32 {
        let reply = try await self.request {
            .priorityUpdateRequested($0, application, priority: priority, by: caller)
        }
        guard case .priority(let priority) = reply else { throw Self.unexpected }
        return priority
    }

    /// - Returns: when the application's lifetime ends now.
    package func updateLifetime(
        of application: ApplicationID,
        endsAt: Timestamp,
        by caller: Caller
    ) async throws(Failure) -> Timestamp {
        let reply = try await self.request {
            .timeoutUpdateRequested($0, application, expiresAt: endsAt, by: caller)
        }
        guard case .timeout(let expiresAt) = reply else { throw Self.unexpected }
        return expiresAt
    }

    package func move(_ application: ApplicationID, to queue: String, by caller: Caller) async throws(Failure) {
        _ = try await self.request { .queueMoveRequested($0, application, queue: queue, by: caller) }
    }

    package func signal(
        _ container: ContainerID,
        _ command: SignalContainerCommand,
        by caller: Caller
    ) async throws(Failure) {
        _ = try await self.request { .containerSignalRequested($0, container, command, by: caller) }
    }

    /// Every kind of request has one kind of reply; another one would be the core's own fault.
    private static let unexpected = Failure.refused(.refused("The ResourceManager gave an answer to another question."))

    private func request(
        _ input: (RequestID) -> ResourceManagerCore.Input
    ) async throws(Failure) -> ResourceManagerCore.Reply {
        let reply: ResourceManagerCore.Reply
        do {
            reply = try await self.driver.request(input)
        } catch {
            throw .stopped(error)
        }
        guard case .failed(let failure) = reply else { return reply }
        throw .refused(failure)
    }
}
