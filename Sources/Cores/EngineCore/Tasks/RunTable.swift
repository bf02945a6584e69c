import ClusterModel

/// A run of a task that an executor has.
struct Run: Sendable {
    var task: TaskAttempt
    var stage: Int
    var executor: Int
    var pool: Int
    var index: Int
    var locality: Locality
    var speculative: Bool
    /// Its end has been asked for.
    var isKilled = false
    var launchedAt: Timestamp
    /// The scheduler's when it was launched.
    var epoch: Int
}

/// The runs that executors have, each in a seat that its `TaskAttempt` names.
struct RunTable: Sendable {
    private var seats: [Run] = []
    private var vacant: [Int32] = []

    private static let noTask = TaskID(-1)

    var count: Int { self.seats.count - self.vacant.count }
    /// Seats that are or were taken; `isTaken` tells.
    var indices: Range<Int> { self.seats.indices }

    func isTaken(_ seat: Int) -> Bool { self.seats[seat].task.id != Self.noTask }

    func seat(of task: TaskAttempt) -> Int? {
        let seat = Int(task.seat)
        return self.seats.indices.contains(seat) && self.seats[seat].task == task ? seat : nil
    }

    subscript(seat: Int) -> Run {
        _read { yield self.seats[seat] }
        _modify { yield &self.seats[seat] }
    }

    /// Gives the run a seat and writes it into its task.
    mutating func insert(_ run: Run) -> TaskAttempt {
        var run = run
        if let seat = self.vacant.popLast() {
            run.task.seat = seat
            self.seats[Int(seat)] = run
        } else {
            run.task.seat = Int32(self.seats.count)
            self.seats.append(run)
        }
        return run.task
    }

    mutating func remove(_ seat: Int) -> Run {
        let run = self.seats[seat]
        self.seats[seat].task.id = Self.noTask
        self.vacant.append(Int32(seat))
        return run
    }

    /// Seats of the runs for which that holds, in the order in which they were launched.
    func seats(where holds: (Run) -> Bool) -> [Int] {
        self.seats.indices.filter { self.isTaken($0) && holds(self.seats[$0]) }
            .sorted { self.seats[$0].task.id < self.seats[$1].task.id }
    }
}
