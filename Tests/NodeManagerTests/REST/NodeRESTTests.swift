import ClusterModel
import Foundation
import HadoopConfig
import HadoopHTTP
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NodeManager
import NodeManagerCore
import TestSupport
import Testing

@Suite struct NodeRESTTests {
    private static let application = ApplicationID(clusterTimestamp: 1_795_444_560_522, number: 8)
    private static func container(_ sequence: Int64) -> ContainerID {
        ContainerID(
            attempt: ApplicationAttemptID(application: Self.application, number: 1),
            epoch: 0,
            sequence: sequence
        )
    }

    private static func node(logDirectory: String) -> NodeView {
        NodeManagerCore(
            settings: NodeManagerSettings(
                capability: ResourceVector(memoryMiB: 16_384, vcores: 16),
                localDirectories: [logDirectory],
                logDirectories: [logDirectory]
            ),
            node: NodeIdentity(
                id: NodeID(host: "localhost", port: 45_454),
                httpPort: 8_042,
                startedAt: Timestamp(milliseconds: 1_795_444_561_662)
            )
        )
        .view
    }

    private static func view(_ container: ContainerID, logDirectory: String) -> NodeContainerView {
        NodeContainerView(
            id: container,
            user: "root",
            state: .running,
            exitStatus: .invalid,
            diagnostics: "",
            resource: ResourceVector(memoryMiB: 1_024, vcores: 1),
            executionType: .guaranteed,
            logDirectories: [logDirectory],
            isApplicationMaster: container.sequence == 1
        )
    }

    private static let logFiles = [
        "launch_container.sh", "prelaunch.err", "stderr", "directory.info", "prelaunch.out", "stdout",
    ]

    // MARK: Bodies

    private static func json(_ root: String, _ content: RESTObject) -> String {
        String(decoding: RESTDocument(root, content).json(), as: UTF8.self)
    }

    @Test func `applications and containers read as Apache's, byte by byte`() throws {
        let containers = (1...3).map { Self.container($0) }
        let application = NodeApplicationView(
            id: Self.application,
            user: "root",
            state: .running,
            containers: containers
        )
        #expect(Self.json("app", application.rest()) == (try Golden.text("nm_app.json")))
        let presentation = NodePresentation(node: Self.node(logDirectory: "/"), webAddress: "127.0.0.1:8042")
        let all = containers.map {
            Self.view($0, logDirectory: "/").rest(presentation, logFiles: Self.logFiles)
        }
        #expect(Self.json("container", all[0]) == (try Golden.text("nm_container.json")))
        var list = RESTObject()
        list.add("container", all)
        #expect(Self.json("containers", list) == (try Golden.text("nm_containers.json")))
        #expect(Self.json("containers", RESTObject()) == (try Golden.text("nm_containers_empty.json")))
    }

    @Test func `a log listing reads as Apache's, byte by byte`() throws {
        let sizes: [Int64] = [5_375, 0, 6_050, 2_988, 100, 0]
        let files = zip(Self.logFiles, sizes).map { name, size in
            ContainerLogs.File(
                name: name,
                size: size,
                modified: name == "stderr" ? 1_795_444_953_000 : 1_795_444_938_000
            )
        }
        let listing = ContainerLogs.rest(
            files,
            container: Self.container(1),
            node: NodeID(host: "localhost", port: 45_454)
        )
        #expect(Self.json("containerLogsInfo", listing) == (try Golden.text("nm_container_logs.json")))
    }

    @Test func `the node's own answer has Apache's members in Apache's order`() throws {
        let presentation = NodePresentation(node: Self.node(logDirectory: "/"), webAddress: "127.0.0.1:8042")
        let names = presentation.rest().members.map(\.name)
        let golden = try Golden.text("nm_info.json")
        var rest = golden[...]
        for name in names {
            let range = try #require(rest.firstRange(of: "\"\(name)\":"), "\(name) is missing or out of order")
            rest = rest[range.upperBound...]
        }
        #expect(golden.split(separator: "\":").count - 2 == names.count)
    }

    // MARK: Over the port

