/// Keys of the staging server, which Hadoop does not have.
package enum StagingKeys {
    /// Where the staging server listens for http. With neither this nor `httpsAddress` the ResourceManager starts none, and
    /// `heddle staging` listens on HDFS's own port at loopback.
    package static let address = ConfigurationKey<NetworkAddress>(
        "heddle.staging.address",
        default: nil,
        .address(defaultPort: defaultPort)
    )
    /// Where it listens for https.
    package static let httpsAddress = ConfigurationKey<NetworkAddress>(
        "heddle.staging.https.address",
        default: nil,
        .address(defaultPort: defaultHTTPSPort)
    )
    /// The PEM file of the certificate that https shows: the server's own first, then those between it and a root.
    package static let certificate = ConfigurationKey<String>("heddle.staging.ssl.certificate", default: nil, .path)
    /// The PEM file of its private key.
    package static let privateKey = ConfigurationKey<String>("heddle.staging.ssl.key", default: nil, .path)
    /// What it binds, where that differs from the addresses that others are told.
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
    /// How long a token is good without being renewed, how long at most, and how long a key signs new ones: HDFS's own keys.
    package static let tokenRenewal = ConfigurationKey<Duration>(
        "dfs.namenode.delegation.token.renew-interval",
        default: "86400000",
        .duration(.milliseconds)
    )
    package static let tokenLifetime = ConfigurationKey<Duration>(
        "dfs.namenode.delegation.token.max-lifetime",
        default: "604800000",
        .duration(.milliseconds)
    )
    package static let tokenKeyUpdate = ConfigurationKey<Duration>(
        "dfs.namenode.delegation.key.update-interval",
        default: "86400000",
        .duration(.milliseconds)
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
    /// How long the second step of a CREATE or APPEND may take to come. Until then the name is taken.
    package static let beginWithin = ConfigurationKey<Duration>(
        "heddle.staging.begin-within",
        default: "60s",
        .duration(.seconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// How often the server looks for what is abandoned, and whether its certificate has changed.
    package static let cleanupInterval = ConfigurationKey<Duration>(
        "heddle.staging.cleanup-interval",
        default: "15s",
        .duration(.seconds, .milliseconds(10)...DurationUnit.maximum)
    )
    /// The group whose members may do everything, as HDFS's `dfs.permissions.superusergroup`.
    package static let supergroup = ConfigurationKey<String>(
        "heddle.staging.supergroup",
        default: "supergroup",
        .text
    )

    /// `dfs.namenode.http-address`, where `webhdfs://host/` without a port leads.
    package static let defaultPort = 9_870
    /// `dfs.namenode.https-address`, where `swebhdfs://host/` without a port leads.
    package static let defaultHTTPSPort = 9_871

    /// Every key of this group.
    package static let all: [any AnyConfigurationKey] = [
        address, httpsAddress, certificate, privateKey, bindHost, path, trustedAddresses, delegationTokens,
        tokenRenewal, tokenLifetime, tokenKeyUpdate, scratchFolders, abandonedAfter, beginWithin,
        cleanupInterval, supergroup,
    ]
}
