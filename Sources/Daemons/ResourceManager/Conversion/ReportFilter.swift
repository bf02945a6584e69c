import ClusterModel
import HadoopProtos
import ModelConversion
import ResourceManagerCore

/// The filters of getApplications. An empty list excludes nothing; ranges include both ends.
struct ReportFilter {
    private let types: Set<String>
    private let states: Set<ApplicationState>
    private let users: Set<String>
    private let queues: Set<String>
    private let tags: Set<String>
    private let name: String?
    private let started: ClosedRange<Int64>?
    private let finished: ClosedRange<Int64>?
    private let limit: Int

    init(_ request: GetApplicationsRequestProto) {
        self.types = Set(request.applicationTypes.map { $0.lowercased() })
        self.states = Set(request.applicationStates.map { ApplicationState($0) })
        self.users = Set(request.users)
        self.queues = Set(request.queues)
        self.tags = Set(request.applicationTags.map { $0.lowercased() })
        self.name = request.hasName ? request.name : nil
        self.started = Self.range(
            request.hasStartBegin ? request.startBegin : nil,
            request.hasStartEnd ? request.startEnd : nil
        )
        self.finished = Self.range(
            request.hasFinishBegin ? request.finishBegin : nil,
            request.hasFinishEnd ? request.finishEnd : nil
        )
        self.limit = request.hasLimit ? Int(clamping: max(0, request.limit)) : .max
    }

    private static func range(_ begin: Int64?, _ end: Int64?) -> ClosedRange<Int64>? {
        guard begin != nil || end != nil else { return nil }
        let low = begin ?? .min
        return low...max(low, end ?? .max)
    }

    func includes(_ view: ApplicationView) -> Bool {
        (self.types.isEmpty || self.types.contains(view.applicationType.lowercased()))
            && (self.states.isEmpty || self.states.contains(view.state))
            && (self.users.isEmpty || self.users.contains(view.user))
            && (self.queues.isEmpty || self.queues.contains(view.queue) || self.queues.contains(view.queuePath))
            && (self.tags.isEmpty || view.tags.contains { self.tags.contains($0) })
            && (self.name.map { $0 == view.name } ?? true)
            && (self.started.map { $0.contains(view.startedAt.milliseconds) } ?? true)
            && (self.finished.map { $0.contains(view.finishedAt.milliseconds) } ?? true)
    }

    /// The newest first, as many as were asked for.
    func limited(_ views: [ApplicationView]) -> [ApplicationView] {
        views.suffix(self.limit).reversed()
    }
}
