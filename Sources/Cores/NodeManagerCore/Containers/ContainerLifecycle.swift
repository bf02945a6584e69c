import ClusterModel

/// One container's way: `localizing → launching → running → completed`, from each of the first three also `→ stopping`.
///
/// Inputs that come late (an end after the end) change nothing; each answer says all that follows.
struct ContainerLifecycle: Sendable, Equatable {
    enum State: Sendable, Equatable {
        /// Waits for so many resources. Can go to: launching, completed.
        case localizing(pending: Int)
        /// The launch is ordered; nothing can be signalled before it answers. Can go to: running, localizing, stopping,
        /// completed.
        case launching(stop: StopReason?)
        /// Can go to: stopping, completed.
        case running(process: Int32)
        /// TERM was sent; KILL follows at the deadline, once. Can go to: completed.
        case stopping(StopReason, killAt: Timestamp?)
        /// Every process is gone. The last state.
        case completed(ContainerExitStatus)
    }

    private(set) var state: State

    /// - Parameter pending: resources that are not there yet.
    init(pendingResources pending: Int) {
        self.state = pending == 0 ? .launching(stop: nil) : .localizing(pending: pending)
    }

    /// A container whose supervisor an earlier NodeManager started.
    init(adoptedWith reason: StopReason?, killAt: Timestamp) {
        self.state = reason.map { .stopping($0, killAt: killAt) } ?? .running(process: 0)
    }

    /// A container that ended before this NodeManager started.
    init(completedWith status: ContainerExitStatus) {
        self.state = .completed(status)
    }

    var isCompleted: Bool {
        if case .completed = self.state { true } else { false }
    }

    enum ResourceAction: Sendable, Equatable {
        case none
        case launch
    }

    mutating func resourceReady() -> ResourceAction {
        guard case .localizing(let pending) = self.state else { return .none }
        if pending > 1 {
            self.state = .localizing(pending: pending - 1)
            return .none
        }
        self.state = .launching(stop: nil)
        return .launch
    }

    /// What follows for the container when something ended it.
    enum EndAction: Sendable, Equatable {
        case none
        case complete(ContainerExitStatus)
    }

    mutating func resourceFailed() -> EndAction {
        guard case .localizing = self.state else { return .none }
        return self.complete(.invalid)
    }

    enum LaunchedAction: Sendable, Equatable {
        case none
        /// It was stopped while it was launching.
        case terminate(StopReason)
    }

    mutating func launched(process: Int32, killAt: Timestamp) -> LaunchedAction {
        guard case .launching(let stop) = self.state else { return .none }
        guard let stop else {
            self.state = .running(process: process)
            return .none
        }
        self.state = .stopping(stop, killAt: killAt)
        return .terminate(stop)
    }

    mutating func launchFailed(_ status: ContainerExitStatus) -> EndAction {
        guard case .launching(let stop) = self.state else { return .none }
        return self.complete(stop?.exitStatus ?? status)
    }

    /// Cached files were gone when the launch wanted them: localize again.
    mutating func relocalize(pendingResources pending: Int) {
        guard case .launching(nil) = self.state, pending > 0 else { return }
        self.state = .localizing(pending: pending)
    }

    enum StopAction: Sendable, Equatable {
        /// It is already stopping or over; the first reason counts.
        case none
        case terminate
        /// The signal follows when the launch answers.
        case afterLaunch
        /// No process was started and none will be.
        case complete(ContainerExitStatus)
    }

    mutating func stopRequested(_ reason: StopReason, killAt: Timestamp) -> StopAction {
        switch self.state {
        case .localizing:
            _ = self.complete(reason.exitStatus)
            return .complete(reason.exitStatus)
        case .launching(nil):
            self.state = .launching(stop: reason)
            return .afterLaunch
        case .running:
            self.state = .stopping(reason, killAt: killAt)
            return .terminate
        case .launching, .stopping, .completed:
            return .none
        }
    }

    var killDeadline: Timestamp? {
        if case .stopping(_, let killAt) = self.state { killAt } else { nil }
    }

    /// - Returns: true when KILL is due now.
    mutating func timePassed(at now: Timestamp) -> Bool {
        guard case .stopping(let reason, let killAt?) = self.state, killAt <= now else { return false }
        self.state = .stopping(reason, killAt: nil)
        return true
    }

    /// The processes are gone. The reason of a stop outranks the process's own exit code, which a signal made.
    mutating func ended(exitCode: Int32?) -> EndAction {
        let own = exitCode.map(ContainerExitStatus.init(code:)) ?? .lost
        switch self.state {
        case .launching(let stop): return self.complete(stop?.exitStatus ?? own)
        case .running: return self.complete(own)
        case .stopping(let reason, _): return self.complete(reason.exitStatus)
        case .localizing, .completed: return .none
        }
    }

    private mutating func complete(_ status: ContainerExitStatus) -> EndAction {
        self.state = .completed(status)
        return .complete(status)
    }

    /// Why it is being stopped, if it is.
    var stopReason: StopReason? {
        switch self.state {
        case .launching(let stop): stop
        case .stopping(let reason, _): reason
        case .localizing, .running, .completed: nil
        }
    }

    var exitStatus: ContainerExitStatus {
        if case .completed(let status) = self.state { status } else { .invalid }
    }

    var viewState: NodeContainerState {
        switch self.state {
        case .localizing: .localizing
        case .launching(nil): .scheduled
        case .running: .running
        case .launching, .stopping: .killing
        case .completed: .done
        }
    }
}
