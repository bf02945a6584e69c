import HadoopConfig
import Settings
import Testing

@testable import AggregatedLogs
@testable import Staging

/// What the files say of transfers reaches those who make them.
@Suite struct TransferSettingsTests {
    private static let environment = ConfigurationEnvironment(
        variables: [
            "http_proxy": "http://other:3128", "NO_PROXY": "example.org", "AWS_REGION": "eu-south-2", "PATH": "/bin",
        ],
        systemProperties: ["user.name": "ann"]
    )

    private static func transfers(_ properties: KeyValuePairs<String, String>) throws -> Transfers {
        Transfers(try TransferLimits(Configuration(properties, environment: Self.environment)))
    }

    /// What is there with no key set, from the environment.
    private static var usual: TransferSettings {
        var settings = TransferSettings()
        settings.environment = ["http_proxy": "http://other:3128", "NO_PROXY": "example.org"]
        settings.s3.environment = ["AWS_REGION": "eu-south-2"]
        return settings
    }

    /// One key of `TransferKeys`, a value, and what it changes.
    struct Row: Sendable, CustomTestStringConvertible {
        var key: String
        var value: String
        var change: @Sendable (inout TransferSettings) -> Void
        var testDescription: String { "\(self.key)=\(self.value)" }

        init(_ key: String, _ value: String, _ change: @escaping @Sendable (inout TransferSettings) -> Void) {
            (self.key, self.value, self.change) = (key, value, change)
        }
    }

    private static let rows: [Row] = [
        Row("heddle.transfer.connect-timeout", "3s") { $0.connectTimeout = .seconds(3) },
        Row("heddle.transfer.stall-timeout", "4") { $0.stallTimeout = .seconds(4) },
        Row("heddle.transfer.stall-rate", "5k") { $0.stallBytesPerSecond = 5 << 10 },
        Row("heddle.transfer.total-timeout", "2m") { $0.totalTimeout = .seconds(120) },
        Row("heddle.transfer.attempts", "6") { $0.attemptsMaximum = 6 },
        Row("heddle.transfer.redirects-max", "7") { $0.redirectsMaximum = 7 },
        Row("heddle.transfer.streams", "8") { $0.streamsMaximum = 8 },
        Row("heddle.transfer.stream-min-size", "9m") { $0.streamBytesMinimum = 9 << 20 },
        Row("heddle.transfer.stream-min-time", "7s") { $0.streamTimeMinimum = .seconds(7) },
        Row("heddle.transfer.bandwidth-per-stream", "10k") { $0.bytesPerSecondMaximum = 10 << 10 },
        Row("heddle.transfer.checksums", "none") { $0.checksums = .none },
        Row("heddle.transfer.checksums", "all") { $0.checksums = .all },
        Row("heddle.transfer.proxy", "http://proxy:3128") { $0.proxy = "http://proxy:3128" },
        Row("heddle.transfer.no-proxy", "a,b") { $0.noProxy = "a,b" },
        Row("heddle.transfer.ca-bundle", "/etc/ca.pem") { $0.certificates = "/etc/ca.pem" },
        Row("heddle.transfer.hdfs-gateway.NameNode:8020", "webhdfs://gate:9870") {
            $0.hdfsGateways["namenode:8020"] = ResourceLocation(scheme: "webhdfs", host: "gate", port: 9870, path: "/")
        },
        Row("heddle.transfer.hdfs-gateway.ha", "swebhdfs://gate") {
            $0.hdfsGateways["ha"] = ResourceLocation(scheme: "swebhdfs", host: "gate", path: "/")
        },
        Row("heddle.transfer.ec2-metadata-endpoint", "http://127.0.0.1:1") {
            $0.s3.metadataEndpoint = "http://127.0.0.1:1"
        },
        Row("heddle.transfer.ec2-metadata-endpoint", "none") { $0.s3.metadataEndpoint = nil },
        Row("fs.s3a.endpoint", "https://store:9000") { $0.s3.common.endpoint = "https://store:9000" },
        Row("fs.s3a.endpoint.region", "eu-west-3") { $0.s3.common.region = "eu-west-3" },
        Row("fs.s3a.path.style.access", "true") { $0.s3.common.usesPathStyle = true },
        Row("fs.s3a.connection.ssl.enabled", "false") { $0.s3.common.usesTLS = false },
        Row("fs.s3a.access.key", "AKIA") { $0.s3.common.accessKey = "AKIA" },
        Row("fs.s3a.secret.key", "secret") { $0.s3.common.secretKey = "secret" },
        Row("fs.s3a.session.token", "session") { $0.s3.common.sessionToken = "session" },
        Row("fs.s3a.aws.credentials.provider", "x.AnonymousAWSCredentialsProvider") { $0.s3.common.isAnonymous = true },
        Row("fs.s3a.multiobjectdelete.enable", "false") { $0.s3.common.removesMany = false },
        Row("fs.s3a.multipart.size", "11M") { $0.s3.partSize = 11 << 20 },
        Row("fs.s3a.multipart.threshold", "12M") { $0.s3.multipartThreshold = 12 << 20 },
    ]

    @Test func `no key is missing here`() {
        let inLoop: Set = ["heddle.transfer.connections", "heddle.transfer.connections-per-host"]
        let tested = Set(Self.rows.map(\.key)).union(inLoop)
        #expect(TransferKeys.all.map(\.name).filter { !tested.contains($0) }.isEmpty)
    }

    @Test(arguments: Self.rows) func `each key changes what it names, and nothing else`(row: Row) throws {
        var expected = Self.usual
        #expect(try Self.transfers([:]).settings == expected)
        row.change(&expected)
        #expect(expected != Self.usual)
        #expect(try Self.transfers([row.key: row.value]).settings == expected)
    }

    @Test func `the numbers of connections are those of the keys`() throws {
        let usual = try Self.transfers([:]).loop
        #expect((usual.hostConnectionsMaximum, usual.connectionsMaximum) == (8, 64))
        let loop = try Self.transfers([
            "heddle.transfer.connections-per-host": "3", "heddle.transfer.connections": "5",
        ]).loop
        #expect((loop.hostConnectionsMaximum, loop.connectionsMaximum) == (3, 5))
    }

    @Test(arguments: TransferKeys.ofBuckets) func `a bucket may have each key of its own`(end: String) throws {
        let row = try #require(Self.rows.first { $0.key == "fs.s3a.\(end)" })
        // The bucket's name looks like the end of a key.
        let settings = try Self.transfers([
            "fs.s3a.bucket.my.endpoint.\(end)": row.value, "fs.s3a.access.key": "common",
        ]).settings
        var expected = Self.usual
        expected.s3.common.accessKey = "common"
        var own = expected
        row.change(&own)
        #expect(settings.s3[bucket: "my.endpoint"] == own.s3.common)
        #expect(settings.s3[bucket: "another"] == expected.s3.common)
    }

    @Test(arguments: ["http://gate:9870", "webhdfs://", "gate:9870", "webhdfs://gate:9870/path", "webhdfs://gate:x"])
    func `what is no WebHDFS address is refused with its key`(address: String) {
        let problem = #expect(throws: ConfigurationError.self) {
            try Self.transfers(["heddle.transfer.hdfs-gateway.namenode": address])
        }
        #expect(problem.map { "\($0)" }?.contains("heddle.transfer.hdfs-gateway.namenode") == true)
    }
}
