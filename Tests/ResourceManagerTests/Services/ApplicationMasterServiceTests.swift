import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import ModelConversion
import ResourceManager
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct ApplicationMasterServiceTests {
    @Test func `an application runs from submission to its end, with tokens that verify`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let node = try await TestNode.join(resourceManager)
        try await node.heartbeat()
        let id = try await resourceManager.submit()
        let launch = try await node.launched(id)
        let key = node.containerKey
        #expect(
            launch.token.password
                == TokenPassword.hmacSHA1(key: [UInt8](key.bytes), identifier: launch.token.identifier)
        )
        #expect(launch.identifier.nmHostAddr == "\(node.id)")
        #expect(launch.identifier.appSubmitter == "alice")
        #expect(launch.identifier.containerType == .applicationMaster)
        #expect(launch.environment["APPLICATION_WEB_PROXY_BASE"] == "/proxy/\(id)")
        #expect(launch.environment["APP_SUBMIT_TIME_ENV"].flatMap(Int64.init) != nil)
        #expect(launch.environment["SPARK_USER"] == "alice")
        try await node.heartbeat([TestNode.status(launch.container, .cRunning)])

        let registered = try await resourceManager.register(launch.masterToken)
        #expect(registered.maximumCapability.memory > 0)
        #expect(registered.queue == "default")
        #expect(registered.resourceTypes.map(\.name) == ["memory-mb", "vcores"])
        let running = try await resourceManager.reached(.running, id)
        #expect(running.host == "127.0.0.1")
        #expect(running.rpcPort == 4040)
        #expect(running.originalTrackingURL == "http://127.0.0.1:4040")

        let grants = try await resourceManager.allocate(launch.masterToken, responseID: 0, containers: 2)
        #expect(grants.responseID == 1)
        #expect(grants.allocatedContainers.count == 2, "a grant rides on the reply to its ask")
        #expect(grants.numClusterNodes == 1)
        #expect(grants.nmTokens.map { $0.nodeID.port } == [node.id.port])
        for container in grants.allocatedContainers {
            let token = HadoopToken(container.containerToken)
            #expect(
                token.password == TokenPassword.hmacSHA1(key: [UInt8](key.bytes), identifier: token.identifier)
            )
            let identifier = try ContainerTokenIdentifierProto(serializedBytes: token.identifier)
            #expect(identifier.containerType == .task)
            #expect(identifier.rmIdentifier == resourceManager.daemon.clusterTimestamp)
            #expect(container.priority.priority == 1)
            #expect(container.allocationRequestID == 7)
        }

        let first = try ContainerID(validating: grants.allocatedContainers[0].id)
        try await node.heartbeat([TestNode.status(first, .cComplete, exit: 137)])
        let completed = try await resourceManager.allocate(launch.masterToken, responseID: 1)
        #expect(completed.completedContainerStatuses.map(\.exitStatus) == [137])
        #expect(completed.allocatedContainers.isEmpty)

        let repeated = try await resourceManager.allocate(launch.masterToken, responseID: 1)
        #expect(repeated == completed, "a repeated request gets the same reply")

        _ = try await eventualValue("unregistered") {
            try await resourceManager.finish(launch.masterToken).isUnregistered ? true : nil
        }
        let last = try await node.heartbeat([TestNode.status(launch.container, .cComplete, exit: 0)])
        let finished = try await resourceManager.reached(.finished, id)
        #expect(finished.finalApplicationStatus == .appSucceeded)
        #expect(finished.diagnostics == "all done")
        var cleanup = last.applicationsToCleanup
        cleanup += try await node.heartbeat().applicationsToCleanup
        #expect(try cleanup.map { try ApplicationID(validating: $0) } == [id])
        try await node.close()
        try await resourceManager.stop()
    }

    @Test func `the scheduler port takes nobody without a token, and no token with another password`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let node = try await TestNode.join(resourceManager)
        try await node.heartbeat()
        let simple = await failure {
            _ = try await resourceManager.client.call(
                "allocate",
                bytes: [],
                on: resourceManager.target(.scheduler)
            )
        }
        #expect(simple != nil)
        let launch = try await node.launched(try await resourceManager.submit())
        var wrong = launch.masterToken
        wrong.password[3] ^= 1
        let forged = await failure { _ = try await resourceManager.register(wrong) }
        #expect(forged?.exceptionClass == "org.apache.hadoop.security.token.SecretManager$InvalidToken")
        let stranger = AMRMTokenIdentifier(
            attempt: ApplicationAttemptID(application: ApplicationID(clusterTimestamp: 1, number: 1), number: 1),
            keyID: 1
        ).token(key: [1, 2, 3], service: "")
        let unknown = await failure { _ = try await resourceManager.register(stranger) }
        #expect(unknown?.exceptionClass == "org.apache.hadoop.security.token.SecretManager$InvalidToken")
        _ = try await resourceManager.register(launch.masterToken)
        try await node.close()
        try await resourceManager.stop()
    }

    @Test func `allocate before register, a second register and a wrong response id have their own classes`()
        async throws
    {
        let resourceManager = try await TestResourceManager.start()
        let node = try await TestNode.join(resourceManager)
        try await node.heartbeat()
        let launch = try await node.launched(try await resourceManager.submit())
        let constrained = await failure {
            _ = try await resourceManager.register(launch.masterToken) {
                $0.placementConstraints = [PlacementConstraintMapEntryProto()]
            }
        }
        #expect(constrained?.message.contains("placement constraints are not supported") == true)
        let early = await failure { _ = try await resourceManager.allocate(launch.masterToken, responseID: 0) }
        #expect(early?.exceptionClass.hasSuffix(".ApplicationMasterNotRegisteredException") == true)
        _ = try await resourceManager.register(launch.masterToken)
        let second = await failure { _ = try await resourceManager.register(launch.masterToken) }
        #expect(second?.exceptionClass.hasSuffix(".InvalidApplicationMasterRequestException") == true)
        let wrong = await failure { _ = try await resourceManager.allocate(launch.masterToken, responseID: 9) }
        #expect(wrong?.exceptionClass.hasSuffix(".InvalidApplicationMasterRequestException") == true)
        let large = await failure {
            _ = try await resourceManager.allocate(
                launch.masterToken,
                responseID: 0,
                containers: 1,
                memoryMiB: 1 << 30
            )
        }
        #expect(large?.exceptionClass.hasSuffix(".InvalidResourceRequestException") == true)
        let unsupported = await failure {
            _ = try await resourceManager.allocate(launch.masterToken, responseID: 0) {
                $0.schedulingRequests = [SchedulingRequestProto()]
            }
        }
        #expect(unsupported?.message.contains("placement constraints") == true)
        var change = UpdateContainerRequestProto()
        change.containerVersion = 0
        change.containerID = launch.container.proto
        change.updateType = .increaseResource
        let update = await failure {
            _ = try await resourceManager.allocate(launch.masterToken, responseID: 0) { $0.updateRequests = [change] }
        }
        #expect(update?.message.contains("containers cannot be resized or promoted") == true)
        try await node.close()
        try await resourceManager.stop()
    }

    @Test func `a node that refuses the ApplicationMaster fails the attempt with the node's own words`() async throws {
        let resourceManager = try await TestResourceManager.start(
            properties: [("yarn.resourcemanager.am.max-attempts", "1")]
        )
        let node = try await TestNode.join(resourceManager)
        var refusal = SerializedExceptionProto()
        refusal.className = "org.apache.hadoop.yarn.exceptions.InvalidAuxServiceException"
        refusal.message = "The auxService:spark_shuffle does not exist"
        node.refuse(with: refusal)
        try await node.heartbeat()
        let id = try await resourceManager.submit()
        let report = try await resourceManager.reached(.failed, id)
        #expect(report.diagnostics.contains("The auxService:spark_shuffle does not exist"))
        #expect(report.finalApplicationStatus == .appFailed)
        try await node.close()
        try await resourceManager.stop()
    }

    @Test func `a killed application's ApplicationMaster is stopped on its node and refused afterwards`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let node = try await TestNode.join(resourceManager)
        try await node.heartbeat()
        let id = try await resourceManager.submit()
        let launch = try await node.launched(id)
        try await node.heartbeat([TestNode.status(launch.container, .cRunning)])
        _ = try await resourceManager.register(launch.masterToken)
        _ = try await eventualValue("kill") { try await resourceManager.kill(id) ? true : nil }
        try await resourceManager.reached(.killed, id)
        let isTold = try await eventualValue("stop") {
            let response = try await node.heartbeat()
            return node.stopped.contains(launch.container.proto)
                || response.containersToCleanup.contains(launch.container.proto)
                || response.applicationsToCleanup.contains(id.proto) ? true : nil
        }
        #expect(isTold)
        let late = await failure { _ = try await resourceManager.allocate(launch.masterToken, responseID: 0) }
        #expect(late != nil)
        try await node.close()
        try await resourceManager.stop()
    }
}
