package import HadoopConfig

/// How files are fetched and sent (`heddle.transfer.*`, `fs.s3a.*`).
package struct TransferLimits: Hashable, Sendable {
    package var connectTimeout: Duration
    package var stallTimeout: Duration
    /// What is slower counts as standing still.
    package var stallBytesPerSecond: Int
    package var totalTimeout: Duration?
    package var attemptsMaximum: Int
    package var redirectsMaximum: Int
    package var streamsMaximum: Int
    package var streamBytesMinimum: Int
    package var streamTimeMinimum: Duration
    package var hostConnectionsMaximum: Int
    package var connectionsMaximum: Int
    /// 0 for no limit.
    package var bytesPerSecondMaximum: Int
    /// "none", "stated" or "all".
    package var checksums: String
    package var proxy: String?
    package var noProxy: String?
    /// The process's environment, where `http_proxy` and its kind are looked for.
    package var environment: [String: String]
    package var certificates: String?
    /// The WebHDFS address of each HDFS: `webhdfs` or `swebhdfs`, by authority in lower case.
    package var hdfsGateways: [String: Gateway]
    package var s3: ObjectStore

    package struct Gateway: Hashable, Sendable {
        package var scheme: String
        package var host: String
        package var port: Int?
    }

    /// `fs.s3a.*`, and those of a bucket.
    package struct ObjectStore: Hashable, Sendable {
        package var common: Bucket
        package var buckets: [String: Bucket]
        package var partSize: Int
        package var multipartThreshold: Int
        /// Nil asks nobody.
        package var metadataEndpoint: String?
        /// The process's environment, where AWS's own variables are looked for.
        package var environment: [String: String]
    }

    package struct Bucket: Hashable, Sendable {
        package var endpoint: String?
        package var region: String?
        package var usesPathStyle: Bool
        package var usesTLS: Bool
        package var accessKey: String?
        package var secretKey: String?
        package var sessionToken: String?
        package var isAnonymous: Bool
        package var removesMany: Bool
    }

    /// - Throws: the first problem, naming file, line, key, value and what is accepted.
    package init(_ configuration: Configuration) throws(ConfigurationError) {
        self.connectTimeout = try configuration.value(of: TransferKeys.connectTimeout)
        self.stallTimeout = try configuration.value(of: TransferKeys.stallTimeout)
        self.stallBytesPerSecond = try configuration.value(of: TransferKeys.stallBytesPerSecond)
        self.totalTimeout = try configuration.value(of: TransferKeys.totalTimeout)
        self.attemptsMaximum = try configuration.value(of: TransferKeys.attemptsMaximum)
        self.redirectsMaximum = try configuration.value(of: TransferKeys.redirectsMaximum)
        self.streamsMaximum = try configuration.value(of: TransferKeys.streamsMaximum)
        self.streamBytesMinimum = try configuration.value(of: TransferKeys.streamBytesMinimum)
        self.streamTimeMinimum = try configuration.value(of: TransferKeys.streamTimeMinimum)
        self.hostConnectionsMaximum = try configuration.value(of: TransferKeys.hostConnectionsMaximum)
        self.connectionsMaximum = try configuration.value(of: TransferKeys.connectionsMaximum)
        self.bytesPerSecondMaximum = try configuration.value(of: TransferKeys.bytesPerSecondMaximum)
        self.checksums = try configuration.value(of: TransferKeys.checksums)
        self.proxy = try configuration.optionalValue(of: TransferKeys.proxy)
        self.noProxy = try configuration.optionalValue(of: TransferKeys.noProxy)
        self.environment = configuration.environment.variables.filter { $0.key.lowercased().hasSuffix("_proxy") }
        self.certificates = try configuration.optionalValue(of: TransferKeys.certificates)
        self.hdfsGateways = try Self.gateways(in: configuration)
        self.s3 = try ObjectStore(configuration)
    }

    private static func gateways(in configuration: Configuration) throws(ConfigurationError) -> [String: Gateway] {
        var found: [String: Gateway] = [:]
        for entry in configuration.setEntries where entry.key.hasPrefix(TransferKeys.gatewayPrefix) {
            let authority = entry.key.dropFirst(TransferKeys.gatewayPrefix.utf8.count).lowercased()
            let text = try configuration.text(of: entry.key) ?? ""
            let key = ConfigurationKey<NetworkAddress>(entry.key, default: nil, .address(defaultPort: 0))
            let parts = text.split(separator: "/", omittingEmptySubsequences: true)
            guard parts.count == 2, ["webhdfs:", "swebhdfs:"].contains(String(parts[0])),
                let address = key.form.parse(String(parts[1]))
            else {
                throw ConfigurationError(
                    configuration.problem(entry.key, text, "accepted: webhdfs://host:port or swebhdfs://host:port")
                )
            }
            found[authority] = Gateway(
                scheme: String(parts[0].dropLast()),
                host: address.host,
                port: address.port == 0 ? nil : address.port
            )
        }
        return found
    }
}

extension TransferLimits.ObjectStore {
    init(_ configuration: Configuration) throws(ConfigurationError) {
        self.common = try TransferLimits.Bucket(configuration, of: nil)
        self.partSize = try configuration.value(of: TransferKeys.partSize)
        self.multipartThreshold = try configuration.value(of: TransferKeys.multipartThreshold)
        let endpoint = try configuration.value(of: TransferKeys.metadataEndpoint)
        self.metadataEndpoint = endpoint == "none" ? nil : endpoint
        self.environment = configuration.environment.variables.filter { $0.key.hasPrefix("AWS_") }
        self.buckets = [:]
        for entry in configuration.setEntries where entry.key.hasPrefix(TransferKeys.bucketPrefix) {
            // A bucket's name may hold dots, and so do the keys: the longest end that is a key's counts.
            let rest = entry.key.dropFirst(TransferKeys.bucketPrefix.utf8.count)
            let ends = TransferKeys.ofBuckets.filter { rest.hasSuffix(".\($0)") }
            guard let end = ends.max(by: { $0.utf8.count < $1.utf8.count }) else { continue }
            let name = String(rest.dropLast(end.utf8.count + 1))
            if !name.isEmpty, self.buckets[name] == nil {
                self.buckets[name] = try TransferLimits.Bucket(configuration, of: name)
            }
        }
    }
}

extension TransferLimits.Bucket {
    /// - Parameter bucket: nil for what all have in common.
    init(_ configuration: Configuration, of bucket: String?) throws(ConfigurationError) {
        func text<Value>(_ key: ConfigurationKey<Value>) throws(ConfigurationError) -> Value? {
            if let bucket {
                let own = ConfigurationKey(
                    TransferKeys.bucketPrefix + bucket + "." + key.name.dropFirst("fs.s3a.".utf8.count),
                    default: nil,
                    key.form
                )
                if let value = try configuration.optionalValue(of: own) { return value }
            }
            return try configuration.optionalValue(of: key)
        }
        self.endpoint = try text(TransferKeys.endpoint)
        self.region = try text(TransferKeys.region)
        self.usesPathStyle = try text(TransferKeys.usesPathStyle) ?? false
        self.usesTLS = try text(TransferKeys.usesTLS) ?? true
        self.accessKey = try text(TransferKeys.accessKey)
        self.secretKey = try text(TransferKeys.secretKey)
        self.sessionToken = try text(TransferKeys.sessionToken)
        self.isAnonymous = try text(TransferKeys.credentialsProvider)?.contains("AnonymousAWSCredentials") ?? false
        self.removesMany = try text(TransferKeys.removesMany) ?? true
    }
}
