import Glibc
import HadoopProtos
import NIOHTTP1
import NodeManagerCore
import TestSupport
import Testing

@testable import NodeManager

/// Settings of the NodeManager's web port and of its process, as far as others feel them.
@Suite(.timeLimit(.minutes(3))) struct PortSettingsTests {
    @Test func `pages of configured origins may read the node's port`() async throws {
        let properties = [
            "yarn.nodemanager.webapp.cross-origin.enabled": "true",
            "hadoop.http.cross-origin.allowed-origins": "http://dash.example",
        ]
        try await withNode(properties) { node in
            func allowed(_ origin: String) async throws -> [String] {
                try await WebClient.call(
                    "GET",
                    "/ws/v1/node/info",
                    port: Int(node.daemon.node.httpPort),
                    headers: [("Origin", origin)]
                ).headers["access-control-allow-origin"]
            }
            let own = try await allowed("http://dash.example")
            #expect(own == ["http://dash.example"])
            let foreign = try await allowed("http://evil.example")
            #expect(foreign.isEmpty)
        }
    }

    @Test func `containers may open as many files as their NodeManager`() async throws {
        var limit = rlimit()
        #expect(unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        let soft = limit.rlim_cur == rlim_t.max ? "unlimited" : "\(limit.rlim_cur)"
        try await withNode { node in
            let status = try await node.run(1, "ulimit -Sn > <LOG_DIR>/files")
            #expect(status.exitStatus == 0)
            #expect(node.log(1, "files") == "\(soft)\n")
        }
    }
}
