import Dispatch
import Glibc
import TestSupport
import Testing

@testable import Staging

/// Limits of time other than the stall. That they are kept is seen by what a failure says and by the test ending at all.
@Suite(.timeLimit(.minutes(1))) struct TimeoutTests {
    private let folder: TestFolder

    init() throws {
        self.folder = try TestFolder()
    }

    private func failure(
        _ location: ResourceLocation,
        _ change: (inout TransferSettings) -> Void
    ) -> TransferFailure? {
        var settings = TransferSettings(attemptsMaximum: 2, firstPause: .milliseconds(1))
        settings.streamsMaximum = 1
        change(&settings)
        let transfers = Transfers(settings: settings, loop: TransferLoop())
        return #expect(throws: TransferFailure.self) {
            try transfers.download(location, to: "\(self.folder.path)/target")
        }
    }

    /// As a machine that is gone, or a firewall that drops: the port is there, and nobody answers a connection.
    @Test func `a machine that does not answer is given up after the time to connect`() throws {
        let port = try FullPort()
        defer { port.close() }
        let location = ResourceLocation(scheme: "http", host: "127.0.0.1", port: port.number, path: "/x")
        let failure = self.failure(location) { $0.connectTimeout = .milliseconds(200) }
        // The words are those of libcurl's version.
        let text = failure?.description.lowercased() ?? ""
        #expect(text.contains("timed out") || text.contains("timeout"), "\(failure as Any)")
        #expect(text.contains("connect") && text.contains("after 2"), "\(failure as Any)")
        #expect(failure?.description.hasSuffix("(tried 2 times)") == true, "\(failure as Any)")
    }

    @Test func `a transfer that goes on is ended when its time is over`() throws {
        let isOver = DispatchSemaphore(value: 0)
        let pace: @Sendable () -> Void = {
            if isOver.wait(timeout: .now() + .milliseconds(10)) == .success { isOver.signal() }
        }
        // Fast enough for any stall rate, and without an end.
        let server = try LoopbackServer(isConcurrent: true, piece: 1_000, pace: pace) { _ in
            LoopbackServer.ok([UInt8](repeating: 1, count: 100_000_000))
        }
        defer {
            isOver.signal()
            server.close()
        }
        let failure = self.failure(server.location("/x")) { $0.totalTimeout = .milliseconds(300) }
        #expect(failure?.description.contains("Operation timed out after 3") == true, "\(failure as Any)")
        #expect(failure?.description.hasSuffix("(tried 2 times)") == true, "\(failure as Any)")
        #expect(server.requests.count == 2)
        #expect(self.folder.status("target") == nil)
    }

    @Test func `a server that takes too long to begin is given up by the same limit`() throws {
        let isOver = DispatchSemaphore(value: 0)
        let server = try LoopbackServer(isConcurrent: true) { _ in
            isOver.wait()
            isOver.signal()
            return []
        }
        defer {
            isOver.signal()
            server.close()
        }
        let failure = self.failure(server.location("/x")) { $0.totalTimeout = .milliseconds(300) }
        #expect(failure?.description.contains("Operation timed out after 3") == true, "\(failure as Any)")
    }
}

/// A port of loopback whose queue of connections is full: the system drops whoever comes further.
private struct FullPort {
    let number: Int
    private let sockets: [Int32]

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, size) == 0 && listen(listener, 0) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        try #require(isBound)
        self.number = Int(UInt16(bigEndian: address.sin_port))
        var sockets = [listener]
        for _ in 0..<8 {
            let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            sockets.append(number)
            unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    _ = unsafe connect(number, address, size)
                }
            }
        }
        self.sockets = sockets
    }

    func close() {
        for number in self.sockets { _ = Glibc.close(number) }
    }
}
