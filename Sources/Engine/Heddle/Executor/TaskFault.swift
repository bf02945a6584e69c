/// Why a task did not end well.
enum TaskFault: Error, Hashable, Codable, Sendable {
    /// Code of the program threw; where in its source the operator stands, and what was thrown.
    case thrown(String, operation: String, site: SourceSite)
    /// What a map task wrote is no longer there; `executor`: who was asked for it, nil where nobody is known to have it.
    case fetchFailed(shuffle: Digest, mapTask: Int, executor: Int?, reason: String)
    /// The executor was not handed a value that a closure needs.
    case missingValue(Digest)
    /// What the task needs could not be fetched from the driver or another executor.
    case unfetched(String)
    /// The plan names code or types that this program does not have.
    case foreignPlan(String)
    /// What was sent is not what this program writes.
    case corruptData(String)
    /// There is no room on disk for what does not fit in memory, or it cannot be written or read there.
    case noRoom(String)
    /// It was done, and the driver could not fetch what it gave.
    case resultLost(String)
    /// The driver wants the task's result no longer.
    case cancelled
}

extension TaskFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .thrown(let text, let operation, let site): "\(site): \(operation): \(text)"
        case .fetchFailed(let shuffle, let mapTask, _, let reason):
            "output \(mapTask) of shuffle \(shuffle.description.prefix(8)) cannot be fetched: \(reason)"
        case .missingValue(let digest): "the executor has no value \(digest.description.prefix(8))"
        case .unfetched(let reason): "what the task needs could not be fetched: \(reason)"
        case .foreignPlan(let reason): "the executor runs another program than the driver: \(reason)"
        case .corruptData(let reason): "corrupt data: \(reason)"
        case .noRoom(let reason): "what does not fit in memory has no place on disk: \(reason)"
        case .resultLost(let reason): "its result was lost before the driver had it: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}
