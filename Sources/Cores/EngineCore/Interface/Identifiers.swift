/// A job of one application: what one action asked for.
package struct JobID: Hashable, Comparable, Sendable {
    package var number: Int

    package init(_ number: Int) { self.number = number }

    package static func < (left: JobID, right: JobID) -> Bool { left.number < right.number }
}

/// A stage of one application; a shuffle's stage may serve several jobs.
package struct StageID: Hashable, Comparable, Sendable {
    package var number: Int

    package init(_ number: Int) { self.number = number }

    package static func < (left: StageID, right: StageID) -> Bool { left.number < right.number }
}

/// What Spark calls TID: counts every attempt of every task of the application.
package struct TaskID: Hashable, Comparable, Sendable {
    package var number: Int64

    package init(_ number: Int64) { self.number = number }

    package static func < (left: TaskID, right: TaskID) -> Bool { left.number < right.number }
}

/// An executor of the application. Never used twice.
package struct ExecutorID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var number: Int

    package init(_ number: Int) { self.number = number }

    /// The driver's own process, where tasks run in local mode.
    package static let driver = ExecutorID(0)

    /// As Spark writes it.
    package var description: String { self == .driver ? "driver" : String(self.number) }

    package static func < (left: ExecutorID, right: ExecutorID) -> Bool { left.number < right.number }
}

/// One shuffle, by what is shuffled: the same number in a later plan means the same data.
package struct ShuffleID: Hashable, Comparable, Sendable {
    package var number: Int

    package init(_ number: Int) { self.number = number }

    package static func < (left: ShuffleID, right: ShuffleID) -> Bool { left.number < right.number }
}

/// A dataset whose partitions may be cached.
package struct DatasetID: Hashable, Comparable, Sendable {
    package var number: Int

    package init(_ number: Int) { self.number = number }

    package static func < (left: DatasetID, right: DatasetID) -> Bool { left.number < right.number }
}

/// One run of one task. Every report about it names it whole.
package struct TaskAttempt: Hashable, Sendable {
    package var id: TaskID
    package var stage: StageID
    package var stageAttempt: Int32
    /// Of the dataset, which for results of chosen partitions is not the place within the stage.
    package var partition: Int32
    /// Counts the runs of this partition within this attempt of the stage, from 0.
    package var attempt: Int32
    /// Where the scheduler finds the run; kept by whoever carries the rest.
    package var seat: Int32

    package init(
        id: TaskID,
        stage: StageID,
        stageAttempt: Int32,
        partition: Int32,
        attempt: Int32,
        seat: Int32
    ) {
        self.id = id
        self.stage = stage
        self.stageAttempt = stageAttempt
        self.partition = partition
        self.attempt = attempt
        self.seat = seat
    }
}
