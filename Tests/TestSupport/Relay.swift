internal import Dispatch
internal import Glibc
internal import Synchronization

/// Stands between a client and a server of this machine, as a proxy for `CONNECT` or as the server's own port, and cuts
/// connections where a test wants it.
package final class Relay: Sendable {
    package struct Cuts: Sendable {
        /// How many of the first connections are cut.
        package var connections: Int
        /// Bytes that such a connection carries to the server, and from it.
        package var toServer: Int
        package var fromServer: Int
        /// Whether the server keeps its end of what is cut until `release`, as when a client's machine is lost.
        package var holdsServer: Bool

        package init(
            connections: Int,
            toServer: Int = .max,
            fromServer: Int = .max,
            holdsServer: Bool = false
        ) {
            self.connections = connections
            self.toServer = toServer
            self.fromServer = fromServer
            self.holdsServer = holdsServer
        }

        package static let none = Cuts(connections: 0)
    }

    /// What comes from the server is changed: a bit in one byte behind each `every` bytes of a connection.
    package struct Damage: Sendable {
        package var every: Int
        /// How many bytes are changed over all connections.
        package var times: Int

        package init(every: Int, times: Int = .max) {
            self.every = every
            self.times = times
        }
    }

    private struct Seen {
        var connections = 0
        var damages = 0
        var fromServer = 0
        var targets: [String] = []
        /// Sockets of clients that are served.
        var open: Set<Int32> = []
    }

    /// Where it listens on loopback.
    package let port: Int
    private let listener: Int32
    private let target: Int?
    private let cuts: Cuts
    private let refusal: String?
    private let damage: Damage?
    private let seen = Mutex(Seen())
    private let held = DispatchGroup()
    private let isReleased = Atomic(false)

    /// Connections that carried something.
    package var connections: Int { self.seen.withLock { $0.connections } }

    /// Bytes that came from the server over all connections.
    package var fromServer: Int { self.seen.withLock { $0.fromServer } }

    /// What clients asked a proxy to connect them to.
    package var targets: [String] { self.seen.withLock { $0.targets } }

    /// - Parameters:
    ///   - target: the server's port on loopback; nil makes this a proxy.
    ///   - damage: what is done to the bytes that the server sends.
    ///   - refusal: what a proxy answers instead of connecting, such as `403 Forbidden`.
    package init(to target: Int?, cuts: Cuts = .none, refusal: String? = nil, damage: Damage? = nil) throws {
        self.damage = damage
        self.target = target
        self.cuts = cuts
        self.refusal = refusal
        self.held.enter()
        self.listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = self.listener
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(number, address, size) == 0 && listen(number, 64) == 0
                    && getsockname(number, address, &size) == 0
            }
        }
        guard isBound else { throw TimedOut(description: "no port on loopback") }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        DispatchQueue(label: "relay").async { [self] in
            while true {
                let client = accept(self.listener, nil, nil)
                if client < 0 {
                    _ = Glibc.close(self.listener)
                    return
                }
                DispatchQueue(label: "relayed connection").async { self.serve(client) }
            }
        }
    }

    /// Takes no more connections and ends those that clients keep open: each has threads of its own.
    package func close() {
        self.release()
        shutdown(self.listener, Int32(SHUT_RDWR))
        self.seen.withLock { seen in
            for client in seen.open { shutdown(client, Int32(SHUT_RDWR)) }
        }
    }

    /// Lets the server see the ends that it was to keep.
    package func release() {
        if !self.isReleased.exchange(true, ordering: .relaxed) { self.held.leave() }
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private func serve(_ client: Int32) {
        self.seen.withLock { _ = $0.open.insert(client) }
        defer {
            self.seen.withLock { seen in
                seen.open.remove(client)
                _ = Glibc.close(client)
            }
        }
        guard let port = self.target ?? self.answerConnect(client) else { return }
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { _ = Glibc.close(server) }
        var address = Self.loopback(port)
        let isConnected = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(server, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return }
        if self.target == nil { Self.send("HTTP/1.1 200 Connection established\r\n\r\n", to: client) }
        let isCut = self.seen.withLock { seen in
            seen.connections += 1
            return seen.connections <= self.cuts.connections
        }
        let (toServer, fromServer) = isCut ? (self.cuts.toServer, self.cuts.fromServer) : (.max, .max)
        let upward = DispatchGroup()
        upward.enter()
        DispatchQueue(label: "relayed upward").async {
            if Self.copy(from: client, to: server, limit: toServer) {
                shutdown(server, Int32(SHUT_WR))
            } else {
                self.cut(client, server)
            }
            upward.leave()
        }
        var carried = 0
        let isWhole = Self.copy(from: server, to: client, limit: fromServer) { bytes in
            self.damage(&bytes, after: carried)
            carried += bytes.count
        } count: { count in
            self.seen.withLock { $0.fromServer += count }
        }
        if !isWhole { self.cut(client, server) }
        shutdown(client, Int32(SHUT_WR))
        upward.wait()
    }

    private func damage(_ bytes: inout ArraySlice<UInt8>, after carried: Int) {
        guard let damage else { return }
        let next = (carried / damage.every + 1) * damage.every
        for place in stride(from: next, to: carried + bytes.count, by: damage.every) {
            let isDue = self.seen.withLock { seen in
                seen.damages += 1
                return seen.damages <= damage.times
            }
            if isDue { bytes[bytes.startIndex + place - carried] ^= 1 }
        }
    }

    private func cut(_ client: Int32, _ server: Int32) {
        shutdown(client, Int32(SHUT_RDWR))
        if self.cuts.holdsServer { self.held.wait() }
        shutdown(server, Int32(SHUT_RDWR))
    }

    /// - Returns: false at the limit.
    private static func copy(
        from source: Int32,
        to target: Int32,
        limit: Int,
        change: (inout ArraySlice<UInt8>) -> Void = { _ in },
        count carried: (Int) -> Void = { _ in }
    ) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var left = limit
        while left > 0 {
            let count = unsafe recv(source, &buffer, min(buffer.count, left), 0)
            if count <= 0 { return true }
            var piece = buffer[..<count]
            change(&piece)
            guard self.send(piece, to: target) else { return true }
            carried(count)
            left -= count
        }
        return false
    }

    @discardableResult
    private static func send(_ bytes: some Collection<UInt8>, to target: Int32) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(target, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func send(_ text: String, to target: Int32) { self.send(text.utf8, to: target) }

    /// Reads `CONNECT host:port`, whose host is taken to be this machine.
    private func answerConnect(_ client: Int32) -> Int? {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard head.count < 8192, unsafe recv(client, &byte, 1, 0) == 1 else { return nil }
            head.append(byte)
        }
        let words = String(decoding: head, as: UTF8.self).split(separator: " ")
        guard words.count > 1, words[0] == "CONNECT" else { return nil }
        self.seen.withLock { $0.targets.append(String(words[1])) }
        if let refusal {
            Self.send("HTTP/1.1 \(refusal)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", to: client)
            return nil
        }
        return words[1].split(separator: ":").last.flatMap { Int($0) }
    }
}

/// Tries a line that breaks after no byte, after one, and so on, many at a time, until one carries all there is.
/// - Parameter isBroken: uses a line that breaks after so many bytes, and tells whether it did.
/// - Returns: how many bytes the line carried that did not break.
package func everyBreak(_ isBroken: @escaping @Sendable (Int) async throws -> Bool) async throws -> Int {
    let atOnce = 16
    var first = 0
    while true {
        let positions = first..<first + atOnce
        let whole = try await withThrowingTaskGroup(of: Int?.self) { group in
            for position in positions { group.addTask { try await isBroken(position) ? nil : position } }
            return try await group.reduce(into: [Int]()) { if let position = $1 { $0.append(position) } }
        }
        if let end = whole.min() { return end }
        first += atOnce
    }
}
