package import HadoopConfig

/// What the staging server is configured with (`heddle.staging.*`).
package struct StagingSettings: Hashable, Sendable {
    package var common: CommonSettings
    /// Where http is served; nil for https only.
    package var plain: ListenAddress?
    /// Where https is served; nil for http only.
    package var secure: SecureListen?

    /// An https port, and the PEM files that it needs.
    package struct SecureListen: Hashable, Sendable {
        package var listen: ListenAddress
        package var certificatePath: String
        package var privateKeyPath: String
    }

    /// The folder of index and content.
    package var path: String
    /// Addresses of other machines whose callers are believed by name.
    package var trustedAddresses: [String]
    /// Whether callers who are believed by name get delegation tokens.
    package var issuesTokens: Bool
    /// How long a token is good without being renewed, and how long at most.
    package var tokenRenewal: Duration
    package var tokenLifetime: Duration
    /// How long one key signs new tokens.
    package var tokenKeyUpdate: Duration
    package var supergroup: String
    package var scratchFolders: [String]
    /// Nil keeps what applications leave.
    package var abandonedAfter: Duration?
    /// Between the two steps of a CREATE or APPEND.
    package var beginWithin: Duration
    package var cleanupInterval: Duration
    /// Whether the configuration names a ResourceManager, which knows the applications that run.
    package var namesResourceManager: Bool

    /// - Throws: the first problem, naming file, line, key, value and what is accepted.
    package init(_ configuration: Configuration) throws(ConfigurationError) {
        self.common = try CommonSettings(configuration)
        self.secure = try Self.secure(self.common.security, in: configuration)
        if configuration.isSet(StagingKeys.address) {
            self.plain = try ListenAddress(
                StagingKeys.address,
                hostnameKey: ResourceManagerKeys.hostname,
                bindHostKey: StagingKeys.bindHost,
                security: self.common.security,
                in: configuration
            )
        } else if self.secure == nil {
            self.plain = ListenAddress(
                bindHost: "127.0.0.1",
                port: StagingKeys.defaultPort,
                advertisedHost: "127.0.0.1",
                key: StagingKeys.address.name,
                origin: configuration.origin(of: StagingKeys.address.name)
            )
        }
        self.path = try configuration.value(of: StagingKeys.path)
        self.trustedAddresses = try configuration.value(of: StagingKeys.trustedAddresses)
        self.issuesTokens = try configuration.value(of: StagingKeys.delegationTokens)
        self.tokenRenewal = try configuration.value(of: StagingKeys.tokenRenewal)
        self.tokenLifetime = try configuration.value(of: StagingKeys.tokenLifetime)
        self.tokenKeyUpdate = try configuration.value(of: StagingKeys.tokenKeyUpdate)
        self.supergroup = try configuration.value(of: StagingKeys.supergroup)
        self.scratchFolders = try configuration.value(of: StagingKeys.scratchFolders)
        self.abandonedAfter = try configuration.value(of: StagingKeys.abandonedAfter)
        self.beginWithin = try configuration.value(of: StagingKeys.beginWithin)
        self.cleanupInterval = try configuration.value(of: StagingKeys.cleanupInterval)
        let isHighlyAvailable = try configuration.value(of: ResourceManagerKeys.highAvailabilityEnabled)
        self.namesResourceManager =
            isHighlyAvailable || configuration.isSet(ResourceManagerKeys.address)
            || configuration.isSet(ResourceManagerKeys.hostname)
    }

    /// Whether the configuration asks for a staging server where one is not started otherwise.
    package static func isAsked(in configuration: Configuration) -> Bool {
        configuration.isSet(StagingKeys.address) || configuration.isSet(StagingKeys.httpsAddress)
    }

    /// Every address that is listened on.
    package var listenAddresses: [ListenAddress] { [self.plain, self.secure?.listen].compactMap { $0 } }

    private static func secure(
        _ security: SecuritySettings,
        in configuration: Configuration
    ) throws(ConfigurationError) -> SecureListen? {
        guard configuration.isSet(StagingKeys.httpsAddress) else { return nil }
        return SecureListen(
            listen: try ListenAddress(
                StagingKeys.httpsAddress,
                hostnameKey: ResourceManagerKeys.hostname,
                bindHostKey: StagingKeys.bindHost,
                security: security,
                in: configuration
            ),
            certificatePath: try configuration.value(of: StagingKeys.certificate),
            privateKeyPath: try configuration.value(of: StagingKeys.privateKey)
        )
    }
}
