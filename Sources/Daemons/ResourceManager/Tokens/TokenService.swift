import NIOPosix
import Staging

/// How a token names the service that it is for (`hadoop.security.token.service.use_ip`): clients look tokens up by it.
enum TokenService {
    /// The host as it stands in the service: its address, or its name in lower case. A name without an address stays.
    static func host(of host: String, usesAddress: Bool) async -> String {
        guard usesAddress else { return host.lowercased() }
        let address = try? await NIOThreadPool.singleton.runIfActive { HostAddress.numeric(host) }
        return (address ?? nil) ?? host.lowercased()
    }
}
