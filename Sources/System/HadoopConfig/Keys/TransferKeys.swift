/// Keys of transfers: Heddle's own, and those of Hadoop's S3A that mean the same here.
package enum TransferKeys {
    /// Until a connection must stand.
    package static let connectTimeout = ConfigurationKey<Duration>(
        "heddle.transfer.connect-timeout",
        default: "20s",
        .duration(.seconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// How long a transfer may be slower than the stall rate before it is tried again.
    package static let stallTimeout = ConfigurationKey<Duration>(
        "heddle.transfer.stall-timeout",
        default: "60s",
        .duration(.seconds, .seconds(1)...DurationUnit.maximum)
    )
    /// Bytes in a second below which a transfer stands still.
    package static let stallBytesPerSecond = ConfigurationKey<Int>(
        "heddle.transfer.stall-rate",
        default: "1k",
        .bytes(1...1_073_741_824)
    )
    /// How long one request may take in all; -1 for no end.
    package static let totalTimeout = ConfigurationKey<Duration?>(
        "heddle.transfer.total-timeout",
        default: "-1",
        .durationOrNone(.seconds)
    )
    /// How often a transfer is tried that brings nothing.
    package static let attemptsMaximum = ConfigurationKey<Int>(
        "heddle.transfer.attempts",
        default: "4",
        .integer(1...1_000)
    )
    package static let redirectsMaximum = ConfigurationKey<Int>(
        "heddle.transfer.redirects-max",
        default: "10",
        .integer(0...1_000)
    )
    /// Streams side by side for one large file.
    package static let streamsMaximum = ConfigurationKey<Int>(
        "heddle.transfer.streams",
        default: "4",
        .integer(1...64)
    )
    /// What is worth a stream of its own.
    package static let streamBytesMinimum = ConfigurationKey<Int>(
        "heddle.transfer.stream-min-size",
        default: "32m",
        .bytes(1_048_576...Int.max)
    )
    /// What is left of a file must take one stream so long to be worth others.
    package static let streamTimeMinimum = ConfigurationKey<Duration>(
        "heddle.transfer.stream-min-time",
        default: "2s",
        .duration(.seconds)
    )
    package static let hostConnectionsMaximum = ConfigurationKey<Int>(
        "heddle.transfer.connections-per-host",
        default: "8",
        .integer(1...1_000)
    )
    package static let connectionsMaximum = ConfigurationKey<Int>(
        "heddle.transfer.connections",
        default: "64",
        .integer(1...10_000)
    )
    /// Bytes in a second of each stream; 0 for as many as come.
    package static let bytesPerSecondMaximum = ConfigurationKey<Int>(
        "heddle.transfer.bandwidth-per-stream",
        default: "0",
        .bytes(0...Int.max)
    )
    /// What is compared after a transfer.
    package static let checksums = ConfigurationKey<String>(
        "heddle.transfer.checksums",
        default: "stated",
        .word("none", "stated", "all")
    )
    /// An HTTP proxy; unset, as `http_proxy` and `https_proxy` say.
    package static let proxy = ConfigurationKey<String>("heddle.transfer.proxy", default: nil, .text)
    /// Hosts that are reached without it.
    package static let noProxy = ConfigurationKey<String>("heddle.transfer.no-proxy", default: nil, .text)
    /// A PEM file of authorities for https.
    package static let certificates = ConfigurationKey<String>("heddle.transfer.ca-bundle", default: nil, .path)
    /// Where a machine of EC2 finds its credentials; `none` asks nobody.
    package static let metadataEndpoint = ConfigurationKey<String>(
        "heddle.transfer.ec2-metadata-endpoint",
        default: "http://169.254.169.254",
        .text
    )

    /// The WebHDFS address of one HDFS, by its authority: `heddle.transfer.hdfs-gateway.namenode:8020`.
    package static let gatewayPrefix = "heddle.transfer.hdfs-gateway."

    package static let endpoint = ConfigurationKey<String>("fs.s3a.endpoint", default: nil, .text)
    package static let region = ConfigurationKey<String>("fs.s3a.endpoint.region", default: nil, .text)
    package static let usesPathStyle = ConfigurationKey<Bool>(
        "fs.s3a.path.style.access",
        default: "false",
        .boolean
    )
    package static let usesTLS = ConfigurationKey<Bool>(
        "fs.s3a.connection.ssl.enabled",
        default: "true",
        .boolean
    )
    package static let accessKey = ConfigurationKey<String>("fs.s3a.access.key", default: nil, .text)
    package static let secretKey = ConfigurationKey<String>("fs.s3a.secret.key", default: nil, .text)
    package static let sessionToken = ConfigurationKey<String>("fs.s3a.session.token", default: nil, .text)
    /// Java classes; only whether the anonymous one is among them counts.
    package static let credentialsProvider = ConfigurationKey<String>(
        "fs.s3a.aws.credentials.provider",
        default: nil,
        .text
    )
    package static let partSize = ConfigurationKey<Int>(
        "fs.s3a.multipart.size",
        default: "64M",
        .bytes(5_242_880...5_368_709_120)
    )
    package static let multipartThreshold = ConfigurationKey<Int>(
        "fs.s3a.multipart.threshold",
        default: "128M",
        .bytes(0...5_368_709_120)
    )

    /// Some stores do not know how objects are removed many at a time.
    package static let removesMany = ConfigurationKey<Bool>(
        "fs.s3a.multiobjectdelete.enable",
        default: "true",
        .boolean
    )

    /// What a bucket may have of its own, as `fs.s3a.bucket.NAME.endpoint`.
    package static let bucketPrefix = "fs.s3a.bucket."
    package static let ofBuckets: [String] = [
        endpoint.name, region.name, usesPathStyle.name, usesTLS.name, accessKey.name, secretKey.name,
        sessionToken.name, credentialsProvider.name, removesMany.name,
    ].map { String($0.dropFirst("fs.s3a.".count)) }

    /// Every key of this group.
    package static let all: [any AnyConfigurationKey] = [
        connectTimeout, stallTimeout, stallBytesPerSecond, totalTimeout, attemptsMaximum, redirectsMaximum,
        streamsMaximum, streamBytesMinimum, streamTimeMinimum, hostConnectionsMaximum, connectionsMaximum,
        bytesPerSecondMaximum,
        checksums, proxy, noProxy, certificates, metadataEndpoint, endpoint, region, usesPathStyle, usesTLS, accessKey,
        secretKey,
        sessionToken, credentialsProvider, partSize, multipartThreshold, removesMany,
    ]
}
