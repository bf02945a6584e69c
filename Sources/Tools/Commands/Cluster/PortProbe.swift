import Glibc

/// Runs `body` with a TCP socket and the given address; nil when there is no socket or the host is no IPv4 address.
private func withSocket<R>(host: String, port: Int, _ body: (Int32, inout sockaddr_in) -> R) -> R? {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    guard unsafe inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return nil }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return body(descriptor, &address)
}

/// Whether somebody listens there.
func canConnect(host: String, port: Int) -> Bool {
    withSocket(host: host, port: port) { descriptor, address in
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    } ?? false
}

/// Whether a server could listen there.
func canListen(host: String, port: Int) -> Bool {
    withSocket(host: host, port: port) { descriptor, address in
        var on: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                    && listen(descriptor, 1) == 0
            }
        }
    } ?? false
}
