import HadoopProtos
import Synchronization
import Testing

@testable import Commands

@Suite struct GracefulDecommissionTests {
    /// What a ResourceManager was told, and what it answers about draining nodes, one answer a second.
    private final class Recorder: Sendable {
        let requests = Mutex<[RefreshNodesRequestProto]>([])
        let output = Mutex("")
        let draining: Mutex<[Int]>

        init(draining: [Int]) { self.draining = Mutex(draining) }

        var calls: GracefulDecommission.Calls {
            GracefulDecommission.Calls(
                refresh: { request in self.requests.withLock { $0.append(request) } },
                draining: {
                    let count = self.draining.withLock { $0.isEmpty ? 0 : $0.removeFirst() }
                    return (0..<count).map { index in
                        var node = NodeIdProto()
                        node.host = "n\(index)"
                        node.port = 8041
                        return node
                    }
                },
                pause: {},
                say: { text in self.output.withLock { $0 += text } }
            )
        }

        var types: [DecommissionTypeProto] { self.requests.withLock { $0.map(\.decommissionType) } }
    }

    @Test func `with -server the ResourceManager is told the time and nobody waits`() async throws {
        let recorder = Recorder(draining: [1])
        try await GracefulDecommission(timeout: "10", tracking: .server).run(recorder.calls)
        #expect(recorder.types == [.graceful])
        #expect(recorder.requests.withLock { $0[0].decommissionTimeout } == 10)
        #expect(recorder.output.withLock { $0 }.isEmpty)
    }

    @Test func `with -client the command waits until no node drains`() async throws {
        let recorder = Recorder(draining: [2, 1, 0])
        try await GracefulDecommission(timeout: nil, tracking: .client).run(recorder.calls)
        #expect(recorder.requests.withLock { $0[0].decommissionTimeout } == -1)
        #expect(recorder.types == [.graceful])
        #expect(
            recorder.output.withLock { $0 } == """
                Nodes 'n0:8041,n1:8041' are still decommissioning.
                Nodes 'n0:8041' are still decommissioning.
                Graceful decommissioning completed in 2 seconds.

                """
        )
    }

    @Test func `with -client nodes that are not done in time are ended`() async throws {
        let recorder = Recorder(draining: Array(repeating: 1, count: 50))
        try await GracefulDecommission(timeout: "2", tracking: .client).run(recorder.calls)
        #expect(recorder.types == [.graceful, .forceful])
        #expect(recorder.draining.withLock { $0.count } == 50 - 7)
        #expect(
            recorder.output.withLock { $0 }.hasSuffix(
                "Graceful decommissioning not completed in 2 seconds, issueing forceful decommissioning command.\n"
            )
        )
    }

    @Test(arguments: [("soon", "Invalid timeout value, must be integer: soon"), ("-2", "Invalid timeout -> -2")])
    func `what is no timeout is refused`(text: String, message: String) {
        let failure = #expect(throws: CommandFailure.self) {
            try GracefulDecommission(timeout: text, tracking: .server)
        }
        #expect(failure?.description == message)
        #expect(failure?.exitCode == CommandResult.refused)
    }

    @Test func `the time may be left out on the command line`() throws {
        let bare = try DashedOptions(["-refreshNodes", "-g", "-server"], options: AdministrationCommand.options)
        #expect(bare.has("g"))
        #expect(bare.value("g") == nil)
        let timed = try DashedOptions(["-refreshNodes", "-g", "-1", "-client"], options: AdministrationCommand.options)
        #expect(timed.value("g") == "-1")
        #expect(timed.has("client"))
        #expect(timed.rest.isEmpty)
    }
}
