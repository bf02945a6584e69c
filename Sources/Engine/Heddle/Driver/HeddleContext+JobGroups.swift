internal import EngineCore
internal import Synchronization

/// What jobs are called, and to which group and pool they belong, as far as the program says.
struct JobLabel: Sendable {
    var group: String?
    var description: String?
    var pool: String?

    @TaskLocal static var current = JobLabel()

    /// Runs code whose jobs are called so.
    func hold<Result: Sendable>(_ body: () async throws -> Result) async rethrows -> Result {
        try await Self.$current.withValue(self) { try await body() }
    }
}

extension HeddleContext {
    /// Runs code whose jobs belong to a group, so that `cancelJobGroup` can end them together. Code that it starts in tasks of
    /// its own belongs to the group too.
    ///
    /// - Parameters:
    ///   - group: the name of the group.
    ///   - description: what pages and logs call the jobs, instead of their actions.
    ///   - body: what starts the jobs.
    public func withJobGroup<Result: Sendable>(
        _ group: String,
        description: String? = nil,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        var label = JobLabel.current
        label.group = group
        label.description = description ?? label.description
        return try await label.hold(body)
    }

    /// Runs code whose jobs are called so on pages and in logs.
    public func withJobDescription<Result: Sendable>(
        _ description: String,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        var label = JobLabel.current
        label.description = description
        return try await label.hold(body)
    }

    /// Runs code whose jobs share executors as that pool says (Spark's local property `spark.scheduler.pool`). Pools count with
    /// `spark.scheduler.mode=FAIR`; one that the file of `spark.scheduler.allocation.file` does not name has weight 1 and
    /// no minimum share. Jobs that are in no pool are in `default`.
    public func withSchedulerPool<Result: Sendable>(
        _ pool: String,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        var label = JobLabel.current
        label.pool = pool
        return try await label.hold(body)
    }

    /// Puts the jobs that begin from now on into a group, wherever in the program; those within `withJobGroup` excepted.
    public func setJobGroup(_ group: String, description: String? = nil) {
        self.settings.withLock { settings in
            settings.label.group = group
            settings.label.description = description
        }
    }

    /// Ends what `setJobGroup` began.
    public func clearJobGroup() {
        self.settings.withLock { settings in
            settings.label.group = nil
            settings.label.description = nil
        }
    }

    /// Puts the jobs that begin from now on into a pool, wherever in the program; those within `withSchedulerPool` excepted.
    /// - Parameter pool: nil for `default`.
    public func setSchedulerPool(_ pool: String?) { self.settings.withLock { $0.label.pool = pool } }

    /// Ends all jobs of a group that run; their actions throw.
    public func cancelJobGroup(_ group: String) {
        self.driver.tell(.jobGroupCancelled(group, reason: "its group \(group) was cancelled"))
    }

    /// Ends all jobs that run; their actions throw.
    public func cancelAllJobs() { self.driver.tell(.allJobsCancelled(reason: "all jobs were cancelled")) }

    /// What a job that begins now is called.
    var label: JobLabel {
        let (local, all) = (JobLabel.current, self.settings.withLock { $0.label })
        return JobLabel(
            group: local.group ?? all.group,
            description: local.description ?? all.description,
            pool: local.pool ?? all.pool
        )
    }
}

/// What a program may set on its context.
struct ContextSettings: Sendable {
    var label = JobLabel()
    var checkpointFolder: String?
    var checkpointCount = 0
}
