import ClusterModel

/// The NodeManager's relation to its ResourceManager: one call at a time, retried for as long as it takes.
///
/// `idle → registering ⇄ waitingToRegister → connected`, from `connected` back to `registering` on RESYNC, from anywhere
/// to `closed`.
struct ResourceManagerLink: Sendable, Equatable {
    enum State: Sendable, Equatable {
        case idle
        case registering(failures: Int)
        case waitingToRegister(until: Timestamp, failures: Int)
        case connected(Heartbeats)
        case closed
    }

    struct Heartbeats: Sendable, Equatable {
        var nextAt: Timestamp
        var isInFlight: Bool
        /// Something happened that the ResourceManager should hear at once.
        var isNewsWaiting: Bool
        var failures: Int
    }

    private(set) var state: State = .idle
    /// Of the last answered heartbeat; repeated until the next answer, so that a lost answer is sent again.
    private(set) var responseID: Int32 = 0
    private(set) var lastAnswer: Timestamp = .unset
    private var intervalMilliseconds: Int64

    init(intervalMilliseconds: Int64) {
        self.intervalMilliseconds = max(intervalMilliseconds, Self.intervalMinimum)
    }

    /// A ResourceManager that asks for less would be busy with nothing else.
    private static let intervalMinimum: Int64 = 10
    /// First wait after a failed call, doubling up to the second; a restarted ResourceManager is found within it.
    private static let retryMinimum: Int64 = 250
    private static let retryMaximum: Int64 = 2_000

    var isConnected: Bool {
        if case .connected = self.state { true } else { false }
    }

    enum Action: Sendable, Equatable {
        case none
        case register
        case heartbeat
    }

    mutating func start() -> Action {
        guard case .idle = self.state else { return .none }
        self.state = .registering(failures: 0)
        return .register
    }

    mutating func registered(at now: Timestamp) -> Action {
        guard case .registering = self.state else { return .none }
        self.responseID = 0
        self.lastAnswer = now
        // The first heartbeat follows at once: it brings the node's health.
        self.state = .connected(
            Heartbeats(nextAt: now, isInFlight: true, isNewsWaiting: false, failures: 0)
        )
        return .heartbeat
    }

    mutating func registrationFailed(at now: Timestamp) {
        guard case .registering(let failures) = self.state else { return }
        self.state = .waitingToRegister(
            until: now.adding(milliseconds: Self.wait(after: failures)),
            failures: failures + 1
        )
    }

    mutating func heartbeatAnswered(_ answer: HeartbeatAnswer, at now: Timestamp) -> Action {
        guard case .connected(var heartbeats) = self.state, heartbeats.isInFlight else { return .none }
        self.responseID = answer.responseID
        self.lastAnswer = now
        if answer.nextInterval > 0 { self.intervalMilliseconds = max(answer.nextInterval, Self.intervalMinimum) }
        heartbeats.isInFlight = heartbeats.isNewsWaiting
        heartbeats.isNewsWaiting = false
        heartbeats.failures = 0
        heartbeats.nextAt = now.adding(milliseconds: self.intervalMilliseconds)
        self.state = .connected(heartbeats)
        return heartbeats.isInFlight ? .heartbeat : .none
    }

    mutating func heartbeatFailed(at now: Timestamp) {
        guard case .connected(var heartbeats) = self.state, heartbeats.isInFlight else { return }
        heartbeats.isInFlight = false
        heartbeats.isNewsWaiting = false
        heartbeats.nextAt = now.adding(milliseconds: Self.wait(after: heartbeats.failures))
        heartbeats.failures += 1
        self.state = .connected(heartbeats)
    }

    /// The ResourceManager does not know this node: register again.
    mutating func resync() -> Action {
        guard case .connected = self.state else { return .none }
        self.state = .registering(failures: 0)
        return .register
    }

    /// A container ended: tell it now, or right after the call in flight.
    mutating func newsArrived() -> Action {
        guard case .connected(var heartbeats) = self.state else { return .none }
        if heartbeats.isInFlight {
            heartbeats.isNewsWaiting = true
            self.state = .connected(heartbeats)
            return .none
        }
        // While the ResourceManager is away, news wait for the next attempt.
        guard heartbeats.failures == 0 else { return .none }
        heartbeats.isInFlight = true
        self.state = .connected(heartbeats)
        return .heartbeat
    }

    mutating func timePassed(at now: Timestamp) -> Action {
        switch self.state {
        case .waitingToRegister(let until, let failures) where until <= now:
            self.state = .registering(failures: failures)
            return .register
        case .connected(var heartbeats) where !heartbeats.isInFlight && heartbeats.nextAt <= now:
            heartbeats.isInFlight = true
            self.state = .connected(heartbeats)
            return .heartbeat
        case .idle, .registering, .waitingToRegister, .connected, .closed:
            return .none
        }
    }

    mutating func close() {
        self.state = .closed
    }

    var nextDeadline: Timestamp? {
        switch self.state {
        case .waitingToRegister(let until, _): until
        case .connected(let heartbeats) where !heartbeats.isInFlight: heartbeats.nextAt
        case .idle, .registering, .connected, .closed: nil
        }
    }

    private static func wait(after failures: Int) -> Int64 {
        min(self.retryMinimum << Int64(min(failures, 16)), self.retryMaximum)
    }
}
