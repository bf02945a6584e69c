import NIOCore

/// The calls of one connection that wait for an answer, and when the first of them has waited too long.
struct CallTable {
    typealias Completion = @Sendable (Result<[UInt8], any Error>) -> Void

    private struct OpenCall {
        var deadline: NIODeadline?
        var completion: Completion
    }

    private var calls: [Int32: OpenCall] = [:]
    /// No call's deadline is earlier; calls that ended meanwhile may have set it.
    private(set) var earliestDeadline: NIODeadline?

    var isEmpty: Bool { self.calls.isEmpty }

    mutating func add(_ callID: Int32, deadline: NIODeadline?, completion: @escaping Completion) {
        self.calls[callID] = OpenCall(deadline: deadline, completion: completion)
        if let deadline, deadline < self.earliestDeadline ?? .distantFuture { self.earliestDeadline = deadline }
    }

    mutating func remove(_ callID: Int32) -> Completion? {
        self.calls.removeValue(forKey: callID)?.completion
    }

    mutating func removeAll() -> [Completion] {
        defer { self = CallTable() }
        return self.calls.values.map(\.completion)
    }

    /// Takes out the calls whose time is over.
    mutating func removeOverdue(at now: NIODeadline) -> [Completion] {
        guard let earliestDeadline, earliestDeadline <= now else { return [] }
        var overdue: [Completion] = []
        var next: NIODeadline?
        for (callID, call) in self.calls {
            guard let deadline = call.deadline else { continue }
            if deadline <= now {
                overdue.append(call.completion)
                self.calls[callID] = nil
            } else {
                next = min(deadline, next ?? .distantFuture)
            }
        }
        self.earliestDeadline = next
        return overdue
    }
}
