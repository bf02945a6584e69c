import HadoopWire
import NIOCore
import Synchronization

/// One connection of a client as its callers see it: takes calls from any thread, also before the connection is open,
/// and completes each of them exactly once.
final class ClientLink: Sendable {
    private enum Phase {
        /// Calls gather. Can transition to: `open`, `closed`
        case opening
        /// Can transition to: `closed`
        case open
        case closed
    }

    private struct State {
        var phase = Phase.opening
        var calls = CallTable()
        /// Frames that wait to be written.
        var outbox: [UInt8] = []
        /// Whether the event loop is going to take the outbox without being asked again.
        var isTakeExpected = false
        var wake: NIOLoopBound<() -> Void>?
        var lastCallEnded = NIODeadline.now()
    }

    let target: RPCTarget
    let eventLoop: any EventLoop
    private let clientID: [UInt8]
    private let state = Mutex(State())

    init(target: RPCTarget, clientID: [UInt8], eventLoop: any EventLoop) {
        self.target = target
        self.clientID = clientID
        self.eventLoop = eventLoop
    }

    func error(_ kind: RPCConnectionError.Kind, _ reason: String) -> RPCConnectionError {
        RPCConnectionError(kind: kind, host: self.target.host, port: self.target.port, reason: reason)
    }

    // MARK: - Callers, on any thread

    /// Sends a call, at once or when the connection is open.
    /// - Returns: false when the connection is closed and the call was not taken.
    func start(
        _ callID: Int32,
        method: String,
        request: [UInt8],
        deadline: NIODeadline?,
        completion: @escaping CallTable.Completion
    ) -> Bool {
        let signature = CallSignature(
            method: method,
            protocolName: self.target.protocolName,
            protocolVersion: self.target.protocolVersion
        )
        enum Outcome {
            case refused
            case taken(wake: NIOLoopBound<() -> Void>?)
        }
        let outcome = self.state.withLock { state -> Outcome in
            if case .closed = state.phase { return .refused }
            state.calls.add(callID, deadline: deadline, completion: completion)
            RequestFrame.appendCall(
                callID,
                clientID: self.clientID,
                signature: signature,
                request: request,
                to: &state.outbox
            )
            // Before the channel exists there is nobody to wake; it takes the outbox when it opens.
            guard let wake = state.wake, !state.isTakeExpected else { return .taken(wake: nil) }
            state.isTakeExpected = true
            return .taken(wake: wake)
        }
        guard case .taken(let wake) = outcome else { return false }
        if let wake { self.eventLoop.execute { wake.value() } }
        return true
    }

    /// Stops waiting for a call. Its answer is dropped when it comes.
    func cancel(_ callID: Int32) {
        self.complete(callID, .failure(CancellationError()))
    }

    /// Ends the link; all open calls fail.
    /// - Returns: false when it was closed before.
    @discardableResult
    func close(_ error: any Error) -> Bool {
        let completions = self.state.withLock { state -> [CallTable.Completion]? in
            if case .closed = state.phase { return nil }
            state.phase = .closed
            state.outbox = []
            state.wake = nil
            return state.calls.removeAll()
        }
        guard let completions else { return false }
        for completion in completions { completion(.failure(error)) }
        return true
    }

    // MARK: - The connection's handler, on the event loop

    /// Sets what to run on the event loop when calls wait to be written or watched. Only one channel may carry the
    /// link: a host with two addresses can give two channels for a moment.
    /// - Returns: false when the link was closed meanwhile, or has its channel already.
    func connected(wake: @escaping () -> Void) -> Bool {
        let bound = NIOLoopBound(wake, eventLoop: self.eventLoop)
        return self.state.withLock { state in
            guard case .opening = state.phase, state.wake == nil else { return false }
            state.wake = bound
            return true
        }
    }

    func opened() {
        self.state.withLock { state in
            if case .opening = state.phase { state.phase = .open }
        }
    }

    /// The frames that may be written now.
    func takeOutbox() -> [UInt8] {
        self.state.withLock { state in
            state.isTakeExpected = false
            guard case .open = state.phase else { return [] }
            let outbox = state.outbox
            state.outbox = []
            return outbox
        }
    }

    func complete(_ callID: Int32, _ result: Result<[UInt8], any Error>) {
        let completion = self.state.withLock { state in
            let completion = state.calls.remove(callID)
            if completion != nil, state.calls.isEmpty { state.lastCallEnded = .now() }
            return completion
        }
        // None when the call was cancelled or timed out.
        completion?(result)
    }

    /// Fails the calls whose time is over.
    func failOverdueCalls(at now: NIODeadline) {
        let overdue = self.state.withLock { state in
            let overdue = state.calls.removeOverdue(at: now)
            if !overdue.isEmpty, state.calls.isEmpty { state.lastCallEnded = now }
            return overdue
        }
        for completion in overdue {
            completion(.failure(self.error(.timedOut, "no answer within the time limit of the call")))
        }
    }

    /// When the first open call is overdue at the earliest.
    var earliestDeadline: NIODeadline? { self.state.withLock { $0.calls.earliestDeadline } }

    var hasCalls: Bool { self.state.withLock { !$0.calls.isEmpty } }

    /// Closes the link if it had no calls since `limit`.
    func closeIfIdle(since limit: NIODeadline) -> Bool {
        self.state.withLock { state in
            guard case .open = state.phase, state.calls.isEmpty, state.lastCallEnded <= limit else { return false }
            state.phase = .closed
            state.wake = nil
            return true
        }
    }
}
