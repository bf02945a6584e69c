internal import EngineCore
internal import EngineLink

/// The executors that have come to a driver: what each is to be told next, and what each runs. A plain value.
struct ExecutorSeats {
    struct Seat {
        var server: OutputPlaces.Server
        /// Where what it hands over is served; nil where its node has no service.
        var service: OutputPlaces.Server?
        /// What it is told when it asks next, or now if its question is open.
        var orders = Orders()
        var question: ControlAnswer?
        var knownPlans: Set<Digest> = []
        var running: [Int64: LaunchOrder] = [:]
    }

    typealias Due = (question: ControlAnswer, orders: Orders)

    /// Plans that an executor is taken to know. Not for ever: executors forget, too, and ask.
    private static let plansMaximum = 4096

    private var seats: [ExecutorID: Seat] = [:]
    private var kills = EarlyKills<Int64>()
    /// A number is never taken again.
    private var gone: Set<ExecutorID> = []
    /// Where the outputs of those are served that have handed them over.
    private var services: [ExecutorID: OutputPlaces.Server] = [:]

    var all: [ExecutorID] { Array(self.seats.keys) }

    func server(of executor: ExecutorID) -> OutputPlaces.Server? { self.seats[executor]?.server }

    /// Where what its map tasks wrote is served.
    func outputServer(of executor: ExecutorID) -> OutputPlaces.Server? {
        self.services[executor] ?? self.server(of: executor)
    }

    /// Whether it can hand over what its map tasks wrote.
    func hasService(_ executor: ExecutorID) -> Bool { self.seats[executor]?.service != nil }

    /// It has handed over what its map tasks wrote.
    mutating func handOver(_ executor: ExecutorID) { self.services[executor] = self.seats[executor]?.service }

    /// Whether what its map tasks wrote is there without it.
    func hasHandedOver(_ executor: ExecutorID) -> Bool { self.services[executor] != nil }

    /// - Returns: false where that executor is not expected.
    mutating func register(
        _ executor: ExecutorID,
        _ server: OutputPlaces.Server,
        service: OutputPlaces.Server? = nil
    ) -> Bool {
        guard self.seats[executor] == nil, !self.gone.contains(executor) else { return false }
        self.seats[executor] = Seat(server: server, service: service)
        return true
    }

    mutating func remove(_ executor: ExecutorID) {
        self.gone.insert(executor)
        self.seats[executor] = nil
    }

    mutating func order(_ executor: ExecutorID, _ change: (inout Orders) -> Void) {
        if var orders = self.seats[executor]?.orders {
            change(&orders)
            self.seats[executor]?.orders = orders
        }
    }

    /// - Returns: false where its executor is gone.
    mutating func launch(_ launch: LaunchOrder) -> Bool {
        guard var seat = self.seats.removeValue(forKey: launch.executor) else { return false }
        let number = launch.task.id.number
        seat.running[number] = launch
        if seat.knownPlans.count > Self.plansMaximum { seat.knownPlans = [] }
        if seat.knownPlans.insert(launch.plan.digest).inserted { seat.orders.plans.append(SentPlan(launch.plan)) }
        let kept = launch.kept.compactMap { holder in
            self.seats[holder.executor].map { other in
                KeptPlace(dataset: holder.dataset, partition: holder.partition, server: other.server)
            }
        }
        seat.orders.tasks.append(
            OrderedTask(task: number, outputsVersion: launch.outputsVersion, kept: kept, order: launch.order)
        )
        if self.kills.take(number) { seat.orders.kills.append(number) }
        self.seats[launch.executor] = seat
        return true
    }

    /// Has a task ended, also one that is launched later.
    /// - Returns: the executor that has something to hear now.
    mutating func kill(_ task: Int64) -> ExecutorID? {
        guard let executor = self.executor(running: task) else {
            self.kills.note(task)
            return nil
        }
        self.order(executor) { $0.kills.append(task) }
        return executor
    }

    /// - Returns: nil where the executor has no such task (any more).
    mutating func taskEnded(_ task: Int64, on executor: ExecutorID) -> LaunchOrder? {
        self.seats[executor]?.running.removeValue(forKey: task)
    }

    private func executor(running task: Int64) -> ExecutorID? {
        self.seats.first { $0.value.running[task] != nil }?.key
    }

    /// What running tasks were launched with, in no order.
    var launches: some Sequence<LaunchOrder> { self.seats.values.lazy.flatMap(\.running.values) }

    /// Takes an executor's question.
    /// - Parameter waits: whether it is kept until there is something to say.
    /// - Returns: which questions are to be answered now.
    mutating func ask(_ executor: ExecutorID, _ question: ControlAnswer, waits: Bool) -> [Due] {
        guard var seat = self.seats.removeValue(forKey: executor) else {
            var orders = Orders()
            orders.stops = true
            return [(question, orders)]
        }
        defer { self.seats[executor] = seat }
        if waits && seat.orders.isEmpty {
            // Only one question stays open.
            let older = seat.question.map { ($0, Orders()) }
            seat.question = question
            return older.map { [$0] } ?? []
        }
        defer { seat.orders = Orders() }
        return [(question, seat.orders)]
    }

    /// Open questions of these executors that have an answer now.
    mutating func due(_ executors: some Sequence<ExecutorID>) -> [Due] {
        var due: [Due] = []
        for executor in executors {
            guard var seat = self.seats[executor], let question = seat.question, !seat.orders.isEmpty else { continue }
            due.append((question, seat.orders))
            seat.question = nil
            seat.orders = Orders()
            self.seats[executor] = seat
        }
        return due
    }
}
