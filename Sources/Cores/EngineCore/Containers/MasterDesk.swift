/// What an ApplicationMaster in a container is told by its driver outside of the cluster (client mode).
package struct MasterOrders: Hashable, Codable, Sendable {
    /// How many executors the driver wants, where that has changed.
    package var wanted: Int?
    package var removed: [Int] = []
    package var stops = false
    /// Why the application counts as failed.
    package var failure: String?

    package init() {}

    package var isEmpty: Bool { self.wanted == nil && self.removed.isEmpty && !self.stops }
}

/// What a driver outside of the cluster has to tell its ApplicationMaster, and which one that is.
///
/// The ResourceManager starts another where one was lost with its node. That one has none of the executors before it, which the
/// ResourceManager ends, and has not heard what the driver wants. One that comes back after it is told to stop.
package struct MasterDesk: Sendable {
    /// Who asks.
    package enum Visitor: Hashable, Sendable {
        /// The ApplicationMaster that does what it is told.
        case current
        /// Another in its place. All executors with lower numbers than this are lost.
        case successor(firstExecutor: ExecutorID)
        /// One whose place another has taken; it gets these orders.
        case outdated(MasterOrders)
    }

    private var pending = MasterOrders()
    private var wanted: Int?
    /// Of the ApplicationMaster that does what it is told; nil: none has come.
    private var attempt: Int?

    package init() {}

    /// Whether an ApplicationMaster has come.
    package var isAttended: Bool { self.attempt != nil }

    package mutating func request(_ total: Int) {
        self.wanted = total
        self.pending.wanted = total
    }

    package mutating func remove(_ executor: ExecutorID) { self.pending.removed.append(executor.number) }

    package mutating func stop(failure: String?) {
        self.pending.stops = true
        self.pending.failure = failure
    }

    /// An ApplicationMaster has come, or asks again.
    /// - Parameter attempt: of the application, from 1.
    package mutating func receive(attempt: Int) -> Visitor {
        guard let current = self.attempt, current != attempt else {
            self.attempt = attempt
            return .current
        }
        guard attempt > current else { return .outdated(Self.end(of: attempt)) }
        self.attempt = attempt
        self.pending.wanted = self.wanted
        self.pending.removed = []
        return .successor(firstExecutor: ContainerBook<Int>.firstExecutor(of: attempt))
    }

    /// What an ApplicationMaster of an attempt is told whose place another has taken.
    package static func end(of attempt: Int) -> MasterOrders {
        var orders = MasterOrders()
        orders.stops = true
        orders.failure = "attempt \(attempt) of the application is over: another ApplicationMaster has taken its place"
        return orders
    }

    /// What is to be told now.
    package mutating func take() -> MasterOrders {
        defer { self.pending = MasterOrders() }
        return self.pending
    }

    /// Whether there is something to tell.
    package var hasOrders: Bool { !self.pending.isEmpty }
}
