/// Keys of the staging server, which Hadoop does not have.
package enum StagingKeys {
    /// Where the staging server listens; unset, the ResourceManager starts none, and `heddle staging` listens on HDFS's own
    /// port at loopback.
    package static let address = ConfigurationKey<NetworkAddress>(
        "heddle.staging.address",
        default: nil,
        .address(defaultPort: defaultPort)
    )
    /// What it binds, where that differs from the address that others are told.
    package static let bindHost = ConfigurationKey<String>("heddle.staging.bind-host", default: nil, .text)
    /// The folder of index and content.
    package static let path = ConfigurationKey<String>(
        "heddle.staging.path",
        default: "${hadoop.tmp.dir}/heddle/staging",
        .path
    )
    /// IP addresses of other machines whose callers are believed whatever name they give.
    package static let trustedAddresses = ConfigurationKey<[String]>(
        "heddle.staging.trusted-addresses",
        default: "",
        .list
    )
    /// Whether GETDELEGATIONTOKEN gives tokens out. Off, it answers none, as HDFS does without Kerberos.
    package static let delegationTokens = ConfigurationKey<Bool>(
        "heddle.staging.delegation-tokens",
        default: "false",
        .boolean
    )
    /// Names of folders that hold an application's files only while it runs.
    package static let scratchFolders = ConfigurationKey<[String]>(
        "heddle.staging.scratch-folders",
        default: ".sparkStaging",
        .list
    )
    /// How long an application's folder in one of those stays when nobody reads or writes it; -1 keeps it.
    package static let abandonedAfter = ConfigurationKey<Duration?>(
        "heddle.staging.abandoned-after",
        default: "7d",
        .durationOrNone(.seconds)
    )
    /// The group whose members may do everything, as HDFS's `dfs.permissions.superusergroup`.
    package static let supergroup = ConfigurationKey<String>(
        "heddle.staging.supergroup",
        default: "supergroup",
        .text
    )

    /// `dfs.namenode.http-address`, where `webhdfs://host/` without a port leads.
    package static let defaultPort = 9_870

    /// Every key of this group.
    package static let all: [any AnyConfigurationKey] = [
        address, bindHost, path, trustedAddresses, delegationTokens, scratchFolders, abandonedAfter, supergroup,
    ]
}
