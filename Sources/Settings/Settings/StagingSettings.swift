package import HadoopConfig

/// What the staging server is configured with (`heddle.staging.*`).
package struct StagingSettings: Hashable, Sendable {
    package var common: CommonSettings
    package var listen: ListenAddress
    /// The folder of index and content.
    package var path: String
    /// Addresses of other machines whose callers are believed by name.
    package var trustedAddresses: [String]
    /// Whether callers who are believed by name get delegation tokens.
    package var issuesTokens: Bool
    package var supergroup: String
    package var scratchFolders: [String]
    /// Nil keeps what applications leave.
    package var abandonedAfter: Duration?

    /// - Throws: the first problem, naming file, line, key, value and what is accepted.
    package init(_ configuration: Configuration) throws(ConfigurationError) {
        self.common = try CommonSettings(configuration)
        if configuration.isSet(StagingKeys.address) {
            self.listen = try ListenAddress(
                StagingKeys.address,
                hostnameKey: ResourceManagerKeys.hostname,
                bindHostKey: StagingKeys.bindHost,
                security: self.common.security,
                in: configuration
            )
        } else {
            self.listen = ListenAddress(
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
        self.supergroup = try configuration.value(of: StagingKeys.supergroup)
        self.scratchFolders = try configuration.value(of: StagingKeys.scratchFolders)
        self.abandonedAfter = try configuration.value(of: StagingKeys.abandonedAfter)
    }
}
