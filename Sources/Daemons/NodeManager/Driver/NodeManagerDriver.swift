import ClusterModel
package import Logging
import NIOCore
import NIOPosix
package import NodeManagerCore
import Synchronization

/// Owns the core on a thread of its own and carries out what its steps want, in this order: store the records, publish
/// the changes, send the replies, start the actions.
package final class NodeManagerDriver: Sendable {
    package typealias ReplyHandler = @Sendable (Reply) -> Void

    package let snapshot: NodeSnapshot
    package let clock: NodeClock

    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let inbox = Mutex(Inbox())
    private let state: NIOLoopBound<DriverState>
    private let logger: Logger

    private struct Inbox {
        var inputs: [Input] = []
        var handlers: [(RequestID, ReplyHandler)] = []
        var lastRequest: UInt64 = 0
        var isScheduled = false
        var isStopped = false
    }

    /// What the driver's thread alone touches.
    private final class DriverState {
        var core: NodeManagerCore
        var effects = Effects()
        var handlers: [RequestID: ReplyHandler] = [:]
        var scheduledDeadline: Timestamp?
        var deadlineTask: Scheduled<Void>?
        var isHalted = false
        let store: @Sendable ([Record]) -> Void
        let perform: @Sendable (Action) -> Void

        init(
            core: NodeManagerCore,
            store: @escaping @Sendable ([Record]) -> Void,
            perform: @escaping @Sendable (Action) -> Void
        ) {
            self.core = core
            self.store = store
            self.perform = perform
        }
    }

    /// A timer is set at most a day ahead; a deadline beyond it is looked at again then.
    private static let waitMaximum: Int64 = 86_400_000

    /// - Parameters:
    ///   - store: writes records before anything else of their step happens; called on the driver's thread.
    ///   - perform: starts an action; called on the driver's thread, must not block.
    package init(
        settings: NodeManagerSettings,
        node: NodeIdentity,
        snapshot: NodeSnapshot,
        clock: NodeClock,
        logger: Logger,
        store: @escaping @Sendable ([Record]) -> Void,
        perform: @escaping @Sendable (Action) -> Void
    ) async throws {
        self.clock = clock
        self.logger = logger
        let core = NodeManagerCore(settings: settings, node: node)
        self.snapshot = snapshot
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = self.group.next()
        self.loop = loop
        self.state = try await loop.submit {
            NIOLoopBound(DriverState(core: core, store: store, perform: perform), eventLoop: loop)
        }.get()
    }

    /// Posts an input that has no reply; from any thread.
    package func post(_ input: Input) {
        self.enqueue { $0.inputs.append(input) }
    }

    /// Posts a request; `handler` is called once, on the driver's thread, and must not block.
    /// - Returns: false when the driver was stopped; the handler is then never called.
    package func request(_ input: (RequestID) -> Input, then handler: @escaping ReplyHandler) -> Bool {
        self.enqueue { inbox in
            inbox.lastRequest += 1
            let request = RequestID(inbox.lastRequest)
            inbox.inputs.append(input(request))
            inbox.handlers.append((request, handler))
        }
    }

    /// Stops stepping. Requests that wait are never answered: their connections close.
    package func stop() async {
        self.inbox.withLock { $0.isStopped = true }
        _ = try? await self.loop.submit {
            let state = self.state.value
            state.isHalted = true
            state.deadlineTask?.cancel()
            state.handlers = [:]
        }.get()
        try? await self.group.shutdownGracefully()
    }

    @discardableResult
    private func enqueue(_ change: (inout Inbox) -> Void) -> Bool {
        let (accepted, mustSchedule) = self.inbox.withLock { inbox -> (Bool, Bool) in
            guard !inbox.isStopped else { return (false, false) }
            change(&inbox)
            defer { inbox.isScheduled = true }
            return (true, !inbox.isScheduled)
        }
        if mustSchedule { self.loop.execute { self.stepInbox() } }
        return accepted
    }

    // MARK: - On the loop

    private func stepInbox() {
        let (inputs, handlers) = self.inbox.withLock { inbox in
            inbox.isScheduled = false
            defer {
                inbox.inputs = []
                inbox.handlers = []
            }
            return (inbox.inputs, inbox.handlers)
        }
        for (request, handler) in handlers { self.state.value.handlers[request] = handler }
        self.step(inputs)
    }

    private func step(_ inputs: [Input]) {
        let state = self.state.value
        guard !state.isHalted else { return }
        let now = self.clock.now
        for input in inputs {
            state.effects.removeAll()
            state.core.step(input, at: now, into: &state.effects)
            self.carryOut(state.effects)
        }
        self.scheduleDeadline()
    }

    private func carryOut(_ effects: Effects) {
        let state = self.state.value
        if !effects.records.isEmpty { state.store(effects.records) }
        self.snapshot.apply(effects.changes)
        for pending in effects.replies { state.handlers.removeValue(forKey: pending.request)?(pending.reply) }
        for action in effects.actions { state.perform(action) }
    }

    private func scheduleDeadline() {
        let state = self.state.value
        let deadline = state.core.nextDeadline
        guard deadline != state.scheduledDeadline else { return }
        state.deadlineTask?.cancel()
        state.deadlineTask = nil
        state.scheduledDeadline = deadline
        guard let deadline else { return }
        let wait = max(1, deadline.milliseconds(since: self.clock.now))
        state.deadlineTask = self.loop.scheduleTask(in: .milliseconds(min(wait, Self.waitMaximum))) {
            self.state.value.scheduledDeadline = nil
            self.step([.timePassed])
        }
    }
}
