import ClusterModel
import Glibc
import HadoopProtos
import HadoopRPC
import HadoopWire
import ModelConversion
import NodeManagerCore
import Settings
import TestSupport
import Testing

@testable import NodeManager

/// Who may call, what is refused, and how the node gets on with its ResourceManager.
@Suite(.timeLimit(.minutes(3))) struct NodeManagerPortTests {
    @Test func `a container token that the ResourceManager did not sign starts nothing`() async throws {
        try await withNode { node in
            let forged = MasterKey(id: TestResourceManager.containerKey.id, bytes: [9, 9, 9])
            let unknown = MasterKey(id: 99, bytes: [1])
            let answer = try await node.start([
                node.request(1, ["true"], key: forged), node.request(2, ["true"], key: unknown),
                node.request(3, ["true"]),
            ])
            #expect(answer.succeededRequests == [TestNode.container(3).proto])
            #expect(answer.failedRequests.map(\.containerID) == [1, 2].map { TestNode.container($0).proto })
            for failed in answer.failedRequests {
                #expect(
                    failed.exception.className == "org.apache.hadoop.security.token.SecretManager$InvalidToken"
                )
            }
        }
    }

    @Test func `an NMToken with a wrong or unknown key gets no connection`() async throws {
        try await withNode { node in
            for key in [
                MasterKey(id: TestResourceManager.nodeKey.id, bytes: [9]), MasterKey(id: 99, bytes: [1]),
            ] {
                var call = GetContainerStatusesRequestProto()
                call.containerID = [TestNode.container(1).proto]
                let failure = await #expect(throws: RPCFailure.self) {
                    try await node.client.call(
                        "getContainerStatuses",
                        call,
                        returning: GetContainerStatusesResponseProto.self,
                        on: node.target(key: key)
                    )
                }
                #expect(failure?.exceptionClass == "org.apache.hadoop.security.token.SecretManager$InvalidToken")
            }
        }
    }

    @Test func `methods that are not built answer with their name`() async throws {
        try await withNode { node in
            for method in [
                "increaseContainersResource", "updateContainer", "localize", "reInitializeContainer",
                "restartContainer",
                "rollbackLastReInitialization", "commitLastReInitialization", "getLocalizationStatuses",
            ] {
                let failure = await #expect(throws: RPCFailure.self) {
                    _ = try await node.client.call(method, bytes: [], on: node.target())
                }
                #expect(failure?.message.hasPrefix(method) == true)
                #expect(failure?.exceptionClass == "org.apache.hadoop.yarn.exceptions.YarnException")
            }
        }
    }

    @Test func `a signal reaches the container`() async throws {
        try await withNode { node in
            let script =
                "trap 'echo asked > <LOG_DIR>/asked; exit 5' TERM; touch <LOG_DIR>/ready; while true; do sleep 0.02; done"
            try await node.start([node.request(1, [script])])
            try await eventually { node.log(1, "ready") != nil }
            var call = SignalContainerRequestProto()
            call.containerID = TestNode.container(1).proto
            call.command = .gracefulShutdown
            _ = try await node.client.call(
                "signalToContainer",
                call,
                returning: SignalContainerResponseProto.self,
                on: node.target()
            )
            #expect(try await node.end(of: 1).exitStatus == 5)
            #expect(node.log(1, "asked") == "asked\n")
        }
    }

    @Test func `the registration says who the node is and what it offers`() async throws {
        try await withNode(["yarn.nodemanager.resource.memory-mb": "2048"]) { node in
            let registration = try #require(node.resourceManager.read { $0.registrations.first })
            #expect(registration.nodeID == node.daemon.node.id.proto)
            #expect(registration.httpPort == node.daemon.node.httpPort)
            #expect(registration.resource.memory == 2_048)
            #expect(registration.nmVersion == HeddleVersion.hadoopCompatibility)
            let heartbeat = try #require(node.resourceManager.read { $0.heartbeats.first })
            #expect(heartbeat.nodeStatus.responseID == 0)
            #expect(heartbeat.nodeStatus.nodeHealthStatus.isNodeHealthy)
            #expect(heartbeat.lastKnownNmTokenMasterKey.keyID == TestResourceManager.nodeKey.id)
        }
    }

    @Test func `after RESYNC the node registers again with its running containers`() async throws {
        try await withNode { node in
            try await node.start([node.request(1, ["sleep 1000"])])
            try await eventually { node.daemon.snapshot.containers.first?.state == .running }
            node.resourceManager.order { $0.nodeAction = .resync }
            try await eventually { node.resourceManager.read { $0.registrations.count } == 2 }
            let registration = try #require(node.resourceManager.read { $0.registrations.last })
            #expect(registration.containerStatuses.map(\.containerID) == [TestNode.container(1).proto])
            #expect(registration.containerStatuses.first?.containerState == .cRunning)
            #expect(registration.runningApplications == [TestNode.application.proto])
            #expect(node.daemon.snapshot.containers.first?.state == .running)
        }
    }

    @Test func `an excluded node ends its containers and says why`() async throws {
        try await withNode { node in
            try await node.start([node.request(1, ["echo \\$\\$ > <LOG_DIR>/ready; exec sleep 1000"])])
            try await eventually { number(in: "\(node.logDirectory(1))/ready") != nil }
            let process = try #require(number(in: "\(node.logDirectory(1))/ready"))
            node.resourceManager.order {
                $0.nodeAction = .shutdown
                $0.diagnosticsMessage = "Disallowed NodeManager"
            }
            let reason = await node.daemon.whenStopped()
            #expect(reason?.contains("Disallowed NodeManager") == true)
            #expect(!isAlive(process))
        }
    }

    @Test func `an orderly stop ends the containers and tells the ResourceManager`() async throws {
        let node = try await TestNode()
        try await node.start([node.request(1, ["echo \\$\\$ > <LOG_DIR>/ready; exec sleep 1000"])])
        try await eventually { number(in: "\(node.logDirectory(1))/ready") != nil }
        let process = try #require(number(in: "\(node.logDirectory(1))/ready"))
        await node.daemon.stop()
        #expect(!isAlive(process))
        #expect(node.resourceManager.read { $0.unregistered } == [node.daemon.node.id.proto])
        try await node.stop()
    }

    @Test func `an application's files are not made through a link that its user planted`() async throws {
        try await withNode { node in
            let outside = "\(node.folder)/outside"
            _ = unsafe mkdir(outside, 0o700)
            for folder in ["usercache", "usercache/root"] {
                _ = unsafe mkdir("\(node.folder)/local/\(folder)", 0o755)
            }
            #expect(unsafe symlink(outside, "\(node.folder)/local/usercache/root/appcache") == 0)
            let status = try await node.run(1, "true")
            #expect(status.exitStatus == ContainerExitStatus.invalid.code)
            #expect(directoryEntries(outside).isEmpty)
        }
    }
}
