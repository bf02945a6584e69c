import ClusterModel
import HadoopProtos
import HadoopRPC
import Logging
import ModelConversion
import NIOConcurrencyHelpers
import Settings
import StagingCore

/// Asks the ResourceManager which applications run, for a staging server in a process of its own.
final class ApplicationQuestions: Sendable {
    private let session: ClientSession
    private let logger: Logger
    /// Whether the last question had no answer, so that the log says it once.
    private let isUnanswered = NIOLockedValueBox(false)

    init(_ settings: ClientSettings, logger: Logger) {
        self.session = ClientSession(settings)
        self.logger = logger
    }

    /// - Returns: what could be found out before the first call that failed.
    func lives(of applications: [ApplicationID]) async -> [ApplicationID: ApplicationLife] {
        let found = NIOLockedValueBox<[ApplicationID: ApplicationLife]>([:])
        var failure: (any Error)?
        do {
            try await self.session.withClientAtOnce { client in
                for application in applications {
                    let life = try await Self.life(of: application, client)
                    found.withLockedValue { $0[application] = life }
                }
            }
        } catch {
            failure = error
        }
        self.note(failure)
        return found.withLockedValue { $0 }
    }

    private static func life(of application: ApplicationID, _ client: ClusterClient) async throws -> ApplicationLife {
        do {
            let report = try await client.report(application)
            // A state that this build does not know reads as none that an application ends in.
            return ApplicationLife(ApplicationState(report.yarnApplicationState))
        } catch let failure as RPCFailure where failure.exceptionName == "ApplicationNotFoundException" {
            return ApplicationLife(nil)
        }
    }

    private func note(_ failure: (any Error)?) {
        let wasUnanswered = self.isUnanswered.withLockedValue { isUnanswered in
            defer { isUnanswered = failure != nil }
            return isUnanswered
        }
        if let failure, !wasUnanswered {
            self.logger.warning(
                "The ResourceManager does not say which applications run, so none of their folders is removed until it does: \(failure)"
            )
        } else if failure == nil, wasUnanswered {
            self.logger.notice("The ResourceManager says again which applications run")
        }
    }
}
