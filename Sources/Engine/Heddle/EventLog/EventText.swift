internal import ClusterModel
internal import EngineCore

/// Why a task ended, in Spark's words.
struct TaskEndReason {
    var text: JSONText
    var isFailure = true
    var isKill = false

    init(_ outcome: TaskOutcome) {
        guard case .failure(let failure) = outcome else {
            self.text = .object([("Reason", .string("Success"))])
            self.isFailure = false
            return
        }
        switch failure {
        case .killed(let reason):
            self.isFailure = false
            self.isKill = true
            self.text = .object([
                ("Reason", .string("TaskKilled")), ("Kill Reason", .string(Self.text(reason))),
                ("Accumulator Updates", .array([])),
            ])
        case .fetchFailed(let fetch):
            self.text = .object([
                ("Reason", .string("FetchFailed")), ("Block Manager Address", .null),
                ("Shuffle ID", .integer(Int64(fetch.shuffle.number))), ("Map ID", .integer(Int64(fetch.map ?? -1))),
                ("Map Index", .integer(Int64(fetch.map ?? -1))), ("Reduce ID", .integer(Int64(fetch.reduce))),
                ("Message", .string(fetch.message)),
            ])
        case .executorLost(let executor, let message, let charged):
            self.text = .object([
                ("Reason", .string("ExecutorLostFailure")), ("Executor ID", .string("\(executor)")),
                ("Exit Caused By App", .bool(charged)), ("Loss Reason", .string(message)),
            ])
        case .resultLost: self.text = .object([("Reason", .string("TaskResultLost"))])
        default:
            self.text = .object([
                ("Reason", .string("ExceptionFailure")), ("Class Name", .string(Self.name(of: failure))),
                ("Description", .string(failure.text)), ("Stack Trace", .array([])),
                ("Full Stack Trace", .string(failure.text)), ("Accumulator Updates", .array([])),
            ])
        }
    }

    private static func text(_ reason: KillReason) -> String {
        switch reason {
        case .anotherAttemptSucceeded: "another attempt succeeded"
        case .stageCancelled(let reason): "Stage cancelled: \(reason)"
        case .unknownAttempt: "nobody waits for it"
        case .asked(let reason): reason
        }
    }

    private static func name(of failure: TaskFailure) -> String {
        switch failure {
        case .exception(let exception): exception.type
        case .trapped: "trap"
        case .resultTooLarge: "resultTooLarge"
        case .commitDenied: "commitDenied"
        default: "refused"
        }
    }
}

extension Locality {
    /// As Spark writes it.
    var sparkName: String {
        switch self {
        case .processLocal: "PROCESS_LOCAL"
        case .nodeLocal: "NODE_LOCAL"
        case .noPreference: "NO_PREF"
        case .rackLocal: "RACK_LOCAL"
        case .any: "ANY"
        }
    }
}

extension TaskMetrics {
    /// Spark's object of a task's metrics: what is not measured here is 0.
    var sparkText: JSONText {
        func zeros(_ names: [String]) -> [(String, JSONText)] { names.map { ($0, .integer(0)) } }
        let push = zeros([
            "Corrupt Merged Block Chunks", "Merged Fetch Fallback Count", "Merged Remote Blocks Fetched",
            "Merged Local Blocks Fetched", "Merged Remote Chunks Fetched", "Merged Local Chunks Fetched",
            "Merged Remote Bytes Read", "Merged Local Bytes Read", "Merged Remote Requests Duration",
        ])
        let read: [(String, JSONText)] =
            [
                ("Remote Blocks Fetched", .integer(self.remoteBlocksRead)),
                ("Local Blocks Fetched", .integer(self.localBlocksRead)),
                ("Remote Bytes Read", .integer(self.remoteBytesRead)),
                ("Local Bytes Read", .integer(self.localBytesRead)),
                ("Push Based Shuffle", .object(push)),
            ]
            + zeros(["Fetch Wait Time", "Remote Bytes Read To Disk", "Total Records Read", "Remote Requests Duration"])
        let write =
            [("Shuffle Bytes Written", JSONText.integer(self.bytesWritten))]
            + zeros(["Shuffle Write Time", "Shuffle Records Written"])
        return .object(
            [
                ("Executor Run Time", .integer(self.runMilliseconds)),
                ("Executor CPU Time", .integer(self.cpuNanoseconds)),
                ("Result Size", .integer(self.resultBytes)),
            ]
                + zeros([
                    "Executor Deserialize Time", "Executor Deserialize CPU Time", "Peak Execution Memory",
                    "JVM GC Time",
                    "Result Serialization Time",
                ]) + [
                    ("Memory Bytes Spilled", .integer(self.memorySpilled)),
                    ("Disk Bytes Spilled", .integer(self.diskSpilled)),
                    ("Shuffle Read Metrics", .object(read)), ("Shuffle Write Metrics", .object(write)),
                    ("Input Metrics", .object(zeros(["Bytes Read", "Records Read"]))),
                    ("Output Metrics", .object(zeros(["Bytes Written", "Records Written"]))),
                    ("Updated Blocks", .array([])),
                ]
        )
    }
}
