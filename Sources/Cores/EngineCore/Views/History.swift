import DequeModule

/// What has ended, as much of it as the settings keep.
struct History: Sendable {
    private(set) var jobs = Deque<JobView>()
    private(set) var stages = Deque<StageView>()
    private(set) var executors = Deque<ExecutorView>()
    private let settings: EngineSettings

    init(settings: EngineSettings) { self.settings = settings }

    mutating func add(_ job: JobView) { Self.add(job, to: &self.jobs, atMost: self.settings.retainedJobs) }

    mutating func add(_ stage: StageView) { Self.add(stage, to: &self.stages, atMost: self.settings.retainedStages) }

    mutating func add(_ executor: ExecutorView) {
        Self.add(executor, to: &self.executors, atMost: self.settings.retainedLostExecutors)
    }

    private static func add<Element>(_ element: Element, to list: inout Deque<Element>, atMost limit: Int) {
        list.append(element)
        while list.count > limit { list.removeFirst() }
    }
}
