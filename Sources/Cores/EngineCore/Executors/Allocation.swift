import ClusterModel

/// How many executors the application wants.
struct Allocation: Sendable {
    let settings: AllocationSettings
    var target: Int
    /// Nothing has been asked of the application yet, so that the first executors are kept.
    var isInitialising = true
    /// When the backlog is old enough for more executors.
    var addAt: Timestamp?
    /// How many the next addition asks for; doubles each time.
    var toAdd = 1
    /// When a smaller need becomes a smaller target.
    var shrinkAt: Timestamp?

    init(settings: AllocationSettings) {
        self.settings = settings
        let first = max(settings.initialExecutors, settings.minimumExecutors, settings.fixedExecutors ?? 0)
        self.target = min(first, settings.maximumExecutors)
    }

    var isDynamic: Bool { self.settings.isDynamic }

    /// As many executors as could run all of these tasks at once.
    func needed(tasks: Int, coresPerTask: Int) -> Int {
        let perExecutor = max(self.settings.coresPerExecutor / max(coresPerTask, 1), 1)
        let (product, overflow) = tasks.multipliedReportingOverflow(by: Int(self.settings.ratioPerMille))
        guard !overflow else { return .max }
        let divisor = perExecutor * 1000
        return product / divisor + (product % divisor == 0 ? 0 : 1)
    }
}
