import Glibc
private import Synchronization

private let portsGiven = Atomic<Int>(0)

/// A loopback port that nobody listens on and that only its caller gets: for servers that end and come back under the same
/// address, and for addresses that must stay without an answer.
///
/// It lies below the ports that the system hands out by itself (net.ipv4.ip_local_port_range, 32768 and up), so that no
/// connection and no other test's server is given it meanwhile. Another test process begins elsewhere.
package func lastingPort() -> Int {
    let range = 20_000..<32_000
    while true {
        let turn = portsGiven.wrappingAdd(1, ordering: .relaxed).oldValue
        let port = range.lowerBound + (Int(getpid()) * 61 + turn) % range.count
        if canBind(port) { return port }
    }
}

private func canBind(_ port: Int) -> Bool {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    precondition(socket >= 0, "a socket can be opened")
    defer { close(socket) }
    var reuses: Int32 = 1
    unsafe setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuses, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    return unsafe withUnsafePointer(to: &address) { address in
        unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
