// The states that YARN shows to clients. Raw values are the numbers on the wire, `name` is the text in REST and in
// commands.

/// YarnApplicationStateProto.
package enum ApplicationState: Int, Sendable, CaseIterable {
    case new = 1
    case newSaving = 2
    case submitted = 3
    case accepted = 4
    case running = 5
    case finished = 6
    case failed = 7
    case killed = 8

    package var name: String {
        switch self {
        case .new: "NEW"
        case .newSaving: "NEW_SAVING"
        case .submitted: "SUBMITTED"
        case .accepted: "ACCEPTED"
        case .running: "RUNNING"
        case .finished: "FINISHED"
        case .failed: "FAILED"
        case .killed: "KILLED"
        }
    }

    /// No transition leaves it.
    package var isFinal: Bool { self.rawValue >= ApplicationState.finished.rawValue }

    /// Reads the text form in any case.
    package init?(name: String) {
        let wanted = name.uppercased()
        guard let state = Self.allCases.first(where: { $0.name == wanted }) else { return nil }
        self = state
    }
}

/// YarnApplicationAttemptStateProto.
package enum AttemptState: Int, Sendable, CaseIterable {
    case new = 1
    case submitted = 2
    case scheduled = 3
    case allocatedSaving = 4
    case allocated = 5
    case launched = 6
    case failed = 7
    case running = 8
    case finishing = 9
    case finished = 10
    case killed = 11

    package var name: String {
        switch self {
        case .new: "NEW"
        case .submitted: "SUBMITTED"
        case .scheduled: "SCHEDULED"
        case .allocatedSaving: "ALLOCATED_SAVING"
        case .allocated: "ALLOCATED"
        case .launched: "LAUNCHED"
        case .failed: "FAILED"
        case .running: "RUNNING"
        case .finishing: "FINISHING"
        case .finished: "FINISHED"
        case .killed: "KILLED"
        }
    }

    package var isFinal: Bool { self == .failed || self == .finished || self == .killed }
}

/// FinalApplicationStatusProto: what the application itself says of its outcome.
package enum FinalApplicationStatus: Int, Sendable, CaseIterable {
    case undefined = 0
    case succeeded = 1
    case failed = 2
    case killed = 3
    case ended = 4

    package var name: String {
        switch self {
        case .undefined: "UNDEFINED"
        case .succeeded: "SUCCEEDED"
        case .failed: "FAILED"
        case .killed: "KILLED"
        case .ended: "ENDED"
        }
    }

    /// Reads the text form in any case.
    package init?(name: String) {
        let wanted = name.uppercased()
        guard let status = Self.allCases.first(where: { $0.name == wanted }) else { return nil }
        self = status
    }
}

/// ContainerStateProto.
package enum ContainerState: Int, Sendable, CaseIterable {
    case new = 1
    case running = 2
    case complete = 3

    package var name: String {
        switch self {
        case .new: "NEW"
        case .running: "RUNNING"
        case .complete: "COMPLETE"
        }
    }
}

/// NodeStateProto.
package enum NodeState: Int, Sendable, CaseIterable {
    case new = 1
    case running = 2
    case unhealthy = 3
    case decommissioned = 4
    case lost = 5
    case rebooted = 6
    case decommissioning = 7
    case shutdown = 8

    package var name: String {
        switch self {
        case .new: "NEW"
        case .running: "RUNNING"
        case .unhealthy: "UNHEALTHY"
        case .decommissioned: "DECOMMISSIONED"
        case .lost: "LOST"
        case .rebooted: "REBOOTED"
        case .decommissioning: "DECOMMISSIONING"
        case .shutdown: "SHUTDOWN"
        }
    }

    /// True when containers may run on such a node.
    package var isUsable: Bool { self == .running || self == .decommissioning }

    /// True when the node no longer takes part and is listed only among the inactive ones.
    package var isInactive: Bool {
        switch self {
        case .decommissioned, .lost, .rebooted, .shutdown: true
        case .new, .running, .unhealthy, .decommissioning: false
        }
    }

    /// Reads the text form in any case.
    package init?(name: String) {
        let wanted = name.uppercased()
        guard let state = Self.allCases.first(where: { $0.name == wanted }) else { return nil }
        self = state
    }
}

/// QueueStateProto.
package enum QueueState: Int, Sendable, CaseIterable {
    case stopped = 1
    case running = 2
    case draining = 3

    package var name: String {
        switch self {
        case .stopped: "STOPPED"
        case .running: "RUNNING"
        case .draining: "DRAINING"
        }
    }
}

/// ExecutionTypeProto.
package enum ExecutionType: Int, Sendable, CaseIterable {
    case guaranteed = 1
    case opportunistic = 2

    package var name: String {
        switch self {
        case .guaranteed: "GUARANTEED"
        case .opportunistic: "OPPORTUNISTIC"
        }
    }
}

/// SignalContainerCommandProto.
package enum SignalContainerCommand: Int, Sendable, CaseIterable {
    case outputThreadDump = 1
    case gracefulShutdown = 2
    case forcefulShutdown = 3

    package var name: String {
        switch self {
        case .outputThreadDump: "OUTPUT_THREAD_DUMP"
        case .gracefulShutdown: "GRACEFUL_SHUTDOWN"
        case .forcefulShutdown: "FORCEFUL_SHUTDOWN"
        }
    }
}

/// LogAggregationStatusProto.
package enum LogAggregationStatus: Int, Sendable, CaseIterable {
    case disabled = 1
    case notStart = 2
    case running = 3
    case succeeded = 4
    case failed = 5
    case timeOut = 6
    case runningWithFailure = 7

    package var name: String {
        switch self {
        case .disabled: "DISABLED"
        case .notStart: "NOT_START"
        case .running: "RUNNING"
        case .succeeded: "SUCCEEDED"
        case .failed: "FAILED"
        case .timeOut: "TIME_OUT"
        case .runningWithFailure: "RUNNING_WITH_FAILURE"
        }
    }
}
