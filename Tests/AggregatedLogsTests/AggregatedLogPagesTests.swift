import AggregatedLogs
import ClusterModel
import Foundation
import HadoopConfig
import HadoopHTTP
import HadoopWire
import Logging
import NIOHTTP1
import NIOPosix
import Settings
import Staging
import TestSupport
import Testing

/// Aggregated logs in a folder of this machine, and a web port that shows them.
@Suite struct AggregatedLogPagesTests {
    private static let application = ApplicationID(clusterTimestamp: 1_795_444_560_522, number: 8)
    private static func container(_ number: Int64) -> ContainerID {
        ContainerID(
            attempt: ApplicationAttemptID(application: application, number: 1),
            epoch: 0,
            sequence: number
        )
    }

    private struct Fixture {
        let root: URL
        let archive: LogArchive

        init() throws {
            self.root = FileManager.default.temporaryDirectory.appending(path: "heddle-archive-\(UUID().uuidString)")
            let site = """
                <configuration><property><name>yarn.nodemanager.remote-app-log-dir</name>
                <value>file://\(self.root.path)</value></property></configuration>
                """
            try FileManager.default.createDirectory(at: self.root, withIntermediateDirectories: true)
            try Data(site.utf8).write(to: self.root.appending(path: "yarn-site.xml"))
            let configuration = try Configuration.load(
                commandLineDirectory: self.root.path,
                environment: ConfigurationEnvironment()
            )
            self.archive = try LogArchive(
                try LogAggregationSettings(configuration),
                transfers: Transfers(try TransferLimits(configuration))
            )
        }

        func remove() { try? FileManager.default.removeItem(at: self.root) }

        /// Puts a node's file into the application's folder.
        func put(_ name: String, owner: String = "alice", _ logs: [(ContainerID, String, String)]) throws {
            var writer = AggregatedLogWriter(owner: owner, accessLists: [(name: "VIEW_APP", list: "bob")])
            for (container, file, text) in logs {
                writer.beginContainer(container.description)
                writer.beginFile(file, length: Int64(text.utf8.count))
                writer.append(Array(text.utf8))
                writer.endContainer()
            }
            writer.finish()
            let folder = URL(
                fileURLWithPath: self.archive.folder(of: AggregatedLogPagesTests.application, owner: owner).path
            )
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(writer.takeOutput()).write(to: folder.appending(path: name))
        }

        func serve(
            isEnabled: Bool = true,
            nodePage: @escaping @Sendable (NodeID, ContainerID, String) -> String? = { _, _, _ in nil },
            _ body: (_ port: Int) async throws -> Void
        ) async throws {
            var routes = WebRoutes()
            AggregatedLogPages(
                archive: self.archive,
                viewers: LogViewers(processUser: "yarn") {
                    ApplicationAccessRules(isEnabled: isEnabled, administrators: "admin")
                },
                navigation: [],
                nodePage: nodePage
            )
            .addRoutes(to: &routes)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let front = WebFront(routes: routes, hosts: HostGuard(names: []), logger: logger)
            let server = try await HTTPServer.start(
                host: "127.0.0.1",
                port: 0,
                group: MultiThreadedEventLoopGroup.singleton,
                logger: logger
            ) { await front.answer($0) }
            do {
                try await body(server.port)
            } catch {
                try? await server.stop()
                throw error
            }
            try await server.stop()
        }
    }

    private static func with(_ body: (Fixture) async throws -> Void) async throws {
        let fixture = try Fixture()
        defer { fixture.remove() }
        try await body(fixture)
    }

    private static func path(_ number: Int64, file: String? = nil, owner: String = "alice") -> String {
        AggregatedLogPages.location(
            below: AggregatedLogPages.path,
            node: "n1:8041",
            container: Self.container(number),
            user: owner,
            file: file
        )
    }

