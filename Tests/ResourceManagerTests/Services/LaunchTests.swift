import ClusterModel
import Foundation
import HadoopProtos
import HadoopWire
import ModelConversion
import SwiftProtobuf
import Testing

@Suite struct LaunchTests {
    @Test func `the client's own credentials travel to the node beside the AMRMToken`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let node = try await TestNode.join(resourceManager)
        try await node.heartbeat()
        let own = HadoopToken(identifier: [1], password: [2], kind: "HDFS_DELEGATION_TOKEN", service: "ha-hdfs:x")
        var credentials = Credentials()
        credentials.set(own, alias: "ha-hdfs:x")
        // Spark writes a whole buffer: what stands after the credentials means nothing.
        let bytes = credentials.bytes + [UInt8](repeating: 0, count: 60)
        let id = try await resourceManager.submit { $0.amContainerSpec.tokens = Data(bytes) }
        let launch = try await node.launched(id)
        let sent = try Credentials(bytes: [UInt8](launch.context.tokens))
        #expect(sent.token(kind: "HDFS_DELEGATION_TOKEN") == own)
        #expect(sent.tokens.count == 2)
        #expect(try AMRMTokenIdentifier(bytes: launch.masterToken.identifier).attempt.application == id)
        try await node.close()
        try await resourceManager.stop()
    }

    @Test func `the application's wishes for log aggregation stand in its container tokens`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let node = try await TestNode.join(resourceManager)
        try await node.heartbeat()
        let id = try await resourceManager.submit { $0.logAggregationContext.includePattern = "std.*" }
        let launch = try await node.launched(id)
        #expect(launch.identifier.logAggregationContext.includePattern == "std.*")
        _ = try await resourceManager.register(launch.masterToken)
        let grants = try await resourceManager.allocate(launch.masterToken, responseID: 0, containers: 1)
        let token = HadoopToken(try #require(grants.allocatedContainers.first).containerToken)
        let identifier = try ContainerTokenIdentifierProto(serializedBytes: token.identifier)
        #expect(identifier.logAggregationContext.includePattern == "std.*")
        try await node.close()
        try await resourceManager.stop()
    }

    @Test func `credentials that cannot be read fail the application and say so`() async throws {
        let resourceManager = try await TestResourceManager.start(
            properties: [("yarn.resourcemanager.am.max-attempts", "1")]
        )
        let node = try await TestNode.join(resourceManager)
        try await node.heartbeat()
        let id = try await resourceManager.submit { $0.amContainerSpec.tokens = Data("no credentials".utf8) }
        let report = try await resourceManager.reached(.failed, id)
        #expect(report.diagnostics.contains("credentials of the launch context cannot be read"))
        try await node.close()
        try await resourceManager.stop()
    }
}
