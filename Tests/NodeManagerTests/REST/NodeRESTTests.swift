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
        let presentation = NodePresentation(node: NodeFixture.node(logDirectory: "/"), webAddress: "127.0.0.1:8042")
        let all = containers.map {
            NodeFixture.view($0).rest(presentation, logFiles: Self.logFiles)
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
        let presentation = NodePresentation(node: NodeFixture.node(logDirectory: "/"), webAddress: "127.0.0.1:8042")
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
        let snapshot = NodeSnapshot(node: NodeFixture.node(logDirectory: folder.path))
        snapshot.apply([.container(NodeFixture.view(Self.container(1)))])
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

    @Test func `every address of the node's REST is known`() async throws {
        try await Self.withServer { port, logs in
            try Data("text".utf8).write(to: logs.appending(path: "stderr"))
            let id = Self.container(1)
            for (path, text) in [
                ("", "\"nodeInfo\""), ("/info", "\"nodeInfo\""), ("/apps", "\"apps\""), ("/containers", "\"\(id)\""),
                ("/containers/\(id)", "\"\(id)\""), ("/containers/\(id)/logs", "\"stderr\""),
            ] {
                let answer = try await Self.get("/ws/v1/node\(path)", port: port)
                #expect(answer.status == 200, "\(path)")
                #expect(answer.body.contains(text), "\(path): \(answer.body)")
            }
        }
    }

    @Test func `log files are handed out whole, from the end, and as pages`() async throws {
        try await Self.withServer { port, logs in
            let text = (0..<2_000).map { "line \($0) <&>\n" }.joined()
            try Data(text.utf8).write(to: logs.appending(path: "stderr"))
            let id = Self.container(1)
            for base in ["/ws/v1/node/containerlogs/\(id)", "/ws/v1/node/containers/\(id)/logs"] {
                let raw = "\(base)/stderr?format=octet-stream"
                #expect(try await Self.get(raw, port: port).body == text)
                #expect(try await Self.get("\(raw)&size=6", port: port).body == "line 0")
                #expect(try await Self.get("\(raw)&size=-14", port: port).body == "line 1999 <&>\n")
                #expect(try await Self.get("\(raw)&size=-99999999", port: port).body == text)
                #expect(try await Self.get("\(raw)&size=-9223372036854775808", port: port).body == text)
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

    @Test func `as text a log stands between Hadoop's own lines`() async throws {
        try await Self.withServer { port, logs in
            try Data("one\ntwo\n".utf8).write(to: logs.appending(path: "stdout"))
            try Data().write(to: logs.appending(path: "empty"))
            let id = Self.container(1)
            let title = "Container: \(id) on localhost:45454"
            let rule = String(repeating: "=", count: title.utf8.count)
            for (query, content) in [("", "one\ntwo\n"), ("?format=text&size=3", "one"), ("?size=-4", "two\n")] {
                let answer = try await Self.get("/ws/v1/node/containers/\(id)/logs/stdout\(query)", port: port)
                #expect(answer.headers["Content-Type"] == ["text/plain; charset=utf-8"])
                #expect(answer.headers["Content-Disposition"].isEmpty)
                let lines = answer.body.split(separator: "\n", omittingEmptySubsequences: false)
                #expect(lines.prefix(4) == [title[...], "LogAggregationType: LOCAL", rule[...], "LogType:stdout"])
                #expect(lines[4].hasPrefix("LogLastModifiedTime:"))
                #expect(lines[5...6] == ["LogLength:8", "LogContents:"])
                let end = "End of LogType:stdout"
                #expect(
                    answer.body.hasSuffix(
                        "LogContents:\n\(content)\(end).This log file belongs to a running container (\(id)) and so may "
                            + "not be complete.\n\(String(repeating: "*", count: end.utf8.count + 50))\n\n"
                    )
                )
            }
            let empty = try await Self.get("/ws/v1/node/containers/\(id)/logs/empty", port: port)
            #expect(empty.body.hasPrefix("End of LogType:empty.This"))
            let absent = try await Self.get("/ws/v1/node/containers/\(id)/logs/absent", port: port)
            #expect(absent.status == 404 && absent.body == "Cannot find this log on the local disk.")
        }
    }

    @Test func `a download has a name, and any part of it can be asked for`() async throws {
        try await Self.withServer { port, logs in
            try Data("0123456789".utf8).write(to: logs.appending(path: "größe \"1\""))
            let id = Self.container(1)
            let path = "/ws/v1/node/containerlogs/\(id)/gr%C3%B6%C3%9Fe%20%221%22?format=octet-stream"
            let whole = try await Self.get(path, port: port)
            #expect(whole.headers["Content-Type"] == ["application/octet-stream; charset=utf-8"])
            #expect(whole.headers["Accept-Ranges"] == ["bytes"])
            #expect(
                whole.headers["Content-Disposition"] == [
                    "attachment; filename=\"\(id)-gr__e__1_\"; "
                        + "filename*=UTF-8''\(id)-gr%C3%B6%C3%9Fe%20%221%22"
                ]
            )
            let parts: [(range: String, status: Int, body: String, said: String?)] = [
                ("bytes=0-3", 206, "0123", "bytes 0-3/10"), ("bytes=4-", 206, "456789", "bytes 4-9/10"),
                ("bytes=-2", 206, "89", "bytes 8-9/10"), ("bytes=-50", 206, "0123456789", "bytes 0-9/10"),
                ("bytes=8-99999999999999999999", 206, "89", "bytes 8-9/10"),
                ("bytes=10-", 416, "", "bytes */10"), ("bytes=-0", 416, "", "bytes */10"),
                ("bytes=5-2", 200, "0123456789", nil), ("bytes=0-1,4-5", 200, "0123456789", nil),
                ("lines=1-2", 200, "0123456789", nil), ("bytes=x-", 200, "0123456789", nil),
            ]
            for part in parts {
                let answer = try await WebClient.call("GET", path, port: port, headers: [("Range", part.range)])
                #expect(answer.status == part.status, "\(part.range)")
                #expect(answer.body == part.body, "\(part.range)")
                #expect(answer.headers["Content-Range"].first == part.said, "\(part.range)")
            }
            let last = try await WebClient.call(
                "GET",
                "\(path)&size=-6",
                port: port,
                headers: [("Range", "bytes=1-2")]
            )
            #expect(last.body == "56" && last.headers["Content-Range"] == ["bytes 1-2/6"])
        }
    }

    @Test func `a log that is followed loads itself again while its container runs`() async throws {
        try await Self.withServer { port, logs in
            try Data("text".utf8).write(to: logs.appending(path: "stdout"))
            let page = "/node/containerlogs/\(Self.container(1))/root/stdout/"
            let first = try await Self.get(page, port: port)
            #expect(first.headers["Refresh"].isEmpty && first.body.contains("\(page)?start=-4096&amp;refresh=5"))
            let followed = try await Self.get("\(page)?start=-4096&refresh=5", port: port)
            #expect(followed.headers["Refresh"] == ["5"] && followed.body.contains("Stop</a>"))
            for wrong in ["0", "-3", "3601"] {
                #expect(try await Self.get("\(page)?refresh=\(wrong)", port: port).headers["Refresh"].isEmpty)
            }
            #expect(try await Self.get("\(page)?refresh=x", port: port).status == 400)
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
