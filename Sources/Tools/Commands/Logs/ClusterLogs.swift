import ClusterModel
import HadoopProtos
import HadoopRPC
import ModelConversion

/// A container whose logs are on its node.
struct PlacedContainer: Sendable, Equatable {
    var id: ContainerID
    /// `host:port`, the node's name.
    var node: String
    /// `host:port` of its web port.
    var webAddress: String
}

/// What the ResourceManager knows of an application's containers.
struct ClusterLogs: Sendable {
    let session: ClientSession
    let application: ApplicationID

    /// The attempts' first containers, in the order of the attempts.
    func masters() async throws -> [String] {
        try await self.attempts().filter(\.hasAmContainerID)
            .map { try ContainerID(validating: $0.amContainerID).description }
            .sorted()
    }

    private func attempts() async throws -> [ApplicationAttemptReportProto] {
        var request = GetApplicationAttemptsRequestProto()
        request.applicationID = self.application.proto
        let asked = request
        return try await self.session.withClient {
            try await $0.call("getApplicationAttempts", asked, returning: GetApplicationAttemptsResponseProto.self)
        }.applicationAttempts
    }

    /// The containers of all attempts, in the order of their ids.
    func containers() async throws -> [PlacedContainer] {
        var found: [ContainerID: PlacedContainer] = [:]
        for attempt in try await self.attempts() {
            var request = GetContainersRequestProto()
            request.applicationAttemptID = attempt.applicationAttemptID
            let asked = request
            let reports = try await self.session.withClient {
                try await $0.call("getContainers", asked, returning: GetContainersResponseProto.self)
            }.containers
            for report in reports where report.hasNodeHTTPAddress && report.hasNodeID {
                let id = try ContainerID(validating: report.containerID)
                found[id] = PlacedContainer(
                    id: id,
                    node: "\(report.nodeID.host):\(report.nodeID.port)",
                    webAddress: report.nodeHTTPAddress
                )
            }
        }
        return found.values.sorted { $0.id < $1.id }
    }

    /// Nodes that answer, by which a container can be looked for that the ResourceManager has forgotten.
    func nodes() async throws -> [(node: String, webAddress: String)] {
        try await self.session.withClient { try await $0.nodes([.running, .decommissioning, .unhealthy]) }
            .map { ("\($0.nodeID.host):\($0.nodeID.port)", $0.httpAddress) }
    }

    /// Whether the application is over; true also when nobody knows it any more.
    func isOver() async throws -> Bool {
        do {
            let report = try await self.session.withClient { try await $0.report(self.application) }
            return Self.isFinal(report)
        } catch let failure as RPCFailure where failure.exceptionName == "ApplicationNotFoundException" {
            return true
        }
    }

    static func isFinal(_ report: ApplicationReportProto) -> Bool {
        switch report.yarnApplicationState {
        case .finished, .failed, .killed: true
        default: false
        }
    }
}
