import ClusterModel

/// What failed where within one attempt of a stage, and what that excludes there.
struct TaskSetExclusions: Sendable {
    /// Failures by executor and place in the stage.
    private(set) var failures: [ExecutorID: Failures] = [:]
    private(set) var executors: Set<ExecutorID> = []
    private(set) var hosts: Set<Int> = []
    private var taskHosts: [Int: Set<Int>] = [:]
    private var taskExecutors: [ExecutorID: Set<Int>] = [:]
    private(set) var last: TaskFailure?

    struct Failures: Sendable {
        let host: Int
        var ofTask: [Int: Int] = [:]
    }

    enum Finding: Sendable {
        case executor(ExecutorID, failures: Int)
        case host(Int, failures: Int)
    }

    func excludes(_ executor: ExecutorID, host: Int) -> Bool {
        self.hosts.contains(host) || self.executors.contains(executor)
    }

    func excludes(_ executor: ExecutorID, host: Int, forTask index: Int) -> Bool {
        self.taskExecutors[executor]?.contains(index) == true || self.taskHosts[host]?.contains(index) == true
    }

    /// Takes in one failure; gives what is newly excluded for the whole attempt.
    mutating func add(
        _ failure: TaskFailure,
        of index: Int,
        on executor: ExecutorID,
        host: Int,
        _ settings: ExclusionSettings
    ) -> [Finding] {
        self.last = failure
        self.failures[executor, default: Failures(host: host)].ofTask[index, default: 0] += 1
        let onHost = self.failures.values.filter { $0.host == host }
        let tries = self.failures[executor]?.ofTask[index] ?? 0
        if tries >= settings.taskAttemptsPerExecutor { self.taskExecutors[executor, default: []].insert(index) }
        if onHost.reduce(0, { $0 + ($1.ofTask[index] ?? 0) }) >= settings.taskAttemptsPerHost {
            self.taskHosts[host, default: []].insert(index)
        }
        let tasks = self.failures[executor]?.ofTask.count ?? 0
        guard tasks >= settings.stageFailedTasksPerExecutor, self.executors.insert(executor).inserted else { return [] }
        var findings = [Finding.executor(executor, failures: tasks)]
        let excluded = self.executors.count { self.failures[$0]?.host == host }
        if excluded >= settings.stageFailedExecutorsPerHost, self.hosts.insert(host).inserted {
            findings.append(.host(host, failures: excluded))
        }
        return findings
    }
}

/// What is excluded for the whole application, and the failures that lead to it.
struct ExclusionTable: Sendable {
    private var failures: [ExecutorID: [Failure]] = [:]
    private(set) var executors: [ExecutorID: Excluded] = [:]
    private(set) var hosts: [Int: Timestamp] = [:]

    struct Failure: Sendable {
        let stage: StageID
        let index: Int
        let until: Timestamp
    }

    struct Excluded: Sendable {
        let host: Int
        let until: Timestamp
    }

    var count: Int { self.failures.count + self.executors.count + self.hosts.count }

    /// The next moment at which something is let in or forgotten.
    var nextExpiry: Timestamp? {
        let failures = self.failures.values.lazy.flatMap { $0 }.map(\.until)
        return (Array(failures) + self.executors.values.map(\.until) + Array(self.hosts.values)).min()
    }

    func isExcluded(host: Int) -> Bool { self.hosts[host] != nil }

    func isExcluded(_ executor: ExecutorID) -> Bool { self.executors[executor] != nil }

    /// Takes in failures of an attempt that succeeded in the end; gives how many distinct tasks failed there lately.
    mutating func add(_ tasks: [Int], of stage: StageID, on executor: ExecutorID, until: Timestamp) -> Int {
        self.failures[executor, default: []] += tasks.map { Failure(stage: stage, index: $0, until: until) }
        return Set((self.failures[executor] ?? []).map { [$0.stage.number, $0.index] }).count
    }

    /// Excludes the executor; gives how many of its host are.
    mutating func exclude(_ executor: ExecutorID, host: Int, until: Timestamp) -> Int {
        self.failures[executor] = nil
        self.executors[executor] = Excluded(host: host, until: until)
        return self.executors.values.count { $0.host == host }
    }

    mutating func exclude(host: Int, until: Timestamp) { self.hosts[host] = until }

    /// The failures of an executor that is gone; that it was excluded still tells something of its host.
    mutating func forget(_ executor: ExecutorID) { self.failures[executor] = nil }

    /// Lets in what has been out long enough.
    mutating func expire(at now: Timestamp) -> (executors: [ExecutorID], hosts: [Int]) {
        for (executor, failures) in self.failures {
            let kept = failures.filter { $0.until > now }
            self.failures[executor] = kept.isEmpty ? nil : kept
        }
        let executors = self.executors.filter { $0.value.until <= now }.map(\.key).sorted()
        for executor in executors { self.executors[executor] = nil }
        let hosts = self.hosts.filter { $0.value <= now }.map(\.key).sorted()
        for host in hosts { self.hosts[host] = nil }
        return (executors, hosts)
    }
}

/// A stage with a task that no executor may run.
struct Unschedulable: Sendable {
    let stage: StageID
    let until: Timestamp
    /// An executor has been asked to make room for another.
    var hasMadeRoom: Bool
}
