import ClusterModel

/// An application as the scheduler sees it.
struct SchedulerApplication: Sendable {
    let id: ApplicationID
    let user: String
    /// Index of its queue.
    var queue: Int
    var turn: Turn
    var attempt: SchedulerAttempt?
    /// What counts as its use, over all attempts that still own containers.
    var containers: Set<ContainerID> = []
    var used = ResourceVector.zero
    var masterUsed = ResourceVector.zero

    /// True when there is something to place.
    var isHungry: Bool {
        guard let attempt else { return false }
        return attempt.isActive && !attempt.demand.isEmpty
    }
}

struct SchedulerAttempt: Sendable {
    let id: ApplicationAttemptID
    var demand = Demand()
    /// Host and rack names that take nothing new.
    var blacklist: Set<String> = []
    /// False until the limit for ApplicationMasters lets it in.
    var isActive = false
    /// What it counts against that limit.
    var masterCapability: ResourceVector
    /// Grants made since its last call, which it does not know of yet, with the demand that each met.
    var unseen: [ContainerID: Demand.Group] = [:]
    /// Containers granted so far.
    var sequence: Int64 = 0
}
