import Glibc

/// Delegation tokens for WebHDFS servers, as their text for addresses: who shows one acts as its owner.
package struct DelegationTokens: Hashable, Sendable {
    /// By the token's service: `address:port`, or `host:port`.
    private var texts: [String: String] = [:]

    package init() {}

    package mutating func add(_ text: String, service: String) { self.texts[service.lowercased()] = text }

    package var isEmpty: Bool { self.texts.isEmpty }

    /// The token for the server of a location, by its name or by one of its addresses; blocks while names are looked up.
    package func text(for location: ResourceLocation) -> String? {
        guard !self.texts.isEmpty else { return nil }
        let port = location.port ?? HTTPAddress.webHDFSPort(of: location.scheme)
        if let own = self.texts["\(location.host.lowercased()):\(port)"] { return own }
        guard self.texts.keys.contains(where: { $0.hasSuffix(":\(port)") }) else { return nil }
        return Self.addresses(of: location.host).lazy.compactMap { self.texts["\($0):\(port)"] }.first
    }

    private static func addresses(of host: String) -> [String] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [String] = []
        var entry = unsafe list
        while let current = unsafe entry {
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let isNumeric = unsafe getnameinfo(
                current.pointee.ai_addr,
                current.pointee.ai_addrlen,
                &name,
                socklen_t(name.count),
                nil,
                0,
                NI_NUMERICHOST
            )
            if isNumeric == 0 {
                addresses.append(String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
            }
            unsafe entry = current.pointee.ai_next
        }
        return addresses
    }
}
