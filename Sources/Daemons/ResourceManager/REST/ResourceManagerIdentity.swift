import ClusterModel
package import HadoopHTTP

/// What this ResourceManager says of itself (`/ws/v1/cluster/info`).
package struct ResourceManagerIdentity: Sendable {
    /// When it started, in ms: the middle of the ids of applications it makes.
    package var clusterTimestamp: Int64
    package var stateStoreName: String
    private let address: AdvertisedAddress
    private let proxy: AdvertisedAddress

    /// - Parameters:
    ///   - webAddress: of its pages, for links; complete once the port is bound.
    ///   - proxyAddress: of the proxy; nil where the pages' own port is the proxy too.
    package init(
        clusterTimestamp: Int64,
        stateStoreName: String,
        webAddress: AdvertisedAddress,
        proxyAddress: AdvertisedAddress? = nil
    ) {
        self.clusterTimestamp = clusterTimestamp
        self.stateStoreName = stateStoreName
        self.address = webAddress
        self.proxy = proxyAddress ?? webAddress
    }

    /// `host:port` of its pages, as links name it.
    package var webAddress: String { self.address.text }

    /// `host:port` of the proxy, which tracking URLs lead through.
    package var proxyAddress: String { self.proxy.text }

    /// True when the proxy has a port of its own.
    var isProxyElsewhere: Bool { self.proxy !== self.address }

    /// ClusterInfo.
    package func rest(builtOn: String = Self.buildDate) -> RESTObject {
        let version = HeddleVersion.hadoopCompatibility
        let build = "\(version) from Heddle \(HeddleVersion.current) by Heddle source checksum unknown"
        var info = RESTObject()
        info.add("id", self.clusterTimestamp)
        info.add("startedOn", self.clusterTimestamp)
        info.add("state", "STARTED")
        info.add("haState", "ACTIVE")
        info.add("rmStateStoreName", self.stateStoreName)
        info.add("resourceManagerVersion", version)
        info.add("resourceManagerBuildVersion", build)
        info.add("resourceManagerVersionBuiltOn", builtOn)
        info.add("hadoopVersion", version)
        info.add("hadoopBuildVersion", build)
        info.add("hadoopVersionBuiltOn", builtOn)
        info.add(
            "haZooKeeperConnectionState",
            "Could not find leader elector. Verify both HA and automatic failover are enabled."
        )
        return info
    }

    /// Builds are reproducible, so they carry no date of their own; this is the month of the protocols they follow.
    package static let buildDate = "2024-10-09T00:00Z"
}
