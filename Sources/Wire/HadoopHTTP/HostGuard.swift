/// Which names a request may call this port by. A page that an attacker serves can make a browser resolve the
/// attacker's own name to this address (DNS rebinding); its `Host` header then still carries that name.
package struct HostGuard: Sendable {
    private let names: Set<String>

    /// - Parameter names: the hosts under which this port is configured or advertised. Loopback names and the address
    ///   that the connection itself was made to are always accepted.
    package init(names: [String]) {
        self.names = Set(names.map { $0.lowercased() })
    }

    /// - Throws: `RESTFailure` 400 without a `Host`, 403 for a foreign one.
    package func check(_ request: WebRequest) throws(RESTFailure) {
        guard let authority = request.authority, !authority.isEmpty else {
            throw .http(400, "The request has no Host header.")
        }
        let host = Self.host(of: authority).lowercased()
        guard Self.isLoopback(host) || self.names.contains(host) || host == request.localAddress else {
            throw .forbidden(
                "This server is not known as \(host.prefix(255)). Call it by its configured name or by localhost."
            )
        }
    }

    /// Writes from a page of another origin are refused as well, whatever its browser thinks of them.
    /// - Throws: `RESTFailure` 403.
    package func checkOrigin(_ request: WebRequest) throws(RESTFailure) {
        guard let origin = request.header("origin") else { return }
        let halves = origin.split(separator: "/", omittingEmptySubsequences: false)
        let authority = halves.count >= 3 ? String(halves[2]) : ""
        guard authority.lowercased() == request.authority?.lowercased() else {
            throw .forbidden("A page of another origin may not change anything here.")
        }
    }

    /// The host of `host:port`, `[v6]:port` or either alone.
    static func host(of authority: String) -> String {
        if authority.first == "[" {
            return String(authority.dropFirst().prefix { $0 != "]" })
        }
        guard let colon = authority.lastIndex(of: ":"), authority.firstIndex(of: ":") == colon else { return authority }
        return String(authority[..<colon])
    }

    /// True when a connection's two ends are the same machine.
    package static func isLocal(_ peerAddress: String, to localAddress: String) -> Bool {
        peerAddress == localAddress || Self.isLoopback(peerAddress)
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }
}
