package import ClusterModel
package import HadoopHTTP
package import ResourceManagerCore

/// Which applications `/ws/v1/cluster/apps` lists, from its query.
package struct ApplicationQuery: Sendable {
    private var states: Set<ApplicationState>
    private var finalStatus: FinalApplicationStatus?
    private var user: String?
    private var queue: String?
    private var name: String?
    private var types: Set<String>
    private var tags: Set<String>
    private var started: ClosedRange<Int64>
    private var finished: ClosedRange<Int64>
    private var limit: Int

    /// - Throws: `RESTFailure` 400 that names the parameter, with Hadoop's texts.
    package init(_ query: WebQuery) throws(RESTFailure) {
        self.states = try Self.states(query.list("states") + query.list("state"))
        self.finalStatus = try Self.finalStatus(query.first("finalStatus"))
        self.user = query.first("user")
        self.queue = query.first("queue")
        self.name = query.first("name")
        self.types = Set(query.list("applicationTypes").map { $0.lowercased() })
        self.tags = Set(query.list("applicationTags").map { $0.lowercased() })
        self.started = try Self.range(query, "startedTimeBegin", "startedTimeEnd", text: "startTime")
        self.finished = try Self.range(query, "finishedTimeBegin", "finishedTimeEnd", text: "finishTime")
        self.limit = .max
        if let text = query.first("limit") {
            guard let limit = Int(text) else { throw .badRequest("limit value must be a number!") }
            guard limit > 0 else { throw .badRequest("limit value must be greater then 0") }
            self.limit = limit
        }
    }

    /// The newest that fit, at most `limit`, oldest first.
    package func select(
        from snapshot: ClusterSnapshot,
        where isShown: (ApplicationView) -> Bool = { _ in true }
    ) -> [ApplicationView] {
        Array(snapshot.applications { self.includes($0) && isShown($0) }.suffix(self.limit))
    }

    package func includes(_ application: ApplicationView) -> Bool {
        (self.states.isEmpty || self.states.contains(application.state))
            && (self.finalStatus.map { $0 == application.finalStatus } ?? true)
            && (self.user.map { $0 == application.user } ?? true)
            && (self.queue.map { $0 == application.queue || $0 == application.queuePath } ?? true)
            && (self.name.map { $0 == application.name } ?? true)
            && (self.types.isEmpty || self.types.contains(application.applicationType.lowercased()))
            && (self.tags.isEmpty || application.tags.contains { self.tags.contains($0) })
            && self.started.contains(application.startedAt.milliseconds)
            && self.finished.contains(application.finishedAt.milliseconds)
    }

    /// - Throws: `RESTFailure` 400 that lists the states there are.
    package static func states(_ names: [String]) throws(RESTFailure) -> Set<ApplicationState> {
        var states: Set<ApplicationState> = []
        for name in names {
            guard let state = ApplicationState(name: name) else {
                let known = ApplicationState.allCases.map(\.name).joined(separator: ", ")
                throw .badRequest("Invalid application-state \(name) specified. It should be one of [\(known)]")
            }
            states.insert(state)
        }
        return states
    }

    private static func finalStatus(_ name: String?) throws(RESTFailure) -> FinalApplicationStatus? {
        guard let name else { return nil }
        guard let status = FinalApplicationStatus(name: name) else {
            let known = FinalApplicationStatus.allCases.map(\.name).joined(separator: ", ")
            throw .badRequest("Invalid final-status \(name) specified. It should be one of [\(known)]")
        }
        return status
    }

    private static func range(
        _ query: WebQuery,
        _ begin: String,
        _ end: String,
        text: String
    ) throws(RESTFailure) -> ClosedRange<Int64> {
        let first = try Self.time(query, begin) ?? 0
        let last = try Self.time(query, end) ?? .max
        guard first <= last else { throw .badRequest("\(text)End must be greater than \(text)Begin") }
        return first...last
    }

    private static func time(_ query: WebQuery, _ name: String) throws(RESTFailure) -> Int64? {
        guard let text = query.first(name) else { return nil }
        guard let time = Int64(text) else {
            throw RESTFailure(
                status: 400,
                javaClassName: "java.lang.NumberFormatException",
                message: "For input string: \"\(text)\""
            )
        }
        guard time >= 0 else { throw .badRequest("\(name) must be greater than 0") }
        return time
    }
}
