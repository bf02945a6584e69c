internal import ClusterModel
internal import EngineCore
internal import HadoopHTTP

/// What an application does at a moment, for its pages.
struct LiveStatus: Sendable {
    var application: EventLog.Application
    /// In milliseconds since 1970.
    var startedAt: Int64
    var now: Int64
    /// What is added to the scheduler's times.
    var offset: Int64
    /// Jobs, stages and executors that there are and that were lately, by number.
    var jobs: [JobView]
    var stages: [StageView]
    var executors: [ExecutorView]

    /// A time of the scheduler's, in milliseconds since 1970.
    func calendar(_ time: Timestamp) -> Int64 { time.milliseconds + self.offset }

    /// Stages that have run for so many milliseconds.
    func stages(runningFor milliseconds: Int64) -> [StageView] {
        self.stages.filter { stage in
            guard stage.status == .active, let start = stage.report.submittedAt else { return false }
            return self.now - self.calendar(start) >= milliseconds
        }
    }

    func stages(of job: JobView) -> [StageView] {
        self.stages.filter { job.stages.contains($0.report.stage) }
    }
}

extension JobView {
    /// In Spark's words.
    var statusName: String {
        switch self.result {
        case nil: "RUNNING"
        case .succeeded: "SUCCEEDED"
        case .failed: "FAILED"
        }
    }
}

extension StageView {
    /// In Spark's words.
    var statusName: String {
        switch self.status {
        case .pending: "PENDING"
        case .active: "ACTIVE"
        case .complete: "COMPLETE"
        case .failed: "FAILED"
        case .skipped: "SKIPPED"
        }
    }

    var failureText: String? {
        switch self.report.outcome {
        case .failed(let failure): failure.text
        case .fetchFailed(let failure): failure.message
        case .succeeded, nil: nil
        }
    }
}

/// Times as Spark's REST writes them.
enum SparkTime {
    static func text(_ milliseconds: Int64) -> String {
        let time = CalendarTime(milliseconds: milliseconds)
        func digits(_ number: some BinaryInteger, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let date = "\(digits(time.year, 4))-\(digits(time.month, 2))-\(digits(time.day, 2))"
        let hours = "\(digits(time.hour, 2)):\(digits(time.minute, 2)):\(digits(time.second, 2))"
        return "\(date)T\(hours).\(digits(time.millisecond, 3))GMT"
    }

    /// What stands for the end of something that runs.
    static let never: Int64 = -1
}
