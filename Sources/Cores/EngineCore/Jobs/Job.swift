import ClusterModel

/// A job that has not ended.
struct Job: Sendable {
    let id: JobID
    let name: String
    let group: String?
    let pool: String
    /// Slots of its stages, in the plan's order; the last one is that of the results.
    let stages: [Int]
    let submittedAt: Timestamp
}
