import ClusterModel

/// A leaf queue: what its applications hold and want, and whose turn it is.
struct LeafQueue: Sendable {
    var settings: QueueSettings
    var used = ResourceVector.zero
    var pending = ResourceVector.zero
    /// Held, or kept for, ApplicationMasters of active attempts.
    var masterUsed = ResourceVector.zero
    var containers: Int64 = 0
    var pendingContainers: Int64 = 0
    var activeApplications: Int32 = 0
    var pendingApplications: Int32 = 0
    /// Sorted by name.
    private(set) var users: [User] = []
    /// Attempts over the limit for ApplicationMasters, in the order in which they are let in.
    var waiting: [Turn] = []

    struct User: Sendable {
        var name: String
        var used = ResourceVector.zero
        var masterUsed = ResourceVector.zero
        var activeApplications: Int32 = 0
        var pendingApplications: Int32 = 0
    }

    init(_ settings: QueueSettings) {
        self.settings = settings
    }

    /// How many applications were admitted and have not ended.
    var applications: Int { Int(self.activeApplications) + Int(self.pendingApplications) }

    mutating func changeUser(_ name: String, _ body: (inout User) -> Void) {
        let index = self.users.partitioningIndex { $0.name >= name }
        if index == self.users.count || self.users[index].name != name {
            self.users.insert(User(name: name), at: index)
        }
        body(&self.users[index])
        let user = self.users[index]
        if user.activeApplications == 0, user.pendingApplications == 0, user.used.isZero {
            self.users.remove(at: index)
        }
    }

    /// What ApplicationMasters may hold: the queue's share of the cluster, rounded up to whole minimum allocations.
    func masterLimit(ofCluster total: ResourceVector, settings: SchedulerSettings) -> ResourceVector {
        let share = self.settings.maximumMasterResourcePartsPerMillion ?? settings.maximumMasterResourcePartsPerMillion
        return total.scaled(partsPerMillion: self.settings.maximumCapacityPartsPerMillion)
            .scaled(partsPerMillion: share)
            .roundedUp(toMultipleOf: settings.minimumAllocation)
    }
}

/// An application's place in the order of service: higher priority first, then the order of submission.
struct Turn: Comparable, Hashable, Sendable {
    var priority: Int32
    var submission: Int64
    var application: ApplicationID

    static func < (left: Turn, right: Turn) -> Bool {
        if left.priority != right.priority { return left.priority > right.priority }
        return left.submission < right.submission
    }
}

extension [Turn] {
    /// Enters a turn in its place; entering it twice changes nothing.
    mutating func enter(_ turn: Turn) {
        let index = self.partitioningIndex { $0 >= turn }
        if index < self.count, self[index] == turn { return }
        self.insert(turn, at: index)
    }

    mutating func leave(_ turn: Turn) {
        let index = self.partitioningIndex { $0 >= turn }
        if index < self.count, self[index] == turn { self.remove(at: index) }
    }
}