    @Test
    func `a container's logs are listed, shown from their end, and downloaded whole`() async throws {
        try await Self.with { fixture in
            let long = (0..<300_000).map { "line \($0) <&>\n" }.joined()
            try fixture.put("n1_8041", [(Self.container(1), "stdout", long), (Self.container(2), "stderr", "other")])
            try fixture.put("n11_8041", [(Self.container(1), "stray", "of another node")])
            try fixture.put("n1_8041.tmp", [(Self.container(1), "stray", "not whole yet")])
            try await fixture.serve(isEnabled: false) { port in
                let listing = try await WebClient.call("GET", Self.path(1), port: port)
                #expect(listing.status == 200)
                #expect(listing.body.contains("line 299999 &lt;&amp;&gt;") && !listing.body.contains("line 5 &lt;"))
                #expect(listing.body.contains("Showing 4096 of \(long.utf8.count) bytes"))
                #expect(!listing.body.contains("stray") && !listing.body.contains("stderr"))
                let part = try await WebClient.call("GET", Self.path(1, file: "stdout") + "?start=0&end=18", port: port)
                #expect(part.body.contains("<pre>line 0 &lt;&amp;&gt;\nline 1 </pre>"))
                let whole = try await WebClient.call(
                    "GET",
                    Self.path(1, file: "stdout") + "?format=octet-stream",
                    port: port
                )
                #expect(whole.body == long)
                #expect(whole.headers["Content-Length"] == ["\(long.utf8.count)"])
                #expect(
                    whole.headers["Content-Disposition"].first?
                        .hasPrefix("attachment; filename=\"\(Self.container(1))-stdout\"") == true
                )
            }
        }
    }

    @Test
    func `of a log that came in several files each is shown, and the download has all in their order`() async throws {
        try await Self.with { fixture in
            for (time, text) in [(1_000, "b\n"), (999, "a\n"), (20_000, "c\n")] {
                try fixture.put("n1_8041_\(time)", [(Self.container(1), "stdout", text)])
            }
            try await fixture.serve(isEnabled: false) { port in
                let file = Self.path(1, file: "stdout")
                let page = try await WebClient.call("GET", file, port: port).body
                #expect(page.components(separatedBy: "<h2>Uploaded ").count == 4)
                let whole = try await WebClient.call("GET", "\(file)?format=octet-stream", port: port)
                #expect(whole.body == "a\nb\nc\n")
            }
        }
    }

    @Test
    func `owner, viewers and administrators see the logs, as their file says`() async throws {
        try await Self.with { fixture in
            try fixture.put("n1_8041", [(Self.container(1), "stdout", "secret")])
            // A folder of mallory's does not make the logs mallory's.
            try fixture.put("n1_8041", owner: "mallory", [(Self.container(2), "stdout", "own")])
            try await fixture.serve { port in
                for path in [Self.path(1), Self.path(1, file: "stdout"), Self.path(1, file: "absent")] {
                    for user in ["alice", "bob", "admin", "yarn"] {
                        let answer = try await WebClient.call("GET", "\(path)?user.name=\(user)", port: port)
                        #expect(answer.status == (path.hasSuffix("absent") ? 404 : 200), "\(user)")
                    }
                    for user in ["mallory", "dr.who"] {
                        let answer = try await WebClient.call("GET", "\(path)?user.name=\(user)", port: port)
                        #expect(answer.status == 403 && !answer.body.contains("secret"), "\(user)")
                        #expect(
                            answer.body.contains(
                                "User [\(user)] is not authorized to view the logs for \(Self.container(1)) in log file "
                                    + "[n1_8041]"
                            )
                        )
                    }
                }
                let stolen = Self.path(1, owner: "mallory")
                #expect(try await WebClient.call("GET", "\(stolen)?user.name=mallory", port: port).status == 404)
            }
        }
    }

    @Test
    func `what is not there, cannot be read or is no request says so`() async throws {
        try await Self.with { fixture in
            try fixture.put("n1_8041", [(Self.container(1), "stdout", "text")])
            let node = "http://n1:8042/node/containerlogs/x/alice"
            try await fixture.serve(isEnabled: false, nodePage: { _, _, _ in node }) { port in
                let cases: [(String, Int, String)] = [
                    (Self.path(1, file: "absent"), 404, "There is no aggregated log absent"),
                    (Self.path(2), 404, "No logs available for container"),
                    (Self.path(1, owner: "carol"), 404, "href=\"\(node)\""),
                    (Self.path(1) + "?start.time=5&end.time=9", 404, "Logs not available"),
                    (Self.path(1) + "?start.time=9&end.time=5", 400, "it lies before start.time"),
                    (Self.path(1) + "?start=x", 400, "Invalid log start value: x"),
                    ("/jobhistory/logs/n1/\(Self.container(1))/e/alice", 400, "Invalid node: n1"),
                    ("/jobhistory/logs/n1:1/container_x/e/alice", 400, "Invalid container ID: container_x"),
                    ("/jobhistory/logs/n1:8041/\(Self.container(1))/e/..%2Falice", 400, ""),
                ]
                for (path, status, said) in cases {
                    let answer = try await WebClient.call("GET", path, port: port)
                    #expect(answer.status == status, "\(path)")
                    #expect(said.isEmpty || answer.body.contains(said), "\(path)")
                }
                let folder = fixture.archive.folder(of: Self.application, owner: "alice").path
                try Data("no aggregated log".utf8).write(to: URL(fileURLWithPath: "\(folder)/n1_8041"))
                let damaged = try await WebClient.call("GET", Self.path(1), port: port)
                #expect(damaged.status == 502 && !damaged.body.contains(folder))
                #expect(damaged.body.contains("cannot be shown: it is not an aggregated log file"), "\(damaged.body)")
            }
        }
    }

    @Test
    func `the only user with a folder of an application is its owner`() async throws {
        try await Self.with { fixture in
            let none = try fixture.archive.owner(of: Self.application, as: "alice")
            #expect(none == nil)
            try fixture.put("n1_8041", [(Self.container(1), "stdout", "text")])
            #expect(try fixture.archive.owner(of: Self.application, as: "x") == "alice")
            try fixture.put("n1_8041", owner: "bob", [(Self.container(1), "stdout", "text")])
            let two = try fixture.archive.owner(of: Self.application, as: "x")
            #expect(two == nil)
            fixture.remove()
            let gone = try fixture.archive.owner(of: Self.application, as: "x")
            #expect(gone == nil)
        }
    }
}
