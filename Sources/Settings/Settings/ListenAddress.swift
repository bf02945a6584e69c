package import HadoopConfig

/// Where a service listens, and what others connect to.
package struct ListenAddress: Hashable, Sendable {
    /// The host or IP address to bind.
    package var bindHost: String
    /// The port to bind; 0 takes any free one.
    package var port: Int
    /// The host that others are told; never a wildcard.
    package var advertisedHost: String
    /// The property that the address comes from, and where it stands, for messages.
    package var key: String
    package var origin: ConfigurationOrigin

    package init(
        bindHost: String,
        port: Int,
        advertisedHost: String,
        key: String,
        origin: ConfigurationOrigin
    ) {
        self.bindHost = bindHost
        self.port = port
        self.advertisedHost = advertisedHost
        self.key = key
        self.origin = origin
    }

    /// What others connect to, when the port is a fixed one.
    package var advertised: NetworkAddress { NetworkAddress(host: self.advertisedHost, port: self.port) }

    /// True when only this machine reaches it.
    package var isLoopback: Bool { Loopback.contains(host: self.bindHost) }
}

extension ListenAddress {
    /// Reads a service's address by Hadoop's rules and Heddle's: daemons bind loopback unless told otherwise, and other
    /// addresses only when callers must prove who they are or `heddle.security.allow-insecure-network` is true.
    ///
    /// - Parameters:
    ///   - key: the service's address.
    ///   - hostnameKey: the property that the address's default refers to.
    ///   - bindHostKey: what to listen on, where that differs.
    init(
        _ key: ConfigurationKey<NetworkAddress>,
        hostnameKey: ConfigurationKey<String>,
        bindHostKey: ConfigurationKey<String>,
        security: SecuritySettings,
        in configuration: Configuration
    ) throws(ConfigurationError) {
        let address = try configuration.value(of: key)
        let bindHost = try configuration.optionalValue(of: bindHostKey)
        let isDefault = !configuration.isSet(key) && !configuration.isSet(hostnameKey) && bindHost == nil
        let origin = Self.origin(key, hostnameKey, bindHostKey, bindHost: bindHost, in: configuration)
        if isDefault, security.requiresLoopback {
            // Hadoop's default is every address; with callers that prove nothing that is an open door.
            self.init(
                bindHost: "127.0.0.1",
                port: address.port,
                advertisedHost: "127.0.0.1",
                key: key.name,
                origin: origin.origin
            )
            return
        }
        let host = bindHost ?? address.host
        if security.requiresLoopback, !Loopback.contains(host: host) {
            throw ConfigurationError(Self.refusal(host: host, port: address.port, origin))
        }
        var advertisedHost = address.host
        if address.isWildcard {
            advertisedHost = Loopback.contains(host: host) ? host : HostName.ofThisMachine
        }
        self.init(
            bindHost: host,
            port: address.port,
            advertisedHost: advertisedHost,
            key: key.name,
            origin: origin.origin
        )
    }

    private typealias Source = (key: String, origin: ConfigurationOrigin)

    /// The property that decides the host to bind.
    private static func origin(
        _ key: ConfigurationKey<NetworkAddress>,
        _ hostnameKey: ConfigurationKey<String>,
        _ bindHostKey: ConfigurationKey<String>,
        bindHost: String?,
        in configuration: Configuration
    ) -> Source {
        if bindHost != nil {
            return (bindHostKey.name, configuration.origin(of: bindHostKey.name))
        }
        if configuration.isSet(key) || !configuration.isSet(hostnameKey) {
            return (key.name, configuration.origin(of: key.name))
        }
        return (hostnameKey.name, configuration.origin(of: hostnameKey.name))
    }

    private static func refusal(host: String, port: Int, _ source: Source) -> ConfigurationProblem {
        ConfigurationProblem(
            .error,
            origin: source.origin,
            key: source.key,
            value: host,
            "refusing to listen on \(NetworkAddress(host: host, port: port)): with \(CoreKeys.authentication.name) = simple callers only claim a "
                + "name, so whoever reaches this port can run any command on the cluster. Use 127.0.0.1, or set "
                + "\(HeddleKeys.allowInsecureNetwork.name) = true if the network itself keeps strangers out"
        )
    }
}
