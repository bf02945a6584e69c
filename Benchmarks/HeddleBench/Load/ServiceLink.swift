import HadoopProtos
import HadoopRPC
import SwiftProtobuf

/// A service to call, on a connection of its own.
struct ServiceLink: Sendable {
    let client: RPCClient
    let target: RPCTarget

    init(_ client: RPCClient, port: Int, protocolName: String, identity: RPCTarget.Identity) {
        self.client = client
        self.target = RPCTarget(host: "127.0.0.1", port: port, protocolName: protocolName, identity: identity)
    }

    func call<Response: SwiftProtobuf.Message>(
        _ method: String,
        _ request: some SwiftProtobuf.Message,
        returning: Response.Type = Response.self
    ) async throws -> Response {
        try await self.client.call(method, request, returning: Response.self, on: self.target)
    }
}

enum ServiceName {
    static let applicationClient = "org.apache.hadoop.yarn.api.ApplicationClientProtocolPB"
    static let applicationMaster = "org.apache.hadoop.yarn.api.ApplicationMasterProtocolPB"
    static let resourceTracker = "org.apache.hadoop.yarn.server.api.ResourceTrackerPB"
    static let containerManagement = "org.apache.hadoop.yarn.api.ContainerManagementProtocolPB"
}
