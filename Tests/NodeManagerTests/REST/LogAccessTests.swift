import ClusterModel
import Foundation
import HadoopConfig
import HadoopHTTP
import Logging
import NIOHTTP1
import NIOPosix
import NodeManager
import NodeManagerCore
import TestSupport
import Testing

/// Who may look at logs on a node whose access control is on.
@Suite struct LogAccessTests {
    private static let application = ApplicationID(clusterTimestamp: 1_795_444_560_522, number: 8)
    private static let container = ContainerID(
        attempt: ApplicationAttemptID(application: application, number: 1),
        epoch: 0,
        sequence: 1
    )

    /// An application of alice's, which lets bob look, with one log; `root` is the only administrator.
    private static func withServer(
        isEnabled: Bool = true,
        isKnown: Bool = true,
        filters: Bool = false,
        logServer: LogServer? = nil,
        _ body: (_ port: Int) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "heddle-access-\(UUID().uuidString)")
        let logs = folder.appending(path: "\(Self.application)/\(Self.container)")
        try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("secret of alice".utf8).write(to: logs.appending(path: "stderr"))
        let snapshot = NodeSnapshot(node: NodeFixture.node(logDirectory: folder.path))
        if isKnown {
            var container = NodeFixture.view(Self.container)
            container.user = "alice"
            container.diagnostics = "[tail of stderr] secret of alice"
            let application = NodeApplicationView(
                id: Self.application,
                user: "alice",
                state: .running,
                containers: [Self.container],
                viewers: "bob"
            )
            snapshot.apply([.container(container), .application(application)])
        }
        let server = try await NodeManagerHTTPServer.start(
            host: "127.0.0.1",
            port: 0,
            advertisedHost: "localhost",
            snapshot: snapshot,
            access: LogAccess(
                rules: ApplicationAccessRules(isEnabled: isEnabled, administrators: "root"),
                processUser: "yarn"
            ),
            filtersByUser: filters,
            logServer: logServer,
            configuration: Configuration(environment: ConfigurationEnvironment()),
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test")
        )
        do {
            try await body(server.port)
        } catch {
            try? await server.stop()
            throw error
        }
        try await server.stop()
    }

    private static let doors = [
        "/node/containerlogs/\(container)/alice", "/node/containerlogs/\(container)/alice/stderr?start=0",
        "/ws/v1/node/containers/\(container)/logs", "/ws/v1/node/containers/\(container)/logs/stderr",
        "/ws/v1/node/containerlogs/\(container)/stderr",
        "/ws/v1/node/containerlogs/\(container)/stderr?format=octet-stream",
    ]

    private static func path(_ door: String, as user: String?) -> String {
        guard let user else { return door }
        return door + (door.contains("?") ? "&" : "?") + "user.name=\(user)"
    }

    @Test(arguments: doors)
    func `owner, viewers and administrators come in, others get Hadoop's words`(door: String) async throws {
        try await Self.withServer { port in
            for user in ["alice", "bob", "root", "yarn"] {
                let answer = try await WebClient.call("GET", Self.path(door, as: user), port: port)
                #expect(answer.status == 200, "\(user)")
            }
            for user in ["mallory", "alice2", nil] as [String?] {
                let answer = try await WebClient.call("GET", Self.path(door, as: user), port: port)
                #expect(answer.status == 403)
                #expect(!answer.body.contains("secret") && !answer.body.contains("\"fileName\""))
                #expect(
                    answer.body.contains(
                        "User [\(user ?? "dr.who")] is not authorized to view the logs for application "
                            + "\(Self.application)"
                    )
                )
            }
            #expect(try await WebClient.call("GET", Self.path(door, as: "a/../b"), port: port).status == 400)
            let head = try await WebClient.call("HEAD", door, port: port)
            #expect(head.status == 403)
        }
    }

    @Test(arguments: doors)
    func `what an unknown application left is for administrators`(door: String) async throws {
        try await Self.withServer(isKnown: false) { port in
            #expect(try await WebClient.call("GET", Self.path(door, as: "root"), port: port).status == 200)
            for user in ["alice", "bob", nil] as [String?] {
                let answer = try await WebClient.call("GET", Self.path(door, as: user), port: port)
                #expect(answer.status == 404)
                #expect(answer.body.contains("Unknown container. Container either has not started"))
                #expect(!answer.body.contains("secret"))
            }
        }
    }

    @Test(arguments: doors)
    func `with access control off everybody may look`(door: String) async throws {
        try await Self.withServer(isEnabled: false) { port in
            let answer = try await WebClient.call("GET", door, port: port)
            #expect(answer.status == 200)
        }
    }

    @Test
    func `who asks for what is aggregated is sent on, past nobody's rights`() async throws {
        let server = LogServer(pages: "http://logs:1/base/", service: "http://logs:1/ws")
        let pages = "http://logs:1/base/localhost:45454/\(Self.container)/\(Self.container)/alice"
        // Nobody here knows whose the logs are, so their file is to say who may look.
        try await Self.withServer(isKnown: false, logServer: server) { port in
            let targets = [
                "\(pages)?user.name=bob", "\(pages)/stderr?start=0&user.name=bob",
                "http://logs:1/ws/containers/\(Self.container)/logs?user.name=bob&redirected_from_node=true",
                "http://logs:1/ws/containers/\(Self.container)/logs/stderr?user.name=bob&redirected_from_node=true",
                "http://logs:1/ws/containers/\(Self.container)/logs/stderr?user.name=bob&redirected_from_node=true",
                "http://logs:1/ws/containers/\(Self.container)/logs/stderr?format=octet-stream&user.name=bob"
                    + "&redirected_from_node=true",
            ]
            for (door, target) in zip(Self.doors, targets) {
                let answer = try await WebClient.call("GET", Self.path(door, as: "bob"), port: port)
                #expect(answer.status == 307 && answer.headers["Location"] == [target], "\(door)")
                #expect(try await WebClient.call("GET", Self.path(door, as: "root"), port: port).status == 200)
            }
        }
        try await Self.withServer(logServer: server) { port in
            func status(_ path: String) async throws -> Int {
                try await WebClient.call("GET", path, port: port).status
            }
            for door in Self.doors {
                let (own, other) = (
                    try await status(Self.path(door, as: "alice")), try await status(Self.path(door, as: "mallory"))
                )
                #expect(own == 200 && other == 403, "\(door)")
            }
            let remote = try await status("\(Self.doors[1])&log.aggregation.type=remote")
            #expect(remote == 307)
            // The folder is there, the file is not.
            let absent = try await status("/node/containerlogs/\(Self.container)/alice/absent?user.name=alice")
            #expect(absent == 404)
        }
    }

    @Test
    func `containers and their pages show a stranger neither names of logs nor the end of stderr`() async throws {
        try await Self.withServer { port in
            for door in [
                "/ws/v1/node/containers", "/ws/v1/node/containers/\(Self.container)",
                "/node/container/\(Self.container)",
            ] {
                let own = try await WebClient.call("GET", Self.path(door, as: "alice"), port: port)
                #expect(own.status == 200 && own.body.contains("secret"), "\(door)")
                let other = try await WebClient.call("GET", Self.path(door, as: "mallory"), port: port)
                #expect(other.status == 200 && other.body.contains(Self.container.description), "\(door)")
                #expect(!other.body.contains("secret") && !other.body.contains("stderr"), "\(door)")
            }
        }
    }

    @Test
    func `lists leave out what is another's where they are told to`() async throws {
        let lists = [
            "/ws/v1/node/containers", "/ws/v1/node/apps", "/node", "/node/allApplications", "/node/allContainers",
        ]
        for filters in [true, false] {
            try await Self.withServer(filters: filters) { port in
                for list in lists {
                    let own = try await WebClient.call("GET", Self.path(list, as: "bob"), port: port)
                    #expect(own.body.contains("\(Self.application)") || own.body.contains("\(Self.container)"))
                    let other = try await WebClient.call("GET", Self.path(list, as: "mallory"), port: port)
                    let isShown =
                        other.body.contains("\(Self.application)") || other.body.contains("\(Self.container)")
                    #expect(isShown == !filters, "\(list)")
                }
            }
        }
    }
}
