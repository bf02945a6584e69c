internal import ApplicationMaster
internal import ClusterModel
internal import EngineCore
internal import Glibc

/// The line that a stage leaves where standard error is no terminal (`spark.ui.showConsoleProgress`):
/// `Stage 3 (sum at Program.swift:57): 200 tasks in 5.1 s`.
enum StageLine {
    /// In milliseconds. Of shorter stages nothing is said: a loop of many small jobs must not fill a log.
    private static let least: Int64 = 1_000

    /// - Returns: nil where nothing is to be printed.
    /// - Throws: where the property cannot be used.
    static func printer(
        _ properties: EngineProperties
    ) throws(EngineProperties.Unusable) -> (@Sendable (StageReport) -> Void)? {
        let isTerminal = isatty(STDERR_FILENO) == 1
        guard try properties.flag(.consoleProgress, default: true), !isTerminal else { return nil }
        return { report in if let line = Self.text(report) { StandardError.write(line) } }
    }

    /// - Returns: nil for a stage that was over soon.
    static func text(_ report: StageReport) -> String? {
        guard let start = report.submittedAt, let end = report.completedAt,
            case let time = end.milliseconds - start.milliseconds, time >= Self.least
        else { return nil }
        let head = "Stage \(report.stage.number) (\(report.name))"
        let seconds = "\(time / 1000).\(time % 1000 / 100) s"
        switch report.outcome {
        case .succeeded, nil:
            return "\(head): \(report.taskCount) \(report.taskCount == 1 ? "task" : "tasks") in \(seconds)"
        case .fetchFailed: return "\(head) lost its input after \(seconds)"
        case .failed: return "\(head) failed after \(seconds)"
        }
    }
}
