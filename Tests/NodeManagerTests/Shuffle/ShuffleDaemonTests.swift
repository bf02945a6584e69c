import ClusterModel
import Foundation
import Glibc
import HadoopProtos
import HadoopWire
import ModelConversion
import NodeManagerCore
import TestSupport
import Testing

@testable import NodeManager

/// The service in a whole NodeManager: who learns its port, which secrets it takes, and for how long.
@Suite(.timeLimit(.minutes(3))) struct ShuffleDaemonTests {
    private static let serving = ["yarn.nodemanager.aux-services": "heddle_shuffle", "heddle.shuffle.port": "0"]
    private static let surviving = [
        "yarn.nodemanager.recovery.enabled": "true", "yarn.nodemanager.recovery.supervised": "true",
    ]
    private static let password = Array("a password of the application's".utf8)

    /// - Parameter application: whose secret the container's credentials hold.
    private func start(
        _ number: Int64,
        _ script: String,
        on node: TestNode,
        application: ApplicationID = TestNode.application,
        password: [UInt8] = Self.password
    ) async throws -> StartContainersResponseProto {
        var request = node.request(number, [script])
        var credentials = Credentials()
        let identifier = Array("\(application)".utf8)
        credentials.set(
            HadoopToken(identifier: identifier, password: password, kind: "HEDDLE_APPLICATION_TOKEN", service: ""),
            alias: "x"
        )
        request.containerLaunchContext.tokens = Data(credentials.bytes)
        return try await node.start([request])
    }

    private func port(_ answer: StartContainersResponseProto) throws -> Int {
        let entry = try #require(answer.servicesMetaData.first { $0.key == "heddle_shuffle" })
        #expect(entry.value.count == 4)
        return entry.value.reduce(0) { $0 << 8 | Int($1) }
    }

    private static let path = ShuffleFixture.path(TestNode.application, mapTask: 0)

    private func status(_ port: Int, password: [UInt8] = Self.password) async throws -> Int {
        try await ShuffleFixture.get(Self.path, port: port, password: password).status
    }

    private func applicationFolder(_ node: TestNode) -> String {
        "\(node.folder)/local/usercache/root/appcache/\(TestNode.application)"
    }

    private func handOver(_ node: TestNode) throws {
        try ShuffleFixture.write(
            ShuffleBytes.file([[ShuffleBytes.frame("kept")]]),
            to: "\(self.applicationFolder(node))/heddle-shuffle/3/\(ShuffleFixture.digest)/0"
        )
    }

    private func withServingNode(
        _ properties: [String: String] = Self.serving,
        _ body: (TestNode) async throws -> Void
    ) async throws { try await withNode(properties, body) }

    @Test func `clients and containers learn the port`() async throws {
        try await self.withServingNode { node in
            let answer = try await self.start(1, "echo $NM_AUX_SERVICE_heddle_shuffle > <LOG_DIR>/port", on: node)
            let port = try self.port(answer)
            #expect(port > 0)
            #expect(try await node.end(of: 1).exitStatus == 0)
            let bytes = [0, 0, UInt8(port >> 8), UInt8(port & 255)]
            #expect(node.log(1, "port") == Base64.encode(bytes) + "\n")
        }
    }

    @Test func `without the service in the list there is none, and other names make none`() async throws {
        for properties in [[:], ["yarn.nodemanager.aux-services": "spark_shuffle", "heddle.shuffle.port": "0"]] {
            try await self.withServingNode(properties) { node in
                let answer = try await self.start(1, "env > <LOG_DIR>/env", on: node)
                #expect(answer.servicesMetaData.isEmpty)
                #expect(try await node.end(of: 1).exitStatus == 0)
                #expect(node.log(1, "env")?.contains("NM_AUX_SERVICE") == false)
            }
        }
    }

    @Test func `what an executor left is served until the application ends`() async throws {
        try await self.withServingNode { node in
            let port = try self.port(try await self.start(1, "true", on: node))
            #expect(try await self.status(port) == 404)
            #expect(try await node.end(of: 1).exitStatus == 0)
            try self.handOver(node)
            let answer = try await ShuffleFixture.get(Self.path, port: port, password: Self.password)
            #expect(try ShuffleFixture.parts(answer.bytes) == [.init(0, [ShuffleBytes.frame("kept")])])
            #expect(try await self.status(port, password: [1]) == 403)
            node.resourceManager.order { $0.applicationsToCleanup = [TestNode.application.proto] }
            let folder = self.applicationFolder(node)
            try await eventually { unsafe access(folder, F_OK) != 0 }
            #expect(try await self.status(port) == 403)
        }
    }

    @Test func `a container cannot bring another application's secret`() async throws {
        try await self.withServingNode { node in
            let other = ApplicationID(clusterTimestamp: TestResourceManager.identifier, number: 8)
            let port = try self.port(try await self.start(1, "true", on: node, application: other))
            #expect(try await node.end(of: 1).exitStatus == 0)
            let path = ShuffleFixture.path(other, mapTask: 0)
            #expect(try await ShuffleFixture.get(path, port: port, password: Self.password).status == 403)
            #expect(try await self.status(port) == 403)
        }
    }

    @Test func `a restarted NodeManager serves on for an application of which no container is left`() async throws {
        let properties = Self.serving.merging(Self.surviving) { $1 }
        let first = try await TestNode(properties)
        _ = try await self.start(1, "true", on: first)
        _ = try await first.end(of: 1)
        try self.handOver(first)
        first.resourceManager.order { $0.containersToBeRemovedFromNm = [TestNode.container(1).proto] }
        try await eventually { directoryEntries("\(first.folder)/recovery/containers").isEmpty }
        let stored = "\(first.folder)/recovery/shuffle/\(TestNode.application).json"
        let mode = try FileManager.default.attributesOfItem(atPath: stored)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try await first.stop(keepsFolder: true)

        let port = lastingPort()
        let second = try await TestNode(
            properties.merging(["heddle.shuffle.port": "\(port)"]) { $1 },
            folder: first.folder
        )
        let registration = try #require(second.resourceManager.read { $0.registrations.first })
        #expect(registration.runningApplications == [TestNode.application.proto])
        #expect(try await self.status(port) == 200)
        second.resourceManager.order { $0.applicationsToCleanup = [TestNode.application.proto] }
        let folder = self.applicationFolder(first)
        try await eventually { unsafe access(folder, F_OK) != 0 }
        #expect(try await self.status(port) == 403)
        #expect(unsafe access(stored, F_OK) != 0)
        try await second.stop()
    }

    @Test func `a NodeManager that stops closes the port`() async throws {
        let port = lastingPort()
        let node = try await TestNode(Self.serving.merging(["heddle.shuffle.port": "\(port)"]) { $1 })
        _ = try await self.start(1, "true", on: node)
        #expect(try await self.status(port) == 404)
        try await node.stop()
        await #expect(throws: (any Error).self) { try await self.status(port) }
    }

    @Test func `a NodeManager whose port is taken does not start and says which key it was`() async throws {
        try await self.withServingNode { node in
            let port = try self.port(try await self.start(1, "true", on: node))
            let folder = try ContainerFixture.makeFolder()
            defer { ContainerFixture.remove(folder) }
            let failure = await #expect(throws: ShufflePortFailure.self) {
                _ = try await TestNode(Self.serving.merging(["heddle.shuffle.port": "\(port)"]) { $1 }, folder: folder)
            }
            #expect("\(try #require(failure))".contains("(heddle.shuffle.port)"))
        }
    }
}
