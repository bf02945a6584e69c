import ClusterModel
import Foundation
import HadoopProtos
import HadoopRPC
import ModelConversion
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct ResourceTrackerServiceTests {
    @Test func `a node registers, is reported as RUNNING with its capacity, and leaves`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let node = try await TestNode.join(resourceManager, memoryMiB: 8192, vcores: 6)
        let beat = try await node.heartbeat()
        #expect(beat.nodeAction == .normal)
        #expect(beat.responseID == 1)
        #expect(beat.nextHeartBeatInterval == 1000)
        let nodes: GetClusterNodesResponseProto = try await resourceManager.call(
            "getClusterNodes",
            GetClusterNodesRequestProto()
        )
        #expect(nodes.nodeReports.map(\.nodeState) == [.nsRunning])
        #expect(nodes.nodeReports.first?.capability.memory == 8192)
        #expect(nodes.nodeReports.first?.capability.virtualCores == 6)
        #expect(nodes.nodeReports.first?.httpAddress == "127.0.0.1:8042")
        #expect(nodes.nodeReports.first?.rackName == "/default-rack")

        var leave = UnRegisterNodeManagerRequestProto()
        leave.nodeID = node.id.proto
        let _: UnRegisterNodeManagerResponseProto = try await resourceManager.call(
            "unRegisterNodeManager",
            leave,
            on: .tracker
        )
        var all = GetClusterNodesRequestProto()
        all.nodeStates = [.nsShutdown]
        let gone: GetClusterNodesResponseProto = try await resourceManager.call("getClusterNodes", all)
        #expect(gone.nodeReports.count == 1)
        try await node.close()
        try await resourceManager.stop()
    }

    @Test func `a heartbeat of an unknown node is answered with RESYNC`() async throws {
        let resourceManager = try await TestResourceManager.start()
        var request = NodeHeartbeatRequestProto()
        request.nodeStatus.nodeID = NodeID(host: "127.0.0.9", port: 1).proto
        let response: NodeHeartbeatResponseProto = try await resourceManager.call(
            "nodeHeartbeat",
            request,
            on: .tracker
        )
        #expect(response.nodeAction == .resync)
        try await resourceManager.stop()
    }

    @Test func `the topology script places nodes in racks, and one that fails places them in the default rack`()
        async throws
    {
        let folder = try TemporaryFolder()
        let script = folder.file("topology")
        func rack(_ text: String) async throws -> String? {
            try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(fileURLWithPath: script))
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script)
            let resourceManager = try await TestResourceManager.start(
                properties: [("net.topology.script.file.name", script)]
            )
            let node = try await TestNode.join(resourceManager)
            let nodes: GetClusterNodesResponseProto = try await resourceManager.call(
                "getClusterNodes",
                GetClusterNodesRequestProto()
            )
            try await node.close()
            try await resourceManager.stop()
            return nodes.nodeReports.first?.rackName
        }
        #expect(try await rack("echo /rack-of-$1") == "/rack-of-127.0.0.1")
        #expect(try await rack("exit 3") == "/default-rack")
        #expect(try await rack("echo nonsense") == "/default-rack")
    }

    @Test func `a registration with an impossible host is refused`() async throws {
        let resourceManager = try await TestResourceManager.start()
        var request = RegisterNodeManagerRequestProto()
        request.nodeID.host = "../../etc"
        request.nodeID.port = 1
        let failure = await failure {
            let _: RegisterNodeManagerResponseProto = try await resourceManager.call(
                "registerNodeManager",
                request,
                on: .tracker
            )
        }
        #expect(failure?.message.contains("node_id.host and port") == true)
        try await resourceManager.stop()
    }

    @Test(arguments: [true, false])
    func `a node whose name has no address is turned away when that is checked`(isChecked: Bool) async throws {
        let resourceManager = try await TestResourceManager.start(
            properties: [("yarn.resourcemanager.resource-tracker.nm.ip-hostname-check", "\(isChecked)")]
        )
        var request = RegisterNodeManagerRequestProto()
        request.nodeID.host = "no-such-host.invalid"
        request.nodeID.port = 1
        request.resource = ResourceVector(memoryMiB: 4096, vcores: 4).proto
        request.nmVersion = "3.3.4"
        let response: RegisterNodeManagerResponseProto = try await resourceManager.call(
            "registerNodeManager",
            request,
            on: .tracker
        )
        #expect(response.nodeAction == (isChecked ? .shutdown : .normal))
        let refusal = "hostname cannot be resolved (ip=127.0.0.1, hostname=no-such-host.invalid)"
        #expect(response.diagnosticsMessage == (isChecked ? refusal : ""))
        try await TestNode.join(resourceManager).close()
        try await resourceManager.stop()
    }

    @Test func `refreshNodes drains nodes for the time that the XML list or the request gives`() async throws {
        let folder = try TemporaryFolder()
        let exclude = folder.file("exclude.xml")
        try Data("<hosts/>".utf8).write(to: URL(fileURLWithPath: exclude))
        let resourceManager = try await TestResourceManager.start(
            properties: [("yarn.resourcemanager.nodes.exclude-path", exclude)]
        )
        let node = try await TestNode.join(resourceManager)
        try await resourceManager.submit()
        try await eventually("the ApplicationMaster is launched") { !node.started.isEmpty }
        let list = "<hosts><host><name>127.0.0.1</name><timeout>50</timeout></host></hosts>"
        try Data(list.utf8).write(to: URL(fileURLWithPath: exclude))
        var refresh = RefreshNodesRequestProto()
        refresh.decommissionType = .graceful
        refresh.decommissionTimeout = 10
        let _: RefreshNodesResponseProto = try await resourceManager.call("refreshNodes", refresh, on: .admin)
        func draining() async throws -> [NodeIdProto] {
            let response: CheckForDecommissioningNodesResponseProto = try await resourceManager.call(
                "checkForDecommissioningNodes",
                CheckForDecommissioningNodesRequestProto(),
                on: .admin
            )
            return response.decommissioningNodes
        }
        #expect(try await draining() == [node.id.proto])
        var wanted = GetClusterNodesRequestProto()
        wanted.nodeStates = [.nsDecommissioning]
        let nodes: GetClusterNodesResponseProto = try await resourceManager.call("getClusterNodes", wanted)
        #expect(nodes.nodeReports.map(\.decommissioningTimeout) == [50])
        refresh = RefreshNodesRequestProto()
        refresh.decommissionType = .forceful
        let _: RefreshNodesResponseProto = try await resourceManager.call("refreshNodes", refresh, on: .admin)
        #expect(try await draining() == [])
        #expect(try await node.heartbeat().nodeAction == .shutdown)
        try await node.close()
        try await resourceManager.stop()
    }

    @Test func `refreshNodes reads the exclude file and shuts an excluded node down`() async throws {
        let folder = try TemporaryFolder()
        let exclude = folder.file("exclude")
        try Data("# none yet\n".utf8).write(to: URL(fileURLWithPath: exclude))
        let resourceManager = try await TestResourceManager.start(
            properties: [("yarn.resourcemanager.nodes.exclude-path", exclude)]
        )
        let node = try await TestNode.join(resourceManager)
        #expect(try await node.heartbeat().nodeAction == .normal)
        try Data("127.0.0.1 # broken\n".utf8).write(to: URL(fileURLWithPath: exclude))
        var refresh = RefreshNodesRequestProto()
        refresh.decommissionType = .normal
        let _: RefreshNodesResponseProto = try await resourceManager.call("refreshNodes", refresh, on: .admin)
        #expect(try await node.heartbeat().nodeAction == .shutdown)
        let metrics: GetClusterMetricsResponseProto = try await resourceManager.call(
            "getClusterMetrics",
            GetClusterMetricsRequestProto()
        )
        #expect(metrics.clusterMetrics.numDecommissionedNms == 1)
        #expect(metrics.clusterMetrics.numActiveNms == 0)

        try FileManager.default.removeItem(atPath: exclude)
        let failure = await failure {
            let _: RefreshNodesResponseProto = try await resourceManager.call("refreshNodes", refresh, on: .admin)
        }
        #expect(failure?.message.contains(exclude) == true)
        try await node.close()
        try await resourceManager.stop()
    }

    @Test func `refreshQueues takes the queues' new limits, and keeps the old ones when the new are wrong`()
        async throws
    {
        let resourceManager = try await TestResourceManager.start()
        func refresh() async throws {
            let _: RefreshQueuesResponseProto = try await resourceManager.call(
                "refreshQueues",
                RefreshQueuesRequestProto(),
                on: .admin
            )
        }
        let root = "yarn.scheduler.capacity.root"
        resourceManager.configure([("\(root).queues", "a,b"), ("\(root).a.capacity", "50")])
        let refusal = await failure { try await refresh() }
        #expect(refusal?.message.contains("The queues stay as they are") == true)
        #expect(refusal?.message.contains("\(root).b.capacity") == true)
        let one = try await resourceManager.submit()
        try await resourceManager.reached(.accepted, one)

        resourceManager.configure([
            ("\(root).queues", "default,fast"), ("\(root).default.capacity", "40"), ("\(root).fast.capacity", "60"),
            ("\(root).default.maximum-applications", "1"),
        ])
        try await refresh()
        let refused = try await resourceManager.submit()
        let report = try await resourceManager.reached(.failed, refused)
        #expect(report.diagnostics.contains("already has 1 applications"))
        let other = try await resourceManager.submit { $0.queue = "fast" }
        #expect(try await resourceManager.reached(.accepted, other).queue == "fast")
        try await resourceManager.stop()
    }

    @Test func `the admin port says ACTIVE, refuses to stand by, and names what it does not do`() async throws {
        let resourceManager = try await TestResourceManager.start()
        let status: GetServiceStatusResponseProto = try await resourceManager.call(
            "getServiceStatus",
            GetServiceStatusRequestProto(),
            on: .highAvailability
        )
        #expect(status.state == .active)
        #expect(status.readyToBecomeActive)
        var standby = TransitionToStandbyRequestProto()
        standby.reqInfo.reqSource = .requestByUser
        let refused = await failure {
            let _: TransitionToStandbyResponseProto = try await resourceManager.call(
                "transitionToStandby",
                standby,
                on: .highAvailability
            )
        }
        #expect(refused?.message.contains("HA is not enabled") == true)
        let policies = await failure {
            let _: RefreshServiceAclsResponseProto = try await resourceManager.call(
                "refreshServiceAcls",
                RefreshServiceAclsRequestProto(),
                on: .admin
            )
        }
        #expect(policies?.message.hasPrefix("refreshServiceAcls is not supported") == true)
        try await resourceManager.stop()
    }
}
