package import ClusterModel
import OrderedCollections
import SchedulerCore

/// Keeps the delegation tokens of applications good while these need them, as Hadoop's `DelegationTokenRenewer` does: each
/// is renewed at submission, again when nine tenths of its time have passed, and cancelled when its last application is
/// over. A token that several applications hold is renewed once for all of them.
///
/// Unlike Hadoop's, a renewal that fails is tried again for as long as the token is good, and a token that ends under a
/// running application is told of.
///
///     asked ──renewed──▶ good ──due──▶ asked ──… ──its time is over──▶ ended
///       │                  └──last application gone──▶ leaving ──▶ cancelled
///       └──refused, or tried too often──▶ forgotten; applications that wait are refused
package struct TokenRenewals: Sendable {
    /// What is to be done or told, in the order of its reasons.
    package enum Output: Hashable, Sendable {
        /// Ask the server; then `renewed` or `failed`.
        case renew(RenewableToken)
        /// Ask the server, once and without caring how it goes: the token ends by itself.
        case cancel(RenewableToken)
        /// All tokens that the application waited for are good.
        case ready(ApplicationID)
        /// The application cannot be started.
        case refused(ApplicationID, reason: String)
        /// A token of a running application has ended.
        case ended(ApplicationID, reason: String)
    }

    private struct Tracked {
        var applications: OrderedSet<ApplicationID> = []
        /// Applications that start when it has been renewed.
        var waiting: OrderedSet<ApplicationID> = []
        /// False as soon as one of its applications wants it kept.
        var isCancelled = true
        /// As its server said last; nil before it did.
        var expiresAt: Timestamp?
        /// Renewals that failed, one after the other.
        var failures = 0
        var isEnded = false
    }

    private enum Timer: Hashable, Sendable {
        case renewal(RenewableToken)
        case end(RenewableToken)
        case cancellation(RenewableToken)
    }

    private var tracked: [RenewableToken: Tracked] = [:]
    private(set) var held: [ApplicationID: OrderedSet<RenewableToken>] = [:]
    private var timers = Deadlines<Timer>()
    private var outputs: [Output] = []
    /// From the moment that nobody needs a token to its cancellation.
    private let cancellationDelay: Duration

    /// Of first renewals: a submission is answered in reasonable time.
    private static let firstAttemptsMaximum = 4
    private static let firstPauseMilliseconds: Int64 = 1000
    private static let pauseMillisecondsMaximum: Int64 = 60_000
    /// Between two renewals, whatever a server says.
    private static let intervalMillisecondsMinimum: Int64 = 1000

    /// - Parameter cancellationDelay: clients and nodes that tidy up after an application still show its tokens.
    package init(cancellationDelay: Duration = .seconds(30)) {
        self.cancellationDelay = cancellationDelay
    }

    /// When `passTime` is to be called; nil: nothing waits for time.
    package var nextDeadline: Timestamp? { self.timers.next }

    package mutating func takeOutputs() -> [Output] {
        defer { self.outputs.removeAll(keepingCapacity: true) }
        return self.outputs
    }

    // MARK: Applications

    /// Takes charge of an application's tokens.
    /// - Parameters:
    ///   - isCancelled: whether they are to be cancelled in the end; of applications that share one, all must agree.
    ///   - waits: whether the application is to start only when they have been renewed: `ready` or `refused` follows.
    /// - Returns: whether there is something to wait for.
    package mutating func hold(
        _ tokens: [RenewableToken],
        of application: ApplicationID,
        isCancelled: Bool,
        waits: Bool,
        at now: Timestamp
    ) -> Bool {
        var mustWait = false
        for token in OrderedSet(tokens) {
            self.held[application, default: []].append(token)
            let known = self.tracked[token]
            var entry = known ?? Tracked()
            // It may have ended by a fault that is gone by now.
            let isNew = known == nil || entry.isEnded
            entry.isEnded = false
            entry.applications.append(application)
            entry.isCancelled = entry.isCancelled && isCancelled
            if waits, isNew || entry.expiresAt == nil {
                entry.waiting.append(application)
                mustWait = true
            }
            self.tracked[token] = entry
            self.timers.cancel(.cancellation(token))
            if isNew { self.outputs.append(.renew(token)) }
        }
        return mustWait
    }

    /// The application needs its tokens no more.
    /// - Parameter cancels: false where a node may still want them: they end by themselves then.
    package mutating func release(_ application: ApplicationID, cancels: Bool, at now: Timestamp) {
        for token in self.held.removeValue(forKey: application) ?? [] {
            guard var entry = self.tracked[token] else { continue }
            entry.applications.remove(application)
            entry.waiting.remove(application)
            entry.isCancelled = entry.isCancelled && cancels
            self.tracked[token] = entry
            guard entry.applications.isEmpty else { continue }
            if entry.isCancelled, !entry.isEnded {
                self.timers.set(.cancellation(token), at: now.adding(self.cancellationDelay))
            } else {
                self.forget(token)
            }
        }
    }

    // MARK: Answers

    /// - Parameter expiresAt: until when the token is good now.
    package mutating func renewed(_ token: RenewableToken, until expiresAt: Timestamp, at now: Timestamp) {
        guard var entry = self.tracked[token], !entry.isEnded else { return }
        guard expiresAt > now else {
            return self.failed(token, "its server says that it has expired", mayPass: false, at: now)
        }
        entry.expiresAt = expiresAt
        entry.failures = 0
        let waiting = entry.waiting
        entry.waiting = []
        self.tracked[token] = entry
        self.timers.set(.end(token), at: expiresAt)
        if expiresAt < token.maximumDate {
            let left = expiresAt.milliseconds(since: now)
            self.timers.set(
                .renewal(token),
                at: now.adding(milliseconds: max(left - left / 10, Self.intervalMillisecondsMinimum))
            )
        }
        for application in waiting where !self.isWaiting(application) { self.outputs.append(.ready(application)) }
    }

    /// - Parameters:
    ///   - reason: what an application's owner is told.
    ///   - mayPass: false for a refusal.
    package mutating func failed(_ token: RenewableToken, _ reason: String, mayPass: Bool, at now: Timestamp) {
        guard var entry = self.tracked[token], !entry.isEnded else { return }
        entry.failures += 1
        self.tracked[token] = entry
        let pause = Self.pauseMilliseconds(afterFailures: entry.failures)
        let retry = now.adding(milliseconds: pause)
        if !entry.waiting.isEmpty {
            guard mayPass, entry.failures < Self.firstAttemptsMaximum else { return self.refuse(token, reason) }
            self.timers.set(.renewal(token), at: retry)
            return
        }
        // Whatever is wrong, an administrator may put it right while the token is good. Of one that a restart found nobody
        // knows how long that is.
        let end = entry.expiresAt ?? (mayPass ? token.maximumDate : now)
        if retry < end {
            self.timers.set(.renewal(token), at: retry)
        } else if end <= now {
            self.end(token, "could not be renewed: \(reason)")
        }
    }

    private static func pauseMilliseconds(afterFailures failures: Int) -> Int64 {
        min(Self.firstPauseMilliseconds << Int64(min(failures - 1, 10)), Self.pauseMillisecondsMaximum)
    }

    // MARK: Time

    package mutating func passTime(at now: Timestamp) {
        while let timer = self.timers.popDue(at: now) {
            switch timer {
            case .renewal(let token): self.outputs.append(.renew(token))
            case .end(let token): self.timeIsOver(for: token)
            case .cancellation(let token):
                self.forget(token)
                self.outputs.append(.cancel(token))
            }
        }
    }

    private mutating func timeIsOver(for token: RenewableToken) {
        guard let expiresAt = self.tracked[token]?.expiresAt else { return }
        self.end(
            token,
            expiresAt >= token.maximumDate
                ? "has reached its maximum lifetime on \(expiresAt.calendarText)"
                : "ended on \(expiresAt.calendarText), since it could not be renewed in time"
        )
    }

    private mutating func end(_ token: RenewableToken, _ reason: String) {
        guard let entry = self.tracked[token], !entry.isEnded else { return }
        self.tracked[token]?.isEnded = true
        self.cancelTimers(of: token)
        let text = "The \(token) \(reason). What the application asks of that server with it is refused from now on."
        for application in entry.applications { self.outputs.append(.ended(application, reason: text)) }
        if entry.applications.isEmpty { self.forget(token) }
    }

    private mutating func refuse(_ token: RenewableToken, _ reason: String) {
        guard let entry = self.tracked[token] else { return }
        self.tracked[token]?.isEnded = true
        self.tracked[token]?.waiting = []
        self.cancelTimers(of: token)
        let text = "Failed to renew the \(token): \(reason)"
        for application in entry.applications {
            self.outputs.append(
                entry.waiting.contains(application)
                    ? .refused(application, reason: text) : .ended(application, reason: text)
            )
        }
    }

    private func isWaiting(_ application: ApplicationID) -> Bool {
        (self.held[application] ?? []).contains { self.tracked[$0]?.waiting.contains(application) == true }
    }

    private mutating func cancelTimers(of token: RenewableToken) {
        for timer in [Timer.renewal(token), .end(token), .cancellation(token)] { self.timers.cancel(timer) }
    }

    private mutating func forget(_ token: RenewableToken) {
        self.cancelTimers(of: token)
        self.tracked[token] = nil
    }
}
