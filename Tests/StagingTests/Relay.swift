import Dispatch
import Glibc
import Synchronization
import TestSupport

/// Stands between a client and a server of this machine, as a proxy for `CONNECT` or as the server's own port, and cuts
/// connections where a test wants it.
final class Relay: Sendable {
    struct Cuts: Sendable {
        /// How many of the first connections are cut.
        var connections: Int
        /// Bytes that such a connection carries to the server, and from it.
        var toServer: Int
        var fromServer: Int

        init(connections: Int, toServer: Int = .max, fromServer: Int = .max) {
            self.connections = connections
            self.toServer = toServer
            self.fromServer = fromServer
        }

        static let none = Cuts(connections: 0)
    }

    private struct Seen {
        var connections = 0
        var targets: [String] = []
    }

    /// Where it listens on loopback.
    let port: Int
    private let listener: Int32
    private let target: Int?
    private let cuts: Cuts
    private let refusal: String?
    private let seen = Mutex(Seen())

    /// Connections that carried something.
    var connections: Int { self.seen.withLock { $0.connections } }

    /// What clients asked a proxy to connect them to.
    var targets: [String] { self.seen.withLock { $0.targets } }

    /// - Parameters:
    ///   - target: the server's port on loopback; nil makes this a proxy.
    ///   - refusal: what a proxy answers instead of connecting, such as `403 Forbidden`.
    init(to target: Int?, cuts: Cuts = .none, refusal: String? = nil) throws {
        self.target = target
        self.cuts = cuts
        self.refusal = refusal
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
                if client < 0 { return }
                DispatchQueue(label: "relayed connection").async { self.serve(client) }
            }
        }
    }

    /// Takes no more connections.
    func close() { shutdown(self.listener, Int32(SHUT_RDWR)) }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private func serve(_ client: Int32) {
        defer { _ = Glibc.close(client) }
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
                Self.cut(client, server)
            }
            upward.leave()
        }
        if !Self.copy(from: server, to: client, limit: fromServer) { Self.cut(client, server) }
        shutdown(client, Int32(SHUT_WR))
        upward.wait()
    }

    private static func cut(_ client: Int32, _ server: Int32) {
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(server, Int32(SHUT_RDWR))
    }

    /// - Returns: false at the limit.
    private static func copy(from source: Int32, to target: Int32, limit: Int) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var left = limit
        while left > 0 {
            let count = unsafe recv(source, &buffer, min(buffer.count, left), 0)
            if count <= 0 { return true }
            guard self.send(buffer[..<count], to: target) else { return true }
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
