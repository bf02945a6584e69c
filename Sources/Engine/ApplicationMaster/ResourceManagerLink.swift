package import ClusterModel
internal import EngineLink
package import HadoopProtos
internal import HadoopRPC
package import Logging
internal import ModelConversion

/// The client port of a ResourceManager, as a program that submits itself uses it.
package struct ResourceManagerLink: Sendable {
    package static let protocolName = "org.apache.hadoop.yarn.api.ApplicationClientProtocolPB"

    private let rpc: RPCClient
    private let target: RPCTarget

    package init(host: String, port: Int, user: String, logger: Logger) {
        self.rpc = RPCClient(group: EngineThreads.loops, logger: logger)
        self.target = RPCTarget(host: host, port: port, protocolName: Self.protocolName, identity: .simple(user: user))
    }

    /// A new application's id and what one container may have at most.
    package func newApplication() async throws -> (id: ApplicationID, maximum: ResourceVector) {
        let answer = try await self.rpc.call(
            "getNewApplication",
            GetNewApplicationRequestProto(),
            returning: GetNewApplicationResponseProto.self,
            on: self.target
        )
        let maximum = try ResourceVector(validating: answer.maximumCapability)
        return (try ApplicationID(validating: answer.applicationID), maximum)
    }

    package func submit(_ context: ApplicationSubmissionContextProto) async throws {
        var request = SubmitApplicationRequestProto()
        request.applicationSubmissionContext = context
        _ = try await self.rpc.call(
            "submitApplication",
            request,
            returning: SubmitApplicationResponseProto.self,
            on: self.target
        )
    }

    package func report(_ id: ApplicationID) async throws -> ApplicationReportProto {
        var request = GetApplicationReportRequestProto()
        request.applicationID = id.proto
        return try await self.rpc.call(
            "getApplicationReport",
            request,
            returning: GetApplicationReportResponseProto.self,
            on: self.target
        ).applicationReport
    }

    package func close() async { try? await self.rpc.shutdown() }
}
