import ClusterModel
import Foundation
import Glibc
import HadoopProtos
import HadoopRPC
import ModelConversion
import NodeManagerCore
import SwiftProtobuf
import TestSupport
import Testing

@testable import NodeManager

/// One NodeManager after another on the same folders. The first leaves its containers running, as one does that was
/// killed.
@Suite(.timeLimit(.minutes(3))) struct RecoveryTests {
    private static let surviving = [
        "yarn.nodemanager.recovery.enabled": "true", "yarn.nodemanager.recovery.supervised": "true",
    ]

    private func abandonedNode(_ script: String) async throws -> TestNode {
        let node = try await TestNode(Self.surviving)
        try await node.start([node.request(1, ["echo \\$\\$ > <LOG_DIR>/process; \(script)"])])
        try await eventually { number(in: "\(node.logDirectory(1))/process") != nil }
        try await eventually { node.daemon.snapshot.containers.first?.state == .running }
        try await node.stop(keepsFolder: true)
        return node
    }

    @Test func `a running container is adopted, can be asked for, and its end is reported`() async throws {
        let first = try await self.abandonedNode(
            "while [ ! -e <LOG_DIR>/go ]; do sleep 0.02; done; exit 23"
        )
        let process = try #require(number(in: "\(first.logDirectory(1))/process"))
        #expect(isAlive(process))
        let port = Int(first.daemon.node.id.port)
        let second = try await TestNode(Self.surviving, folder: first.folder, port: port)
        let registration = try #require(second.resourceManager.read { $0.registrations.first })
        #expect(registration.containerStatuses.map(\.containerID) == [TestNode.container(1).proto])
        #expect(registration.containerStatuses.first?.containerState == .cRunning)
        var call = GetContainerStatusesRequestProto()
        call.containerID = [TestNode.container(1).proto]
        let answer = try await second.client.call(
            "getContainerStatuses",
            call,
            returning: GetContainerStatusesResponseProto.self,
            on: second.target()
        )
        #expect(answer.status.first?.state == .cRunning)
        try ContainerFixture.write("", to: "\(first.logDirectory(1))/go")
        #expect(try await second.end(of: 1).exitStatus == 23)
        try await second.stop()
        #expect(!isAlive(process))
    }

    @Test func `a container that ended meanwhile is reported with its exit code`() async throws {
        let first = try await self.abandonedNode("while [ ! -e <LOG_DIR>/go ]; do sleep 0.02; done; exit 24")
        let process = try #require(number(in: "\(first.logDirectory(1))/process"))
        try ContainerFixture.write("", to: "\(first.logDirectory(1))/go")
        try await eventually { !isAlive(process) }
        let second = try await TestNode(
            Self.surviving,
            folder: first.folder,
            port: Int(first.daemon.node.id.port)
        )
        #expect(try await second.end(of: 1).exitStatus == 24)
        second.resourceManager.order { $0.containersToBeRemovedFromNm = [TestNode.container(1).proto] }
        try await eventually { directoryEntries("\(first.folder)/recovery/containers").isEmpty }
        try await second.stop()
    }

    @Test func `an end that was reported is known after a restart, also below half a line of a full disk`() async throws
    {
        let first = try await TestNode(Self.surviving)
        #expect(try await first.run(1, "exit 25").exitStatus == 25)
        try await first.stop(keepsFolder: true)
        let path = "\(first.folder)/recovery/containers/\(TestNode.container(1)).json"
        let record = try #require(ContainerFixture.read(path))
        #expect(record.split(separator: "\n").count == 2)
        try ContainerFixture.write(record + "\n{\"completed\":{\"exitStatus\":9", to: path)
        let second = try await TestNode(Self.surviving, folder: first.folder, port: Int(first.daemon.node.id.port))
        let status = try #require(second.resourceManager.read { $0.registrations.first?.containerStatuses.first })
        #expect(status.containerExitStatus == 25)
        try await second.stop()
    }

    @Test func `an adopted container can be stopped`() async throws {
        let first = try await self.abandonedNode("trap '' TERM; while true; do sleep 0.05; done")
        let process = try #require(number(in: "\(first.logDirectory(1))/process"))
        let second = try await TestNode(
            Self.surviving,
            folder: first.folder,
            port: Int(first.daemon.node.id.port)
        )
        _ = try await second.stopContainers([1])
        #expect(try await second.end(of: 1).exitStatus == ContainerExitStatus.killedByApplicationMaster.code)
        #expect(!isAlive(process))
        try await second.stop()
    }

    @Test func `without recovery what the predecessor left is ended and its folders are emptied`() async throws {
        let first = try await self.abandonedNode("(setsid sleep 1000 &); sleep 1000")
        let process = try #require(number(in: "\(first.logDirectory(1))/process"))
        let second = try await TestNode(folder: first.folder)
        #expect(!isAlive(process))
        #expect(second.resourceManager.read { $0.registrations.first?.containerStatuses.isEmpty } == true)
        #expect(directoryEntries("\(first.folder)/local/usercache").isEmpty)
        #expect(directoryEntries("\(first.folder)/local/nmPrivate").isEmpty)
        #expect(second.log(1, "process") != nil)
        try await second.stop()
    }

    @Test func `nobody else may read what it stores`() async throws {
        let node = try await TestNode(Self.surviving)
        try await node.start([node.request(1, ["sleep 1000"])])
        try await eventually { node.daemon.snapshot.containers.first?.state == .running }
        let folder = "\(node.folder)/recovery"
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
        #expect(names.contains("node.json") && names.contains("containers/\(TestNode.container(1)).json"))
        for name in names + [""] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            let mode = try #require(attributes[.posixPermissions] as? Int)
            #expect(mode & 0o077 == 0, "\(name) has \(String(mode, radix: 8))")
        }
        _ = try await node.stopContainers([1])
        _ = try await node.end(of: 1)
        try await node.stop()
    }

    @Test func `records that cannot be read are left out`() async throws {
        let folder = try ContainerFixture.makeFolder()
        for name in ["", "/recovery", "/recovery/containers", "/recovery/resources"] {
            _ = unsafe mkdir(folder + name, 0o700)
        }
        let broken = "\(folder)/recovery/containers/\(TestNode.container(1)).json"
        try ContainerFixture.write("{\"version\":", to: broken)
        try ContainerFixture.write("x", to: "\(folder)/recovery/containers/no-id.json")
        try ContainerFixture.write("x", to: "\(folder)/recovery/resources/1.json")
        let node = try await TestNode(Self.surviving, folder: folder)
        #expect(node.resourceManager.read { $0.registrations.first?.containerStatuses.isEmpty } == true)
        #expect(try await node.run(2, "exit 0").exitStatus == 0)
        try await node.stop()
    }

    @Test(arguments: ["{\"version\":", nil])
    func `a container without a record that can be read is ended, since nothing else would end it`(
        record: String?
    ) async throws {
        let first = try await self.abandonedNode("(setsid sleep 1000 &); sleep 1000")
        let process = try #require(number(in: "\(first.logDirectory(1))/process"))
        let path = "\(first.folder)/recovery/containers/\(TestNode.container(1)).json"
        try FileManager.default.removeItem(atPath: path)
        if let record { try ContainerFixture.write(record, to: path) }
        let second = try await TestNode(Self.surviving, folder: first.folder, port: Int(first.daemon.node.id.port))
        #expect(!isAlive(process))
        #expect(second.resourceManager.read { $0.registrations.first?.containerStatuses.isEmpty } == true)
        #expect(directoryEntries("\(first.folder)/local/nmPrivate").isEmpty)
        try await second.stop()
    }

    @Test func `what an earlier NodeManager set aside is deleted, with recovery and without`() async throws {
        for properties in [Self.surviving, [:]] {
            let folder = try ContainerFixture.makeFolder()
            let local = "\(folder)/local"
            try FileManager.default.createDirectory(atPath: "\(local)/deleted/1/a", withIntermediateDirectories: true)
            try ContainerFixture.write("x", to: "\(local)/deleted/1/a/file")
            let node = try await TestNode(properties, folder: folder)
            try await eventually { !directoryEntries(local).contains("deleted") }
            try await node.stop()
        }
    }

    @Test func `work that does not end is waited for no longer than said`() async {
        let (work, goOn) = (OutstandingWork(), FirstEvent<Void>())
        work.start { await goOn.value }
        #expect(!(await work.wait(atMost: .milliseconds(1))))
        goOn.happen(())
        #expect(await work.wait(atMost: .seconds(60)))
    }

    @Test func `what this build does not know of a request is stored with it`() async throws {
        let node = try await TestNode(Self.surviving)
        var request = node.request(1, ["sleep 1000"])
        // Field 4000 of the launch context, as a later client may send it.
        var context: [UInt8] = try request.containerLaunchContext.serializedBytes()
        context += [0x82, 0xFA, 0x01, 0x03, 0x6E, 0x65, 0x77]
        request.containerLaunchContext = try ContainerLaunchContextProto(serializedBytes: context)
        try await node.start([request])
        let path = "\(node.folder)/recovery/containers/\(TestNode.container(1)).json"
        let text = try #require(ContainerFixture.read(path))
        let stored = try JSONDecoder().decode(StoredContainer.self, from: Data(text.utf8))
        let read = try StartContainerRequestProto(serializedBytes: stored.request)
        let bytes: [UInt8] = try read.containerLaunchContext.serializedBytes()
        #expect(bytes.suffix(7) == [0x82, 0xFA, 0x01, 0x03, 0x6E, 0x65, 0x77])
        _ = try await node.stopContainers([1])
        _ = try await node.end(of: 1)
        try await node.stop()
    }
}
