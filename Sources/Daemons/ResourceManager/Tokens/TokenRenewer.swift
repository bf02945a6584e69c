import ClusterModel
import Logging
import ResourceManagerCore
import Staging
import Synchronization

/// Asks WebHDFS servers to renew and cancel the tokens of applications. When, and what follows, is the core's.
final class TokenRenewer: Sendable {
    private let transfers: Transfers
    private let threads = BlockingThreads(threadsMaximum: TokenRenewer.threadsMaximum)
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var tasks: [UInt64: Task<Void, Never>] = [:]
        var lastNumber: UInt64 = 0
        var isStopped = false
    }

    /// Servers asked at one time: one that does not answer holds up few others.
    private static let threadsMaximum = 8
    /// A server is named by whoever submits an application; it gets no more of this process's time than that.
    private static let callTimeout = Duration.seconds(20)
    private static let connectTimeout = Duration.seconds(10)

    init(transfers: Transfers, logger: Logger) {
        var transfers = transfers
        transfers.settings.connectTimeout = Self.connectTimeout
        transfers.settings.totalTimeout = Self.callTimeout
        // The core tries again.
        transfers.settings.attemptsMaximum = 1
        self.transfers = transfers
        self.logger = logger
    }

    func renew(
        _ token: RenewableToken,
        then post: @escaping @Sendable (ResourceManagerCore.Input) -> Void
    ) {
        self.run {
            do throws(TransferFailure) {
                let expiresAt = try await self.threads.run { cancellation throws(TransferFailure) in
                    try self.transfers.renew(DelegationTokenCall(token), cancellation)
                }
                self.logger.info("Renewed the \(token)")
                post(.tokenRenewed(token, expiresAt: Timestamp(milliseconds: expiresAt)))
            } catch {
                guard !Task.isCancelled else { return }
                self.logger.warning("The \(token) could not be renewed: \(error)")
                post(.tokenRenewalFailed(token, reason: "\(error)", mayPass: error.isTransient))
            }
        }
    }

    func cancel(_ token: RenewableToken) {
        self.run {
            do throws(TransferFailure) {
                try await self.threads.run { cancellation throws(TransferFailure) in
                    try self.transfers.cancel(DelegationTokenCall(token), cancellation)
                }
                self.logger.info("Cancelled the \(token)")
            } catch {
                self.logger.info("The \(token) could not be cancelled and ends by itself: \(error)")
            }
        }
    }

    /// Gives up what is under way; the next ResourceManager renews again.
    func shutdown() async {
        let tasks = self.state.withLock { state in
            state.isStopped = true
            return Array(state.tasks.values)
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func run(_ body: @escaping @Sendable () async -> Void) {
        self.state.withLock { state in
            guard !state.isStopped else { return }
            state.lastNumber += 1
            let number = state.lastNumber
            state.tasks[number] = Task {
                await body()
                _ = self.state.withLock { $0.tasks.removeValue(forKey: number) }
            }
        }
    }
}

extension DelegationTokenCall {
    fileprivate init(_ token: RenewableToken) {
        self.init(isSecure: token.isSecure, service: token.service, user: token.renewer, text: token.text)
    }
}
