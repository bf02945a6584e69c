import ClusterModel
package import Logging
import NIOCore
import NIOPosix
package import ResourceManagerCore
package import StateStore
import Synchronization

/// Owns the core on a thread of its own and carries out what its steps want, in this order: store the records, publish
/// the changes, send the replies, start the actions.
///
/// Callers post inputs one way from any thread. What has gathered while the last batch was stepped is the next batch;
/// batches whose records are being stored do not stop later ones from being stepped, but nothing of a batch gets out
/// before every earlier one is stored.
package final class ResourceManagerDriver: Sendable {
    package typealias Core = ResourceManagerCore
    package typealias ReplyHandler = @Sendable (Result<Core.Reply, DriverStopped>) -> Void

    package let snapshot: ClusterSnapshot
    package let clock: DriverClock

    /// The loop that the core is stepped on. A port whose every call goes to the core, and is small, may be served there
    /// too: its calls then reach the core and its answers the socket without waking another thread.
    var loops: any EventLoopGroup { self.group }

    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let inbox = Mutex(Inbox())
    private let state: NIOLoopBound<DriverState>
    private let store: StateStore
    private let logger: Logger
    private let activity: ActivityLog

    /// Inputs that wait for the loop.
    private struct Inbox {
        var inputs: [Core.Input] = []
        var handlers: [(RequestID, ReplyHandler)] = []
        var lastRequest: UInt64 = 0
        var isScheduled = false
        var isStopped = false
    }

    /// - Parameters:
    ///   - perform: starts an action outside and posts its outcome to the driver; called on the driver's thread, must not block.
    ///   - stepDown: called once when another ResourceManager has taken the store over, or it cannot be written.
    package init(
        settings: ResourceManagerSettings,
        clusterTimestamp: Int64,
        clock: DriverClock,
        store: StateStore,
        snapshot: ClusterSnapshot,
        logger: Logger,
        perform: @escaping @Sendable (ResourceManagerDriver, Core.Action) -> Void,
        stepDown: @escaping @Sendable (String) -> Void
    ) async throws {
        self.snapshot = snapshot
        self.clock = clock
        self.store = store
        self.logger = logger
        self.activity = ActivityLog(logger: logger)
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.loop = self.group.next()
        let loop = self.loop
        self.state = try await loop.submit {
            NIOLoopBound(
                DriverState(
                    core: Core(settings: settings, clusterTimestamp: clusterTimestamp),
                    perform: perform,
                    stepDown: stepDown
                ),
                eventLoop: loop
            )
        }.get()
    }

    /// Hands the core what the store holds and returns once all keys are made and stored, so that the first request can
    /// be served.
    package func start(recovered records: [Core.Record]) async throws(DriverStopped) {
        let result = await withCheckedContinuation { (ready: CheckedContinuation<Result<Void, DriverStopped>, Never>) in
            self.loop.execute { self.state.value.whenReady = { ready.resume(returning: $0) } }
            self.post(.recovered(records))
        }
        try result.get()
    }

    /// Stops stepping, tells handlers that wait, writes what was being stored, and closes the store.
    package func stop() async {
        self.inbox.withLock { $0.isStopped = true }
        _ = try? await self.loop.submit { self.halt(reason: "The ResourceManager is stopping.") }.get()
        // The store's last completions still come to the loop.
        await self.store.closed()
        try? await self.group.shutdownGracefully()
    }

    // MARK: Posting

    /// Posts an input that has no reply.
    package func post(_ input: Core.Input) {
        self.enqueue { inbox in inbox.inputs.append(input) }
    }

    /// Posts a request; `handler` is called once, on the driver's thread, when the reply may be seen. It must not block.
    package func request(_ input: (RequestID) -> Core.Input, then handler: @escaping ReplyHandler) {
        let accepted = self.enqueue { inbox in
            inbox.lastRequest += 1
            let request = RequestID(inbox.lastRequest)
            inbox.inputs.append(input(request))
            inbox.handlers.append((request, handler))
        }
        if !accepted {
            handler(.failure(DriverStopped(reason: "The ResourceManager is stopping.")))
        }
    }

    /// The same for callers that can wait.
    package func request(_ input: (RequestID) -> Core.Input) async throws(DriverStopped) -> Core.Reply {
        let result = await withCheckedContinuation { continuation in
            self.request(input) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// - Returns: false when the driver was stopped.
    @discardableResult
    private func enqueue(_ change: (inout Inbox) -> Void) -> Bool {
        let (accepted, mustSchedule) = self.inbox.withLock { inbox -> (Bool, Bool) in
            guard !inbox.isStopped else { return (false, false) }
            change(&inbox)
            defer { inbox.isScheduled = true }
            return (true, !inbox.isScheduled)
        }
        if mustSchedule {
            self.loop.execute { self.stepInbox() }
        }
        return accepted
    }

    // MARK: On the loop

    private func stepInbox() {
        let (inputs, handlers) = self.inbox.withLock { inbox in
            inbox.isScheduled = false
            defer {
                inbox.inputs = []
                inbox.handlers = []
            }
            return (inbox.inputs, inbox.handlers)
        }
        let state = self.state.value
        for (request, handler) in handlers {
            state.handlers[request] = handler
        }
        self.step(inputs)
    }

    private func step(_ inputs: [Core.Input]) {
        let state = self.state.value
        guard !state.isHalted else { return }
        var effects = Core.Effects()
        let now = self.clock.now
        for input in inputs {
            state.core.step(input, at: now, into: &effects)
        }
        state.core.publish(into: &effects)
        self.release(effects)
        self.scheduleDeadline()
    }

    /// Sends the records to the store and queues the rest behind them.
    private func release(_ effects: Core.Effects) {
        let state = self.state.value
        guard !effects.isEmpty else { return }
        let batch = state.nextBatch
        state.nextBatch += 1
        state.unreleased.append(.init(number: batch, isStored: effects.records.isEmpty, effects: effects))
        guard !effects.records.isEmpty else {
            self.releaseStored()
            return
        }
        let operations = effects.records.flatMap(RecordCoding.operations(for:))
        self.store.commit(operations, fence: self.store.fence) { result in
            self.loop.execute { self.stored(batch, result) }
        }
    }

    private func stored(_ batch: UInt64, _ result: Result<CommitOutcome, StateStoreError>) {
        switch result {
        case .success(.committed):
            let state = self.state.value
            guard let index = state.unreleased.firstIndex(where: { $0.number == batch }) else { return }
            state.unreleased[index].isStored = true
            self.releaseStored()
        case .success(.fenced):
            self.stepDown(reason: "Another ResourceManager has taken over the state store \(self.store.path).")
        case .failure(let error):
            self.stepDown(reason: error.description)
        }
    }

    private func releaseStored() {
        let state = self.state.value
        while let first = state.unreleased.first, first.isStored {
            state.unreleased.removeFirst()
            self.activity.note(first.effects.changes, before: self.snapshot)
            self.snapshot.apply(first.effects.changes)
            for (request, reply) in first.effects.replies {
                state.handlers.removeValue(forKey: request)?(.success(reply))
            }
            for action in first.effects.actions {
                self.perform(action)
            }
        }
        if let whenReady = state.whenReady, self.snapshot.hasAllKeyRings {
            state.whenReady = nil
            whenReady(.success(()))
        }
    }

    private func perform(_ action: Core.Action) {
        switch action {
        case .masterKeyWanted(let kind):
            var random = SystemRandomNumberGenerator()
            let bytes = (0..<DriverState.masterKeyLength).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            self.post(.masterKeyOffered(kind, bytes: bytes))
        case .launchApplicationMaster, .stopApplicationMaster, .nodeEventPending, .renewToken, .cancelToken:
            self.state.value.perform(self, action)
        }
    }

    private func scheduleDeadline() {
        let state = self.state.value
        guard let deadline = state.core.nextDeadline else { return }
        // Every heartbeat moves a deadline away. The timer that is set already fires early then, finds nothing due and
        // sets the next: once an interval and not once a heartbeat.
        if let scheduled = state.scheduledDeadline, scheduled <= deadline { return }
        state.deadlineTask?.cancel()
        state.scheduledDeadline = deadline
        let wait = max(1, deadline.milliseconds(since: self.clock.now))
        state.deadlineTask = self.loop.scheduleTask(in: .milliseconds(min(wait, DriverState.waitMaximum))) {
            self.state.value.scheduledDeadline = nil
            self.step([.timePassed])
        }
    }

    private func stepDown(reason: String) {
        let state = self.state.value
        guard !state.isHalted else { return }
        self.logger.critical("Stepping down: \(reason)")
        self.inbox.withLock { $0.isStopped = true }
        self.halt(reason: reason)
        state.stepDown(reason)
    }

    private func halt(reason: String) {
        let state = self.state.value
        state.isHalted = true
        state.deadlineTask?.cancel()
        state.unreleased.removeAll()
        let waiting = self.inbox.withLock { inbox in
            defer { inbox.handlers = [] }
            return inbox.handlers.map(\.1)
        }
        let stopped = DriverStopped(reason: reason)
        for handler in waiting + state.handlers.values {
            handler(.failure(stopped))
        }
        state.handlers = [:]
        state.whenReady?(.failure(stopped))
        state.whenReady = nil
    }
}

/// The driver carries nothing out any more: it was stopped, or another ResourceManager has taken over.
package struct DriverStopped: Error, Sendable, CustomStringConvertible {
    package var reason: String

    package var description: String { self.reason }
}
