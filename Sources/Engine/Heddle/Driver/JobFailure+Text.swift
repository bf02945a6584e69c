internal import EngineCore

extension JobFailure {
    /// Why a job failed, for the user: what, where, how often, and what can be done.
    var text: String {
        switch self {
        case .taskFailed(let record):
            let times = record.failures == 1 ? "once" : "\(record.failures) times"
            return """
                task \(record.partition) of stage \(record.stage.number) (\(record.stageName)) failed \(times), most recently \
                on executor \(record.executor): \(record.last.text)
                """
        case .stageFailed(let stage, let attempts, let last):
            return "stage \(stage.number) lost its input in \(attempts) attempts, most recently: \(last.message)"
        case .resultsTooLarge(_, let tasks, let bytes, let limit):
            return """
                the results of \(tasks) tasks have \(bytes) bytes, more than spark.driver.maxResultSize (\(limit)) allows: \
                reduce or save them where they are, or set it higher
                """
        case .excludedEverywhere(let stage, let partition, let last):
            let reason = last.map { ", most recently: \($0.text)" } ?? ""
            return "task \(partition) of stage \(stage.number) failed on every executor it may run on\(reason)"
        case .cancelled(let reason): return "the job was cancelled: \(reason)"
        case .noExecutors(let reason): return "there is no executor to run the job, and none will come: \(reason)"
        case .driverStopped: return "the application was stopped while the job ran"
        case .invalidPlan(let reason): return "the job cannot be planned: \(reason)"
        }
    }
}

extension TaskFailure {
    var text: String {
        switch self {
        case .exception(let exception): exception.message
        case .fetchFailed(let failure): failure.message
        case .executorLost(let executor, let message, _): "executor \(executor) was lost: \(message)"
        case .trapped(let message), .refused(let message), .resultLost(let message): message
        case .killed: "it was killed"
        case .resultTooLarge(let bytes): "its result of \(bytes) bytes is more than the driver takes"
        case .commitDenied: "another attempt wrote its output"
        }
    }
}
