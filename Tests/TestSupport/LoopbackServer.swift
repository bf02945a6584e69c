internal import Dispatch
internal import Glibc
internal import Synchronization

/// An HTTP server that answers exactly the bytes a test wants, as broken as it wants them.
package final class LoopbackServer: Sendable {
    package struct Request: Sendable {
        package var path: String
        /// The whole head, as it arrived.
        package var head: String
        /// What Content-Length announced.
        package var body: [UInt8] = []
        /// Counts from 0 over all requests.
        package var number: Int

        /// By which address it was asked for.
        package var host: String {
            self.head.split(separator: "\r\n").first { $0.hasPrefix("Host: ") }.map { String($0.dropFirst(6)) } ?? ""
        }
    }

    package let port: Int
    private let listener: Int32
    private let seen = Mutex<[Request]>([])
    private let answer: @Sendable (Request) -> [UInt8]

    package var requests: [Request] { self.seen.withLock { $0 } }

    private let isConcurrent: Bool
    private let piece: Int
    private let pace: @Sendable () -> Void

    /// - Parameters:
    ///   - isConcurrent: whether connections are served side by side; else one after the other.
    ///   - piece: bytes that are sent at once.
    ///   - pace: called after each piece; a slow line waits in it.
    ///   - answer: what to send before the connection is closed.
    package init(
        isConcurrent: Bool = false,
        piece: Int = 1 << 16,
        pace: @escaping @Sendable () -> Void = {},
        _ answer: @escaping @Sendable (Request) -> [UInt8]
    ) throws {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = number
        self.answer = answer
        self.isConcurrent = isConcurrent
        self.piece = piece
        self.pace = pace
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(number, address, size) == 0 && listen(number, 64) == 0
                    && getsockname(number, address, &size) == 0
            }
        }
        guard bound else { throw TimedOut(description: "no port on loopback") }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        let thread = DispatchQueue(label: "loopback server")
        thread.async { [self] in self.serve() }
    }

    /// Ends the server; its thread keeps it alive until then.
    package func close() {
        shutdown(self.listener, Int32(SHUT_RDWR))
    }

    package static func response(_ status: String, _ headers: [String] = [], body: [UInt8] = []) -> [UInt8] {
        let head = (["HTTP/1.1 \(status)", "Connection: close"] + headers).joined(separator: "\r\n") + "\r\n\r\n"
        return Array(head.utf8) + body
    }

    package static func ok(_ body: [UInt8], _ headers: [String] = []) -> [UInt8] {
        self.response("200 OK", ["Content-Length: \(body.count)"] + headers, body: body)
    }

    private func serve() {
        while true {
            let connection = accept(self.listener, nil, nil)
            if connection < 0 {
                _ = Glibc.close(self.listener)
                return
            }
            if self.isConcurrent {
                DispatchQueue(label: "loopback connection").async { [self] in self.serve(connection) }
            } else {
                self.serve(connection)
            }
        }
    }

    private func serve(_ connection: Int32) {
        defer { _ = Glibc.close(connection) }
        var on: Int32 = 1
        unsafe setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var head: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while !String(decoding: head, as: UTF8.self).contains("\r\n\r\n") {
            let count = unsafe recv(connection, &chunk, chunk.count, 0)
            if count <= 0 { break }
            head += chunk.prefix(count)
        }
        // The head ends at the first empty line; what came with it begins the body.
        let end = head.indices.first { head[$0...].starts(with: [13, 10, 13, 10]) }.map { $0 + 4 } ?? head.count
        var body = Array(head[end...])
        let text = String(decoding: head[..<end], as: UTF8.self)
        let length =
            text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length: ") }
            .flatMap { Int($0.dropFirst(16)) } ?? 0
        while body.count < length {
            let count = unsafe recv(connection, &chunk, chunk.count, 0)
            if count <= 0 { break }
            body += chunk.prefix(count)
        }
        let path = text.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        let request = self.seen.withLock { seen in
            seen.append(Request(path: path, head: text, body: body, number: seen.count))
            return seen[seen.count - 1]
        }
        var rest = self.answer(request)[...]
        while !rest.isEmpty {
            let bytes = Array(rest.prefix(self.piece))
            let count = unsafe send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            if count <= 0 { break }
            rest = rest.dropFirst(count)
            self.pace()
        }
    }
}
