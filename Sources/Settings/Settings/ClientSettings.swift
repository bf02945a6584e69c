package import HadoopConfig

/// How a command, a NodeManager or another client reaches the cluster.
package struct ClientSettings: Hashable, Sendable {
    /// One ResourceManager's doors.
    package struct ResourceManagerAddresses: Hashable, Sendable {
        /// Its name in a highly available cluster; nil in a plain one.
        package var id: String?
        package var client: NetworkAddress
        package var scheduler: NetworkAddress
        package var resourceTracker: NetworkAddress
        package var admin: NetworkAddress
        package var web: NetworkAddress
        /// The property that `client` comes from, and where it stands, for messages about a server that is not there.
        package var clientKey: String
        package var clientOrigin: ConfigurationOrigin
    }

    package var common: CommonSettings
    /// One, or all of a highly available cluster in order; never empty.
    package var resourceManagers: [ResourceManagerAddresses]
    /// How long to try to reach the ResourceManager; nil is for ever (`yarn.resourcemanager.connect.max-wait.ms`).
    package var resourceManagerWaitMaximum: Duration?
    /// `yarn.resourcemanager.connect.retry-interval.ms`
    package var resourceManagerRetryInterval: Duration
    /// `yarn.client.application-client-protocol.poll-interval-ms`
    package var pollInterval: Duration
    /// `yarn.client.application-client-protocol.poll-timeout-ms`; nil is for ever.
    package var pollTimeout: Duration?

    package init(_ configuration: Configuration) throws(ConfigurationError) {
        self.common = try CommonSettings(configuration)
        self.resourceManagers = try Self.resourceManagers(in: configuration)
        self.resourceManagerWaitMaximum = try configuration.value(of: ClientKeys.resourceManagerWaitMaximum)
        self.resourceManagerRetryInterval = try configuration.value(of: ClientKeys.resourceManagerRetryInterval)
        self.pollInterval = try configuration.value(of: ClientKeys.pollInterval)
        self.pollTimeout = try configuration.value(of: ClientKeys.pollTimeout)
    }

    private static func resourceManagers(
        in configuration: Configuration
    ) throws(ConfigurationError) -> [ResourceManagerAddresses] {
        guard try configuration.value(of: ResourceManagerKeys.highAvailabilityEnabled) else {
            return [try Self.addresses(nil, in: configuration)]
        }
        let ids = try configuration.optionalValue(of: ResourceManagerKeys.highAvailabilityIDs) ?? []
        guard !ids.isEmpty else {
            throw ConfigurationError(
                configuration.problem(
                    ResourceManagerKeys.highAvailabilityEnabled.name,
                    "true",
                    "\(ResourceManagerKeys.highAvailabilityIDs.name) must name the ResourceManagers"
                )
            )
        }
        var result: [ResourceManagerAddresses] = []
        for id in ids {
            result.append(try Self.addresses(id, in: configuration))
        }
        return result
    }

    private static func addresses(
        _ id: String?,
        in configuration: Configuration
    ) throws(ConfigurationError) -> ResourceManagerAddresses {
        let client = try Self.address(ResourceManagerKeys.address, port: 8_032, id, in: configuration)
        return ResourceManagerAddresses(
            id: id,
            client: client.address,
            scheduler: try Self.address(ResourceManagerKeys.schedulerAddress, port: 8_030, id, in: configuration)
                .address,
            resourceTracker: try Self.address(
                ResourceManagerKeys.resourceTrackerAddress,
                port: 8_031,
                id,
                in: configuration
            ).address,
            admin: try Self.address(ResourceManagerKeys.adminAddress, port: 8_033, id, in: configuration).address,
            web: try Self.address(ResourceManagerKeys.webAddress, port: 8_088, id, in: configuration).address,
            clientKey: client.key,
            clientOrigin: configuration.origin(of: client.key)
        )
    }

    private typealias Found = (address: NetworkAddress, key: String)

    /// A wildcard is where servers listen; whoever connects means this machine.
    private static func address(
        _ key: ConfigurationKey<NetworkAddress>,
        port: Int,
        _ id: String?,
        in configuration: Configuration
    ) throws(ConfigurationError) -> Found {
        let hostname = ResourceManagerKeys.hostname
        var found: Found
        if let id, let address = try configuration.optionalValue(of: key.of(id)) {
            found = (address, key.of(id).name)
        } else if let id, let host = try configuration.optionalValue(of: hostname.of(id)) {
            found = (NetworkAddress(host: host, port: port), hostname.of(id).name)
        } else {
            let isOwn = configuration.isSet(key) || !configuration.isSet(hostname)
            found = (try configuration.value(of: key), isOwn ? key.name : hostname.name)
        }
        if found.address.isWildcard {
            found.address.host = "127.0.0.1"
        }
        return found
    }
}
