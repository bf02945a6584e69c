import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import ModelConversion
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct ClientServiceTests {
    @Test func `a submitted application waits as ACCEPTED until a node can take its ApplicationMaster`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let id = try await resourceManager.submit()
        let report = try await resourceManager.reached(.accepted, id)
        #expect(report.user == "alice")
        #expect(report.queue == "default")
        #expect(report.name == "pi")
        #expect(report.applicationType == "SPARK")
        #expect(report.host == "N/A")
        #expect(report.rpcPort == -1)
        #expect(report.trackingURL == "http://127.0.0.1:18088/proxy/\(id)/")
        #expect(report.originalTrackingURL == "N/A")
        #expect(report.finalApplicationStatus == .appUndefined)
        #expect(report.appTimeouts.first?.applicationTimeout.expireTime == "UNLIMITED")
        #expect(report.startTime > 0 && report.finishTime == 0)
        #expect(!report.diagnostics.isEmpty)
        try await resourceManager.stop()
    }

    @Test func `submitting an id again changes nothing and succeeds`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let id = try await resourceManager.submit()
        var request = SubmitApplicationRequestProto()
        request.applicationSubmissionContext = TestResourceManager.context(id)
        request.applicationSubmissionContext.applicationName = "other"
        let _: SubmitApplicationResponseProto = try await resourceManager.call("submitApplication", request)
        #expect(try await resourceManager.report(id).name == "pi")
        try await resourceManager.stop()
    }

    @Test func `a kill ends a waiting application and is asked for until it is complete`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let id = try await resourceManager.submit()
        _ = try await eventualValue("kill") { try await resourceManager.kill(id) ? true : nil }
        let report = try await resourceManager.reached(.killed, id)
        #expect(report.finalApplicationStatus == .appKilled)
        #expect(report.finishTime >= report.startTime)
        try await resourceManager.stop()
    }

    @Test func `an unknown application is reported by the class that clients look for`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let id = ApplicationID(clusterTimestamp: 1, number: 1)
        let failure = await failure { _ = try await resourceManager.report(id) }
        #expect(failure?.exceptionClass == "org.apache.hadoop.yarn.exceptions.ApplicationNotFoundException")
        #expect(
            failure?.message.hasPrefix("Application with id 'application_1_0001' doesn't exist in RM.") == true
        )
        try await resourceManager.stop()
    }

    @Test func `filters select by every field and limits keep the newest`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let spark = try await resourceManager.submit { $0.applicationTags = ["Nightly"] }
        let flink = try await resourceManager.submit(as: "bob") {
            $0.applicationType = "Apache Flink"
            $0.applicationName = "stream"
        }
        try await resourceManager.reached(.accepted, spark)
        try await resourceManager.reached(.accepted, flink)
        _ = try await eventualValue("kill") { try await resourceManager.kill(spark) ? true : nil }
        try await resourceManager.reached(.killed, spark)

        func list(_ change: (inout GetApplicationsRequestProto) -> Void) async throws -> [ApplicationID] {
            var request = GetApplicationsRequestProto()
            change(&request)
            let response: GetApplicationsResponseProto = try await resourceManager.call("getApplications", request)
            return try response.applications.map { try ApplicationID(validating: $0.applicationID) }
        }
        #expect(try await list { _ in } == [flink, spark])
        #expect(try await list { $0.applicationTypes = ["spark"] } == [spark])
        #expect(try await list { $0.applicationStates = [.accepted, .running] } == [flink])
        #expect(try await list { $0.users = ["bob"] } == [flink])
        #expect(try await list { $0.queues = ["default"] } == [flink, spark])
        #expect(try await list { $0.queues = ["other"] }.isEmpty)
        #expect(try await list { $0.applicationTags = ["nightly"] } == [spark])
        #expect(try await list { $0.name = "stream" } == [flink])
        #expect(try await list { $0.limit = 1 } == [flink])
        #expect(try await list { $0.scope = .own } == [spark])
        #expect(try await list { $0.startBegin = 1 } == [flink, spark])
        #expect(try await list { $0.startEnd = 1 }.isEmpty)
        #expect(try await list { $0.finishBegin = 1 } == [spark])
        try await resourceManager.stop()
    }

    @Test func `an ApplicationMaster larger than the largest container is refused`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let failure = await failure {
            try await resourceManager.submit { $0.resource = ResourceVector(memoryMiB: 1 << 30, vcores: 1).proto }
        }
        #expect(failure?.exceptionClass == "org.apache.hadoop.yarn.exceptions.InvalidResourceRequestException")
        try await resourceManager.stop()
    }

    @Test func `a submission without a context, or with garbage for one, is refused and harms nobody`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let empty = await failure {
            let _: SubmitApplicationResponseProto = try await resourceManager.call(
                "submitApplication",
                SubmitApplicationRequestProto()
            )
        }
        #expect(empty?.message.contains("application_submission_context is missing") == true)
        // Field 1, three bytes that are no message.
        let garbage = await failure {
            _ = try await resourceManager.client.call(
                "submitApplication",
                bytes: [0x0A, 0x03, 0xFF, 0xFF, 0xFF],
                on: resourceManager.target(.client)
            )
        }
        #expect(garbage?.message.contains("not readable") == true)
        try await resourceManager.submit()
        try await resourceManager.stop()
    }

    @Test func `every method of the protocol answers, those not offered by their name`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let methods = [
            "getNewReservation", "submitReservation", "updateReservation", "deleteReservation", "listReservations",
            "getResourceProfiles", "getResourceProfile",
        ]
        for method in methods {
            let failure = await failure {
                _ = try await resourceManager.client.call(method, bytes: [], on: resourceManager.target(.client))
            }
            #expect(failure?.message.hasPrefix(method) == true, "\(method)")
            #expect(failure?.code == .application)
        }
        let offered = [
            "getNewApplication", "submitApplication", "forceKillApplication", "failApplicationAttempt",
            "moveApplicationAcrossQueues", "updateApplicationPriority", "updateApplicationTimeouts",
            "signalToContainer", "getDelegationToken", "renewDelegationToken", "cancelDelegationToken",
            "getApplicationReport", "getApplications", "getApplicationAttemptReport", "getApplicationAttempts",
            "getContainerReport", "getContainers", "getClusterMetrics", "getClusterNodes", "getQueueInfo",
            "getQueueUserAcls", "getNodeToLabels", "getLabelsToNodes", "getClusterNodeLabels",
            "getClusterNodeAttributes", "getAttributesToNodes", "getNodesToAttributes", "getResourceTypeInfo",
        ]
        for method in offered {
            // Most refuse an empty request, but as the method that was called.
            let failure = await failure {
                _ = try await resourceManager.client.call(method, bytes: [], on: resourceManager.target(.client))
            }
            #expect(failure?.exceptionClass != "org.apache.hadoop.ipc.RpcNoSuchMethodException", "\(method)")
        }
        let unknown = await failure {
            _ = try await resourceManager.client.call("getLunch", bytes: [], on: resourceManager.target(.client))
        }
        #expect(unknown?.exceptionClass == "org.apache.hadoop.ipc.RpcNoSuchMethodException")
        try await resourceManager.stop()
    }

    @Test func `queries about the cluster have answers without nodes`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let metrics: GetClusterMetricsResponseProto = try await resourceManager.call(
            "getClusterMetrics",
            GetClusterMetricsRequestProto()
        )
        #expect(metrics.clusterMetrics.numNodeManagers == 0)
        let types: GetAllResourceTypeInfoResponseProto = try await resourceManager.call(
            "getResourceTypeInfo",
            GetAllResourceTypeInfoRequestProto()
        )
        #expect(types.resourceTypeInfo.map(\.name) == ["memory-mb", "vcores"])
        var queue = GetQueueInfoRequestProto()
        queue.queueName = "default"
        let info: GetQueueInfoResponseProto = try await resourceManager.call("getQueueInfo", queue)
        #expect(info.queueInfo.queueName == "default")
        #expect(info.queueInfo.capacity == 1)
        #expect(info.queueInfo.state == .qRunning)
        queue.queueName = "nowhere"
        let none: GetQueueInfoResponseProto = try await resourceManager.call("getQueueInfo", queue)
        #expect(!none.hasQueueInfo)
        queue.queueName = "root"
        queue.includeChildQueues = true
        queue.recursive = true
        let root: GetQueueInfoResponseProto = try await resourceManager.call("getQueueInfo", queue)
        #expect(root.queueInfo.childQueues.map(\.queueName) == ["default"])
        let acls: GetQueueUserAclsInfoResponseProto = try await resourceManager.call(
            "getQueueUserAcls",
            GetQueueUserAclsInfoRequestProto()
        )
        #expect(acls.queueUserAcls.contains { $0.queueName == "default" && $0.userAcls.count == 2 })
        for method in ["getNodeToLabels", "getLabelsToNodes", "getClusterNodeLabels", "getClusterNodeAttributes"] {
            let bytes = try await resourceManager.client.call(
                method,
                bytes: [],
                on: resourceManager.target(.client)
            )
            #expect(bytes.isEmpty, "\(method)")
        }
        try await resourceManager.stop()
    }

    @Test func `priorities and lifetimes can be changed`() async throws {
        let resourceManager = try await TestResourceManager.start(
            properties: [("yarn.cluster.max-application-priority", "10")]
        )
        let id = try await resourceManager.submit()
        try await resourceManager.reached(.accepted, id)
        var priority = UpdateApplicationPriorityRequestProto()
        priority.applicationID = id.proto
        priority.applicationPriority = PriorityProto(7)
        let updated: UpdateApplicationPriorityResponseProto = try await resourceManager.call(
            "updateApplicationPriority",
            priority
        )
        #expect(updated.applicationPriority.priority == 7)

        var timeout = ApplicationUpdateTimeoutMapProto()
        timeout.applicationTimeoutType = .appTimeoutLifetime
        timeout.expireTime = "2099-01-02T03:04:05.678+0000"
        var request = UpdateApplicationTimeoutsRequestProto()
        request.applicationID = id.proto
        request.applicationTimeouts = [timeout]
        let set: UpdateApplicationTimeoutsResponseProto = try await resourceManager.call(
            "updateApplicationTimeouts",
            request
        )
        #expect(set.applicationTimeouts.first?.expireTime == "2099-01-02T03:04:05.678+0000")
        let report = try await resourceManager.report(id)
        #expect(report.priority.priority == 7)
        #expect(report.appTimeouts.first?.applicationTimeout.expireTime == "2099-01-02T03:04:05.678+0000")

        request.applicationTimeouts[0].expireTime = "tomorrow"
        let failure = await failure {
            let _: UpdateApplicationTimeoutsResponseProto = try await resourceManager.call(
                "updateApplicationTimeouts",
                request
            )
        }
        #expect(failure?.message.contains("expected is a date") == true)
        try await resourceManager.stop()
    }

    @Test func `with access control on, others see little and may not kill`() async throws {
        let resourceManager = try await TestResourceManager.start(
            properties: [("yarn.acl.enable", "true"), ("yarn.admin.acl", "root")]
        )
        let id = try await resourceManager.submit()
        try await resourceManager.reached(.accepted, id)
        let stranger = try await resourceManager.report(id, as: "mallory")
        #expect(stranger.diagnostics == "N/A")
        #expect(stranger.trackingURL == "N/A")
        #expect(stranger.appResourceUsage.numUsedContainers == -1)
        let failure = await failure { _ = try await resourceManager.kill(id, as: "mallory") }
        #expect(
            failure?.message
                == "org.apache.hadoop.security.AccessControlException: User mallory cannot perform operation "
                + "MODIFY_APP on \(id)"
        )
        #expect(try await resourceManager.report(id).diagnostics != "N/A")
        try await resourceManager.stop()
    }
}
