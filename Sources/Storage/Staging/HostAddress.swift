#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Names and addresses of hosts, as this machine's resolver has them. Asking may block.
package enum HostAddress {
    /// True for an address and for a name that has one.
    package static func isKnown(_ host: String) -> Bool { self.numeric(host) != nil }

    /// The first address of a host, as text; nil when the name has none.
    package static func numeric(_ host: String) -> String? { self.all(host).first }

    /// All addresses of a host, as text.
    package static func all(_ host: String) -> [String] {
        var list: UnsafeMutablePointer<addrinfo>?
        var hints = unsafe addrinfo()
        // One entry an address, not one for each kind of socket.
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [String] = []
        var entry = unsafe list
        while let current = unsafe entry {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let (address, length) = unsafe (current.pointee.ai_addr, current.pointee.ai_addrlen)
            if unsafe getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
                addresses.append(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
            }
            unsafe entry = current.pointee.ai_next
        }
        return addresses
    }
}
