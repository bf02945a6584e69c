internal import Glibc

/// By which of its addresses this machine is seen from another.
package enum LocalAddress {
    /// Sends nothing: the kernel is asked which way a packet would take.
    /// - Returns: nil where there is no way, or the name is unknown.
    package static func toward(host: String, port: Int) -> String? {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, "\(port)", &hints, &list) == 0 else { return nil }
        defer { unsafe freeaddrinfo(list) }
        var entry = unsafe list
        while let current = unsafe entry {
            if let address = unsafe Self.address(toward: current.pointee) { return address }
            unsafe entry = current.pointee.ai_next
        }
        return nil
    }

    private static func address(toward target: addrinfo) -> String? {
        let descriptor = unsafe socket(target.ai_family, Int32(SOCK_DGRAM.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard unsafe connect(descriptor, target.ai_addr, target.ai_addrlen) == 0 else { return nil }
        var own = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let isNamed = unsafe withUnsafeMutablePointer(to: &own) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe getsockname(descriptor, address, &length) == 0
                    && getnameinfo(address, length, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0
            }
        }
        guard isNamed else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