    private static func withServer(
        _ body: (_ port: Int, _ logDirectory: URL) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "heddle-logs-\(UUID().uuidString)")
        let logs = folder.appending(path: "\(Self.application)/\(Self.container(1))")
        try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let snapshot = NodeSnapshot(node: Self.node(logDirectory: folder.path))
        snapshot.apply([.container(Self.view(Self.container(1), logDirectory: folder.path))])
        let server = try await NodeManagerHTTPServer.start(
            host: "127.0.0.1",
            port: 0,
            advertisedHost: "localhost",
            snapshot: snapshot,
            configuration: Configuration(environment: ConfigurationEnvironment()),
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test")
        )
        do {
            try await body(server.port, logs)
        } catch {
            try? await server.stop()
            throw error
        }
        try await server.stop()
    }

    private static func get(_ path: String, port: Int) async throws -> WebClient.Answer {
        try await WebClient.call("GET", path, port: port)
    }

    @Test(
        arguments: [
            ("/ws/v1/node/containers/container_1_0001_01_000001", "nm_err_container_unknown.json", 404),
            ("/ws/v1/node/apps/application_1_0001", "nm_err_app_unknown.json", 404),
            ("/ws/v1/node/containers/foo", "nm_err_container_bad.json", 400),
        ]
    )
    func `errors are Apache's, byte by byte`(path: String, golden: String, status: Int) async throws {
        try await Self.withServer { port, _ in
            let answer = try await Self.get(path, port: port)
            #expect(answer.status == status)
            #expect(answer.body == (try Golden.text(golden)))
        }
    }

    @Test func `log files are handed out whole, from the end, and as pages`() async throws {
        try await Self.withServer { port, logs in
            let text = (0..<2_000).map { "line \($0) <&>\n" }.joined()
            try Data(text.utf8).write(to: logs.appending(path: "stderr"))
            let id = Self.container(1)
            for base in ["/ws/v1/node/containerlogs/\(id)", "/ws/v1/node/containers/\(id)/logs"] {
                #expect(try await Self.get("\(base)/stderr", port: port).body == text)
                #expect(try await Self.get("\(base)/stderr?size=6", port: port).body == "line 0")
                #expect(try await Self.get("\(base)/stderr?size=-14", port: port).body == "line 1999 <&>\n")
                #expect(try await Self.get("\(base)/stderr?size=-99999999", port: port).body == text)
                #expect(try await Self.get("\(base)/stderr?size=x", port: port).status == 400)
                #expect(try await Self.get("\(base)/stderr?format=pdf", port: port).status == 400)
            }
            let page = "/node/containerlogs/\(id)/root"
            #expect(try await Self.get(page, port: port).body.contains("\(page)/stderr/?start=-4096"))
            let tail = try await Self.get("\(page)/stderr/?start=-4096", port: port)
            #expect(tail.status == 200)
            #expect(tail.body.contains("line 1999 &lt;&amp;&gt;") && !tail.body.contains("line 5 "))
            #expect(tail.body.contains("Showing 4096 of \(text.utf8.count) bytes"))
            let whole = try await Self.get("\(page)/stderr?start=0", port: port)
            #expect(whole.body.contains("line 5 &lt;&amp;&gt;") && !whole.body.contains("<&>"))
        }
    }

    @Test func `nothing but a container's own regular files is ever read`() async throws {
        try await Self.withServer { port, logs in
            let secret = logs.deletingLastPathComponent().appending(path: "secret")
            try Data("secret".utf8).write(to: secret)
            let manager = FileManager.default
            try manager.createSymbolicLink(at: logs.appending(path: "link"), withDestinationURL: secret)
            try manager.createDirectory(at: logs.appending(path: "folder"), withIntermediateDirectories: true)
            let pipe = logs.appending(path: "pipe").path
            #expect(unsafe mkfifo(pipe, 0o600) == 0)
            // A second container's folder is a link to the first's parent.
            let other = logs.deletingLastPathComponent().appending(path: "\(Self.container(2))")
            try manager.createSymbolicLink(at: other, withDestinationURL: logs.deletingLastPathComponent())
            let id = Self.container(1)
            for path in [
                "\(id)/link", "\(id)/folder", "\(id)/pipe", "\(id)/absent", "\(id)/..", "\(id)/%2e%2e",
                "\(id)/..%2Fsecret",
                "\(id)/%00", "\(Self.container(2))/secret", "\(id)/" + String(repeating: "a", count: 300),
            ] {
                let raw = try await Self.get("/ws/v1/node/containerlogs/\(path)", port: port)
                #expect([400, 404].contains(raw.status), "\(path)")
                #expect(!raw.body.contains("secret\n") && raw.body != "secret", "\(path)")
            }
            let listing = try await Self.get("/ws/v1/node/containers/\(id)/logs", port: port).body
            for name in ["link", "folder", "pipe"] { #expect(!listing.contains("\"fileName\":\"\(name)\"")) }
            #expect(try await Self.get("/ws/v1/node/containerlogs/..%2f..%2fetc/passwd", port: port).status == 400)
        }
    }

    @Test func `the pages of the node answer, and refuse foreign hosts`() async throws {
        try await Self.withServer { port, _ in
            for path in [
                "/node", "/node/allApplications", "/node/allContainers", "/node/container/\(Self.container(1))",
            ] {
                #expect(try await Self.get(path, port: port).status == 200, "\(path)")
            }
            let foreign = try await WebClient.call("GET", "/node", port: port, headers: [("Host", "evil.example")])
            #expect(foreign.status == 403)
            #expect(try await WebClient.call("PUT", "/ws/v1/node/info", port: port).status == 405)
        }
    }
}
