import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import ModelConversion
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct RecoveryTests {
    @Test func `a finished and a killed application are still listed after a restart`() async throws {
        let folder = try TemporaryFolder()
        let first = try await TestResourceManager.start(folder: folder.path)
        let killed = try await first.submit { $0.applicationTags = ["kept"] }
        _ = try await eventualValue("kill") { try await first.kill(killed) ? true : nil }
        let before = try await first.reached(.killed, killed)
        try await first.stop()

        let second = try await TestResourceManager.start(folder: folder.path)
        let after = try await second.report(killed)
        #expect(after.yarnApplicationState == .killed)
        #expect(after.finishTime == before.finishTime)
        #expect(after.startTime == before.startTime)
        #expect(after.diagnostics == before.diagnostics)
        #expect(after.applicationTags == ["kept"])
        #expect(after.user == "alice")
        #expect(try await second.newApplication() != killed)
        try await second.stop()
    }

    @Test func `a running application goes on after a restart: same token, same containers, same attempt`()
        async throws
    {
        let folder = try TemporaryFolder()
        let first = try await TestResourceManager.start(folder: folder.path)
        let node = try await TestNode.join(first)
        try await node.heartbeat()
        let id = try await first.submit()
        let launch = try await node.launched(id)
        try await node.heartbeat([TestNode.status(launch.container, .cRunning)])
        _ = try await first.register(launch.masterToken)
        let grants = try await first.allocate(launch.masterToken, responseID: 0, containers: 1)
        let executor = try ContainerID(validating: try #require(grants.allocatedContainers.first).id)
        try await node.heartbeat([
            TestNode.status(launch.container, .cRunning), TestNode.status(executor, .cRunning),
        ])
        try await first.stop()
        try await node.close()

        let second = try await TestResourceManager.start(folder: folder.path)
        let unregistered = await failure { _ = try await second.allocate(launch.masterToken, responseID: 5) }
        #expect(unregistered?.exceptionClass.hasSuffix(".ApplicationMasterNotRegisteredException") == true)
        let back = try await TestNode.join(
            second,
            port: Int(node.id.port),
            containers: [Self.running(launch.container, 512), Self.running(executor, 256)],
            applications: [id.proto]
        )
        try await back.heartbeat([
            TestNode.status(launch.container, .cRunning), TestNode.status(executor, .cRunning),
        ])
        _ = try await second.register(launch.masterToken)
        let report = try await second.reached(.running, id)
        #expect(report.currentApplicationAttemptID.attemptID == 1)
        #expect(report.appResourceUsage.numUsedContainers == 2)
        #expect(back.started.isEmpty)
        let more = try await eventualValue("grant after the restart") {
            let reply = try await second.allocate(launch.masterToken, responseID: 0, containers: 1)
            return reply.allocatedContainers.first
        }
        #expect(try ContainerID(validating: more.id).epoch == 1)
        try await back.close()
        try await second.stop()
    }

    @Test func `a delegation token stays good over a restart`() async throws {
        let folder = try TemporaryFolder()
        let first = try await TestResourceManager.start(folder: folder.path)
        var request = GetDelegationTokenRequestProto()
        request.renewer = "yarn"
        let response: GetDelegationTokenResponseProto = try await first.call("getDelegationToken", request)
        try await first.stop()
        let second = try await TestResourceManager.start(folder: folder.path)
        _ = try await second.client.call(
            "getNewApplication",
            GetNewApplicationRequestProto(),
            returning: GetNewApplicationResponseProto.self,
            on: second.target(.client, .token(user: "alice", HadoopToken(response.token)))
        )
        try await second.stop()
    }

    @Test func `fields unknown to this build survive submit, store, restart and startContainers`() async throws {
        let folder = try TemporaryFolder()
        let first = try await TestResourceManager.start(folder: folder.path)
        let id = try await first.newApplication()
        var context = TestResourceManager.context(id)
        // Field 900 of the launch context and field 901 of a local resource: varints that no build knows.
        var resource = StringLocalResourceMapProto()
        resource.key = "app.jar"
        resource.value = try LocalResourceProto(serializedBytes: Self.varint(field: 901, value: 77))
        resource.value.size = 5
        context.amContainerSpec.localResources = [resource]
        let spec: [UInt8] = try context.amContainerSpec.serializedBytes()
        context.amContainerSpec = try ContainerLaunchContextProto(
            serializedBytes: spec + Self.varint(field: 900, value: 42)
        )
        var request = SubmitApplicationRequestProto()
        request.applicationSubmissionContext = context
        let _: SubmitApplicationResponseProto = try await first.call("submitApplication", request)
        try await first.reached(.accepted, id)
        try await first.stop()

        let second = try await TestResourceManager.start(folder: folder.path)
        let node = try await TestNode.join(second)
        try await node.heartbeat()
        let launch = try await node.launched(id, attempt: try await second.report(id).currentAttempt)
        let bytes: [UInt8] = try launch.context.serializedBytes()
        #expect(bytes.contains(Self.varint(field: 900, value: 42)))
        #expect(bytes.contains(Self.varint(field: 901, value: 77)))
        #expect(launch.context.command == context.amContainerSpec.command)
        try await node.close()
        try await second.stop()
    }

    @Test func `a second ResourceManager on the same store fences the first, which steps down`() async throws {
        let folder = try TemporaryFolder()
        let first = try await TestResourceManager.start(folder: folder.path)
        let second = try await TestResourceManager.start(folder: folder.path)
        let failure = await failure { try await first.submit() }
        #expect(failure?.exceptionClass == "org.apache.hadoop.ipc.StandbyException")
        // The caller may have its answer before the process is told to end.
        try await eventually("the first has stepped down") { !first.stepDowns.all.isEmpty }
        try await second.submit()
        try await first.stop()
        try await second.stop()
        #expect(first.stepDowns.all.count == 1)
    }

    private static func running(_ id: ContainerID, _ memoryMiB: Int64) -> NMContainerStatusProto {
        var status = NMContainerStatusProto()
        status.containerID = id.proto
        status.containerState = .cRunning
        status.resource = ResourceVector(memoryMiB: memoryMiB, vcores: 1).proto
        status.priority = PriorityProto(id.sequence == 1 ? 0 : 1)
        status.containerExitStatus = -1000
        return status
    }

    private static func varint(field: UInt64, value: UInt8) -> [UInt8] {
        var bytes: [UInt8] = []
        var tag = field << 3
        while tag >= 0x80 {
            bytes.append(UInt8(tag & 0x7F) | 0x80)
            tag >>= 7
        }
        return bytes + [UInt8(tag), value]
    }
}

extension ApplicationReportProto {
    /// 1 before there is one.
    fileprivate var currentAttempt: Int32 { max(1, self.currentApplicationAttemptID.attemptID) }
}
