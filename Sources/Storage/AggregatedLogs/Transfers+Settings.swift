package import Settings
package import Staging

extension Transfers {
    /// What the configuration says of transfers, with connections of its own.
    package init(_ limits: TransferLimits) {
        var settings = TransferSettings(
            connectTimeout: limits.connectTimeout,
            stallBytesPerSecond: limits.stallBytesPerSecond,
            stallTimeout: limits.stallTimeout,
            redirectsMaximum: limits.redirectsMaximum,
            attemptsMaximum: limits.attemptsMaximum
        )
        settings.totalTimeout = limits.totalTimeout
        settings.streamsMaximum = limits.streamsMaximum
        settings.streamBytesMinimum = Int64(limits.streamBytesMinimum)
        settings.streamTimeMinimum = limits.streamTimeMinimum
        settings.bytesPerSecondMaximum = limits.bytesPerSecondMaximum == 0 ? nil : Int64(limits.bytesPerSecondMaximum)
        settings.checksums = TransferSettings.Checksums(rawValue: limits.checksums) ?? .stated
        settings.proxy = limits.proxy
        settings.noProxy = limits.noProxy
        settings.environment = limits.environment
        settings.certificates = limits.certificates
        settings.hdfsGateways = limits.hdfsGateways.mapValues {
            ResourceLocation(scheme: $0.scheme, host: $0.host, port: $0.port, path: "/")
        }
        settings.s3.common = Self.bucket(limits.s3.common)
        settings.s3.buckets = limits.s3.buckets.mapValues(Self.bucket)
        settings.s3.partSize = Int64(limits.s3.partSize)
        settings.s3.multipartThreshold = Int64(limits.s3.multipartThreshold)
        settings.s3.metadataEndpoint = limits.s3.metadataEndpoint
        settings.s3.environment = limits.s3.environment
        self.init(
            settings: settings,
            loop: TransferLoop(
                hostConnectionsMaximum: limits.hostConnectionsMaximum,
                connectionsMaximum: limits.connectionsMaximum
            )
        )
    }

    private static func bucket(_ limits: TransferLimits.Bucket) -> S3Settings.Bucket {
        var bucket = S3Settings.Bucket()
        bucket.endpoint = limits.endpoint
        bucket.region = limits.region
        bucket.usesPathStyle = limits.usesPathStyle
        bucket.usesTLS = limits.usesTLS
        bucket.accessKey = limits.accessKey
        bucket.secretKey = limits.secretKey
        bucket.sessionToken = limits.sessionToken
        bucket.isAnonymous = limits.isAnonymous
        bucket.removesMany = limits.removesMany
        return bucket
    }
}
