package import AggregatedLogs
import ClusterModel
package import HadoopConfig
import HadoopHTTP
import ResourceManagerCore

/// What the handlers of `/ws/v1/cluster`, the pages and the proxy share.
package struct ClusterResource: Sendable {
    package var identity: ResourceManagerIdentity
    package var snapshot: ClusterSnapshot
    package var writing: any ClusterWriting
    package var callers: CallerResolution
    package var configuration: Configuration
    package var clock: DriverClock
    package var bodyBytesMaximum: Int
    /// `yarn.webapp.enable-rest-app-submissions`
    package var isSubmissionEnabled: Bool
    /// Lists leave out applications that the caller may not view (`yarn.webapp.filter-entity-list-by-user`).
    package var filtersByUser: Bool
    package var logs: LogLinks
    /// Shows aggregated logs; nil where logs are not aggregated.
    package var archive: LogArchive?

    package init(
        identity: ResourceManagerIdentity,
        snapshot: ClusterSnapshot,
        writing: any ClusterWriting,
        callers: CallerResolution,
        configuration: Configuration,
        clock: DriverClock,
        bodyBytesMaximum: Int,
        isSubmissionEnabled: Bool,
        filtersByUser: Bool = false,
        logs: LogLinks = LogLinks(),
        archive: LogArchive? = nil
    ) {
        self.identity = identity
        self.snapshot = snapshot
        self.writing = writing
        self.callers = callers
        self.configuration = configuration
        self.clock = clock
        self.bodyBytesMaximum = bodyBytesMaximum
        self.isSubmissionEnabled = isSubmissionEnabled
        self.filtersByUser = filtersByUser
        self.logs = logs
        self.archive = archive
    }

    /// The cluster of this moment.
    var presentation: ClusterPresentation {
        ClusterPresentation(
            now: self.clock.now,
            webAddress: self.identity.webAddress,
            proxyAddress: self.identity.proxyAddress,
            clusterTotal: self.snapshot.metrics.total,
            scheduler: self.snapshot.settings.scheduler,
            logs: self.logs,
            queueShares: Dictionary(
                self.snapshot.queues.map { ($0.path, $0.effectiveMinimum) },
                uniquingKeysWith: { first, _ in first }
            )
        )
    }

    /// The caller of a request that changes something.
    /// - Throws: `PlainRefusal` 403 for the anonymous user.
    func writer(_ request: WebRequest) async throws -> Caller {
        let user = try request.writingUser()
        return await self.callers.resolved(Caller(user: user, address: request.peerAddress))
    }

    /// The caller of a request that reads.
    func reader(_ request: WebRequest) async throws -> Caller {
        let user = try WebUser(of: request)
        return await self.callers.resolved(Caller(user: user.name, address: request.peerAddress))
    }

    /// - Throws: `RESTFailure` 400 for a malformed id, 404 for an unknown one.
    func application(_ text: String) throws(RESTFailure) -> ApplicationView {
        let id = try RESTIdentifiers.application(text)
        guard let application = self.snapshot.application(id) else {
            throw .notFound("app with id: \(text) not found")
        }
        return application
    }

    /// - Throws: `RESTFailure` 403 when the caller may not see what belongs to the application.
    func checkView(of application: ApplicationView, by request: WebRequest) async throws {
        let caller = try await self.reader(request)
        guard self.snapshot.settings.allows(caller, .view, on: application) else {
            throw RESTFailure.forbidden("User \(caller.user) has no permission to view \(application.id)")
        }
    }

    /// Calls the gateway and turns its refusals into HTTP's.
    func carryOut<Value>(
        _ call: () async throws(ResourceManagerGateway.Failure) -> Value
    ) async throws -> Value {
        do throws(ResourceManagerGateway.Failure) {
            return try await call()
        } catch {
            throw Self.refusal(error)
        }
    }

    private static func refusal(_ failure: ResourceManagerGateway.Failure) -> any Error {
        guard case .refused(let reason) = failure else {
            return RESTFailure.http(503, failure.message)
        }
        switch reason {
        case .applicationNotFound(let id): return RESTFailure.notFound("app with id: \(id) not found")
        case .attemptNotFound, .attemptUnknown, .containerNotFound: return RESTFailure.notFound(reason.message)
        case .accessDenied, .administratorOnly, .tokenAccessDenied:
            return PlainRefusal(status: 403, text: reason.message)
        case .notReady: return RESTFailure.http(503, reason.message)
        case .applicationMasterNotRegistered, .alreadyRegistered, .invalidResponseID, .invalidResourceRequest,
            .invalidLabel, .invalidBlacklist, .invalidRelease, .invalidToken, .refused:
            return RESTFailure.badRequest(reason.message)
        }
    }
}
