import Dispatch
import HadoopHTTP
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// How much of an answer is made while its connection's loop does not get to look at it, as on a machine with too few
/// processors.
@Suite struct WriteAheadTests {
    /// Runs tasks one after the other and tells whenever none is left that could go on.
    private final class WatchedExecutor: TaskExecutor {
        private let queue = DispatchQueue(label: "tasks")
        private let ready = Mutex(0)
        private let whenIdle: @Sendable () -> Void

        init(whenIdle: @escaping @Sendable () -> Void) { self.whenIdle = whenIdle }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            self.ready.withLock { $0 += 1 }
            self.queue.async {
                unsafe job.runSynchronously(on: self.asUnownedTaskExecutor())
                let isIdle = self.ready.withLock { ready in
                    ready -= 1
                    return ready == 0
                }
                if isIdle { self.whenIdle() }
            }
        }
    }

    /// Stops a loop, and lets it go on once.
    private final class Hold: Sendable {
        private let isHeld = Mutex(false)
        private let release = DispatchSemaphore(value: 0)

        func stop(_ loop: any EventLoop) {
            self.isHeld.withLock { $0 = true }
            loop.execute { self.release.wait() }
        }

        /// - Returns: whether it was held.
        func end() -> Bool {
            let was = self.isHeld.withLock { isHeld in
                defer { isHeld = false }
                return isHeld
            }
            if was { self.release.signal() }
            return was
        }
    }

    @Test func `an answer waits for a connection's loop that is late`() async throws {
        let (pieceBytes, pieces) = (64 << 10, 400)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let hold = Hold()
        let (written, early) = (NIOLockedValueBox(0), NIOLockedValueBox(Int?.none))
        let executor = WatchedExecutor {
            if hold.end() { early.withLockedValue { $0 = written.withLockedValue { $0 } } }
        }
        let server = try await HTTPServer.start(
            host: "127.0.0.1",
            port: 0,
            group: group,
            logger: Logger(label: "test"),
            executor: executor
        ) { _ in
            WebAnswer(
                status: 200,
                body: .stream(length: Int64(pieces * pieceBytes)) { writer in
                    hold.stop(group.any())
                    for _ in 0..<pieces {
                        try await writer.write(ByteBuffer(repeating: 0x61, count: pieceBytes))
                        written.withLockedValue { $0 += 1 }
                    }
                }
            )
        }
        let client = try await RawClient.connect(port: server.port)
        try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        let answer = try await client.readAll()
        #expect(answer.utf8.count > pieces * pieceBytes)
        let ahead = try #require(early.withLockedValue { $0 })
        #expect(ahead < 16)
        try await server.stop()
        try await group.shutdownGracefully()
    }
}
