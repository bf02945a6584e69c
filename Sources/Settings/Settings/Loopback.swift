import Glibc

/// Tells addresses that stay inside the machine.
package enum Loopback {
    /// True when `host` is a loopback address, or a name of which every address is one.
    package static func contains(host: String) -> Bool {
        if let isLoopback = Self.literal(host) {
            return isLoopback
        }
        let name = host.lowercased()
        if name == "localhost" || name.hasSuffix(".localhost") {
            return true
        }
        return Self.resolvesOnlyToLoopback(name)
    }

    /// nil for a name.
    private static func literal(_ host: String) -> Bool? {
        var v4 = in_addr()
        if unsafe inet_pton(AF_INET, host, &v4) == 1 {
            return UInt32(bigEndian: v4.s_addr) >> 24 == 127
        }
        var v6 = in6_addr()
        guard unsafe inet_pton(AF_INET6, host, &v6) == 1 else { return nil }
        return unsafe withUnsafeBytes(of: &v6) { bytes in
            unsafe Self.isLoopback(v6: Array(bytes))
        }
    }

    /// ::1, or 127.0.0.0/8 mapped into IPv6.
    private static func isLoopback(v6 bytes: [UInt8]) -> Bool {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127]
        return bytes == [UInt8](repeating: 0, count: 15) + [1] || bytes.starts(with: mapped)
    }

    private static func resolvesOnlyToLoopback(_ name: String) -> Bool {
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(name, nil, nil, &list) == 0 else { return false }
        defer { unsafe freeaddrinfo(list) }
        var isLoopback = unsafe list != nil
        var entry = unsafe list
        while let current = unsafe entry {
            isLoopback = unsafe isLoopback && Self.isLoopback(current.pointee)
            unsafe entry = current.pointee.ai_next
        }
        return isLoopback
    }

    private static func isLoopback(_ entry: addrinfo) -> Bool {
        guard let address = unsafe entry.ai_addr else { return false }
        switch unsafe entry.ai_family {
        case AF_INET:
            return unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                unsafe UInt32(bigEndian: $0.pointee.sin_addr.s_addr) >> 24 == 127
            }
        case AF_INET6:
            return unsafe address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                var v6 = unsafe pointer.pointee.sin6_addr
                return unsafe withUnsafeBytes(of: &v6) { unsafe Self.isLoopback(v6: Array($0)) }
            }
        default: return false
        }
    }
}

/// The machine's own name, for addresses that say "all of them".
enum HostName {
    static var ofThisMachine: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "127.0.0.1" }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return bytes.isEmpty ? "127.0.0.1" : String(decoding: bytes, as: UTF8.self)
    }
}
