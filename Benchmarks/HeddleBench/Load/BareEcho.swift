import CLinux
import Foundation
import Staging
import Synchronization

/// The least that a server can do for a message: one thread, one epoll, a read and a write. What a heartbeat costs above
/// it is Heddle's; what it costs itself is the machine's, and differs much between machines.
enum BareEcho {
    /// As long as a heartbeat of a NodeManager without containers, and its answer.
    private static let requestLength = 250
    private static let answerLength = 120

    /// CPU seconds of the server's thread for a message.
    /// - Parameters:
    ///   - interval: of one connection's messages; zero: all connections send at once, and again when all are answered.
    static func cpuSeconds(connections: Int, rounds: Int, every interval: Duration) throws -> Double {
        let pairs = try (0..<connections).map { _ in try Self.pair() }
        defer { for pair in pairs { close(pair.client) } }
        let server = Server(sockets: pairs.map(\.server))
        try server.start()
        let bytes = [UInt8](repeating: 1, count: Self.requestLength)
        var answer = [UInt8](repeating: 0, count: Self.answerLength)
        for _ in 0..<rounds {
            for pair in pairs {
                if interval > .zero { usleep(UInt32(interval / .microseconds(1)) / UInt32(connections)) }
                guard unsafe write(pair.client, bytes, bytes.count) == bytes.count else {
                    throw SystemError("write to", "a connection")
                }
                if interval > .zero { try Self.readWhole(pair.client, &answer) }
            }
            guard interval == .zero else { continue }
            for pair in pairs { try Self.readWhole(pair.client, &answer) }
        }
        for pair in pairs { shutdown(pair.client, Int32(SHUT_WR)) }
        return server.finish() / Double(rounds * connections)
    }

    private static func readWhole(_ socket: Int32, _ answer: inout [UInt8]) throws {
        var length = 0
        while length < answer.count {
            let count = unsafe read(socket, &answer, answer.count - length)
            guard count > 0 else { throw SystemError("read from", "a connection") }
            length += count
        }
    }

    /// Both ends of one TCP connection over loopback.
    private static func pair() throws -> (client: Int32, server: Int32) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let isConnected = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(listener, pointer, length) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, pointer, &length) == 0 && connect(client, pointer, length) == 0
            }
        }
        let server = isConnected ? accept(listener, nil, nil) : -1
        guard server >= 0 else { throw SystemError("open", "a connection over loopback") }
        var one: Int32 = 1
        for end in [client, server] {
            unsafe setsockopt(end, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        }
        return (client, server)
    }

    /// Answers every message on its sockets until their peers have no more to say.
    private final class Server: Sendable {
        private let sockets: [Int32]
        private let cpu = Mutex(0.0)
        private let isDone = DispatchSemaphore(value: 0)

        init(sockets: [Int32]) { self.sockets = sockets }

        func start() throws {
            let poll = heddle_event_queue()
            guard poll >= 0 else { throw SystemError("make", "an event queue") }
            for socket in self.sockets {
                guard heddle_event_queue_add(poll, socket, UInt64(socket)) == 0 else {
                    throw SystemError("watch", "a connection")
                }
            }
            Thread.detachNewThread { self.serve(poll) }
        }

        private func serve(_ poll: Int32) {
            var ready = [UInt64](repeating: 0, count: 64)
            var buffer = [UInt8](repeating: 1, count: 4096)
            var open = self.sockets.count
            while open > 0 {
                let count = unsafe heddle_event_queue_wait(poll, &ready, Int32(ready.count))
                for token in ready.prefix(max(0, Int(count))) {
                    let socket = Int32(token)
                    guard unsafe read(socket, &buffer, buffer.count) > 0 else {
                        close(socket)
                        open -= 1
                        continue
                    }
                    _ = unsafe write(socket, buffer, BareEcho.answerLength)
                }
            }
            close(poll)
            var time = timespec()
            unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            self.cpu.withLock { $0 = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 }
            self.isDone.signal()
        }

        /// Waits for the end and says what CPU the thread took.
        func finish() -> Double {
            self.isDone.wait()
            return self.cpu.withLock { $0 }
        }
    }
}
