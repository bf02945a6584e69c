package import ClusterModel
package import HadoopProtos
import HadoopRPC
import ModelConversion

/// What `application -list` asks for.
package struct ApplicationFilter: Sendable, Equatable {
    package var types: [String]
    package var states: [ApplicationState]
    package var tags: [String]

    /// `ALL` among the states means every state; no states mean those of live applications.
    /// - Throws: Hadoop's text, when a state is none.
    package init(types: [String], states: [String], tags: [String]) throws(CommandFailure) {
        self.types = Self.distinct(types.map { $0.uppercased() })
        self.tags = Self.distinct(tags)
        if states.contains(where: { $0.uppercased() == "ALL" }) {
            self.states = ApplicationState.allCases
        } else if states.isEmpty {
            self.states = [.submitted, .accepted, .running]
        } else {
            var wanted: [ApplicationState] = []
            for name in states {
                guard let state = ApplicationState(name: name) else {
                    throw CommandFailure(
                        "The application state \(name) is invalid.\n" + Self.validStates,
                        exitCode: CommandResult.refused
                    )
                }
                wanted.append(state)
            }
            self.states = ApplicationState.allCases.filter(wanted.contains)
        }
    }

    package static let validStates =
        "The valid application state can be one of the following: ALL,"
        + ApplicationState.allCases.map(\.name).joined(separator: ",")

    /// Hadoop's RM compares types as they are spelled and tags in lower case.
    package var request: GetApplicationsRequestProto {
        var request = GetApplicationsRequestProto()
        request.applicationTypes = self.types
        request.applicationStates = self.states.map(\.proto)
        request.applicationTags = self.tags.map { $0.lowercased() }
        return request
    }

    private static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}

extension ClusterClient {
    package func report(_ id: ApplicationID) async throws -> ApplicationReportProto {
        var request = GetApplicationReportRequestProto()
        request.applicationID = id.proto
        return try await self.call("getApplicationReport", request, returning: GetApplicationReportResponseProto.self)
            .applicationReport
    }

    /// Asks to kill until the ResourceManager says that the application is dead, as Hadoop's client does.
    package func kill(_ id: ApplicationID) async throws {
        var request = KillApplicationRequestProto()
        request.applicationID = id.proto
        let giveUp = self.patience.pollTimeout.map { ContinuousClock.now + $0 }
        while true {
            let response = try await self.call(
                "forceKillApplication",
                request,
                returning: KillApplicationResponseProto.self
            )
            if response.isKillCompleted { return }
            if let giveUp, ContinuousClock.now >= giveUp {
                throw CommandFailure("Timed out while waiting for application \(id) to be killed.")
            }
            try await Task.sleep(for: self.patience.pollInterval)
        }
    }
}
