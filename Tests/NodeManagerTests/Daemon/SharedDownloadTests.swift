import Dispatch
import HadoopProtos
import TestSupport
import Testing

@testable import NodeManager

/// Containers that want one resource, side by side, and the server that has it.
@Suite(.timeLimit(.minutes(3))) struct SharedDownloadTests {
    private static let count: Int64 = 64
    private static let content = "all of it"

    private static func resource(
        _ scheme: String,
        _ port: Int,
        _ visibility: LocalResourceVisibilityProto
    ) -> LocalResourceProto {
        var resource = LocalResourceProto()
        resource.resource.scheme = scheme
        resource.resource.host = "127.0.0.1"
        resource.resource.port = Int32(port)
        resource.resource.file = "/data/file"
        resource.size = Int64(Self.content.utf8.count)
        resource.timestamp = scheme == "http" ? 0 : 1_700_000_000_000
        resource.type = .file
        resource.visibility = visibility
        return resource
    }

    /// What a web server answers, or WebHDFS.
    private static func answer(_ request: LoopbackServer.Request) -> [UInt8] {
        guard request.path.contains("op=GETFILESTATUS") else { return LoopbackServer.ok(Array(Self.content.utf8)) }
        let isFile = request.path.contains("/data/file")
        let status =
            #"{"FileStatus":{"type":"\#(isFile ? "FILE" : "DIRECTORY")","length":\#(Self.content.utf8.count),"#
            + #""modificationTime":1700000000000,"permission":"755","underConstruction":false}}"#
        return LoopbackServer.ok(Array(status.utf8))
    }

    @Test(
        arguments: ["http", "webhdfs"],
        [.public, .private, .application] as [LocalResourceVisibilityProto]
    )
    func `sixty-four containers that want one resource make one download`(
        scheme: String,
        visibility: LocalResourceVisibilityProto
    ) async throws {
        // Nothing is sent before all have asked.
        let allHaveAsked = DispatchSemaphore(value: 0)
        let server = try LoopbackServer(isConcurrent: true) { request in
            if !request.path.contains("op=GETFILESTATUS") {
                allHaveAsked.wait()
                allHaveAsked.signal()
            }
            return Self.answer(request)
        }
        defer { server.close() }
        try await withNode(["yarn.nodemanager.resource.memory-mb": "16384"]) { node in
            defer { allHaveAsked.signal() }
            let wanted = Self.resource(scheme, server.port, visibility)
            let requests = (1...Self.count).map { number in
                node.request(
                    number,
                    ["cp file \"<LOG_DIR>/found\""],
                    resources: [.named("file", wanted)],
                    memoryMiB: 16
                )
            }
            let answer = try await node.start(requests)
            #expect(answer.failedRequests.isEmpty)
            allHaveAsked.signal()
            for number in 1...Self.count {
                let status = try await node.end(of: number)
                #expect(status.exitStatus == 0, "\(status.diagnostics)")
                #expect(node.log(number, "found") == Self.content)
            }
        }
        let downloads = server.requests.filter { !$0.path.contains("op=GETFILESTATUS") }
        #expect(downloads.count == 1, "\(downloads.map(\.path))")
    }
}
