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
        if let own = self.texts[HTTPAddress.webHDFSService(of: location)] { return own }
        let port = location.port ?? HTTPAddress.webHDFSPort(of: location.scheme)
        guard self.texts.keys.contains(where: { $0.hasSuffix(":\(port)") }) else { return nil }
        return HostAddress.all(location.host).lazy.compactMap { self.texts["\($0):\(port)"] }.first
    }
}
