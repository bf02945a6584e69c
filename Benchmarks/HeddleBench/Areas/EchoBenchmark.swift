import HadoopProtos
import HadoopRPC
import Logging
import NIOCore
import NIOPosix

/// Hadoop IPC from end to end on loopback: client, frames, headers, dispatch and back, over real sockets. Client and
/// server share the process, so the CPU figure is that of both sides together.
enum EchoBenchmark {
    /// Answers every call with the bytes that it brought.
    private struct EchoService: RPCService {
        let protocolName = "heddle.benchmark.Echo"

        func handle(_ call: RPCCall, _ responder: RPCResponder) {
            responder.succeed(bytes: call.request)
        }
    }

    static func run(_ session: Session) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: NIOCore.System.coreCount)
        let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        let server = try await RPCServer.start(
            RPCServerConfiguration(host: "127.0.0.1", port: 0, services: [EchoService()], authentication: .simple),
            group: group,
            logger: logger
        )
        for (connections, callsEach) in [(1, session.size(20_000, tiny: 20)), (64, session.size(1_000, tiny: 2))] {
            let client = RPCClient(group: group, logger: logger)
            let calls = Double(connections * callsEach)
            try await Self.call(client, port: server.port, connections: connections, callsEach: min(50, callsEach))
            let watch = Stopwatch()
            try await Self.call(client, port: server.port, connections: connections, callsEach: callsEach)
            let (wall, cpu) = (watch.wallSeconds, watch.cpuSeconds)
            let name = "rpc.echo.\(connections)-connections"
            session.print(name, calls / wall, "calls/s")
            session.print("\(name).per-core", calls / cpu, "calls/s")
            session.print("\(name).cpu", cpu / calls * 1e6, "us")
            try await client.shutdown()
        }
        try await server.shutdown()
        try await group.shutdownGracefully()
    }

    /// Each connection has its own user, hence its own target, and makes its calls one after the other.
    private static func call(_ client: RPCClient, port: Int, connections: Int, callsEach: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for connection in 0..<connections {
                tasks.addTask {
                    let target = RPCTarget(
                        host: "127.0.0.1",
                        port: port,
                        protocolName: "heddle.benchmark.Echo",
                        identity: .simple(user: "user\(connection)")
                    )
                    let payload = [UInt8](repeating: 7, count: 64)
                    for _ in 0..<callsEach {
                        _ = try await client.call("echo", bytes: payload, on: target)
                    }
                }
            }
            try await tasks.waitForAll()
        }
    }
}
