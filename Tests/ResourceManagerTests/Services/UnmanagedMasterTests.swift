import ClusterModel
import HadoopProtos
import HadoopWire
import ModelConversion
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct UnmanagedMasterTests {
    @Test func `only its submitter gets the token of an unmanaged application, and can run it with that`() async throws
    {
        let resourceManager = try await TestResourceManager.start()
        let node = try await TestNode.join(resourceManager)
        try await node.heartbeat()
        let id = try await resourceManager.submit { context in
            context.unmanagedAm = true
            context.clearResource()
        }
        let report = try await eventualValue("token") {
            let report = try await resourceManager.report(id)
            return report.hasAmRmToken ? report : nil
        }
        #expect(report.yarnApplicationState == .accepted)
        #expect(report.unmanagedApplication)
        #expect(try await resourceManager.report(id, as: "mallory").hasAmRmToken == false)

        let token = HadoopToken(report.amRmToken)
        _ = try await resourceManager.register(token)
        let running = try await resourceManager.reached(.running, id)
        #expect(!running.hasAmRmToken)
        let grants = try await resourceManager.allocate(token, responseID: 0, containers: 1)
        #expect(grants.allocatedContainers.count == 1)
        _ = try await eventualValue("unregistered") {
            try await resourceManager.finish(token).isUnregistered ? true : nil
        }
        let finished = try await resourceManager.reached(.finished, id)
        #expect(finished.finalApplicationStatus == .appSucceeded)
        #expect(node.started.isEmpty)
        try await node.close()
        try await resourceManager.stop()
    }
}
