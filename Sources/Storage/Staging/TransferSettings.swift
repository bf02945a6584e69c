/// How resources are fetched and kept.
package struct TransferSettings: Sendable, Hashable {
    /// What is compared after a transfer.
    package enum Checksums: String, Sendable, Hashable, CaseIterable {
        /// Lengths only.
        case none
        /// What an answer states by itself.
        case stated
        /// Also what must be asked for, which costs a WebHDFS server another reading of the file.
        case all
    }

    /// Until a connection must stand.
    package var connectTimeout: Duration
    /// A transfer slower than this for `stallTimeout` is given up and tried again.
    package var stallBytesPerSecond: Int
    package var stallTimeout: Duration
    /// For one request from its start to its end, waiting for a free connection included; nil: no limit.
    package var totalTimeout: Duration?
    package var redirectsMaximum: Int
    /// How often a transfer is tried in all; only faults that can pass are tried again.
    package var attemptsMaximum: Int
    /// The pause before the second attempt; each further one is twice as long.
    package var firstPause: Duration
    package var pauseMaximum: Duration
    /// Bytes of one resource; nil: as many as the disk holds.
    package var bytesMaximum: Int64?
    /// Streams side by side for one large file, where its server allows parts.
    package var streamsMaximum = 4
    /// Bytes that are worth a stream of their own.
    package var streamBytesMinimum: Int64 = 32 << 20
    /// Of each stream, each way; nil: no limit.
    package var bytesPerSecondMaximum: Int64?
    package var checksums = Checksums.stated
    /// nil: as `http_proxy` and its kind in the environment say.
    package var proxy: String?
    /// Hosts that are reached without it, by commas; nil: as `no_proxy` says.
    package var noProxy: String?
    /// A PEM file of the authorities that https servers are believed by; nil: the system's.
    package var certificates: String?
    /// The WebHDFS gateway of each HDFS, by `host` or `host:port` in lower case.
    package var hdfsGateways: [String: ResourceLocation] = [:]
    package var s3 = S3Settings()

    package init(
        connectTimeout: Duration = .seconds(20),
        stallBytesPerSecond: Int = 1,
        stallTimeout: Duration = .seconds(60),
        redirectsMaximum: Int = 10,
        attemptsMaximum: Int = 4,
        firstPause: Duration = .milliseconds(500),
        pauseMaximum: Duration = .seconds(10),
        bytesMaximum: Int64? = nil
    ) {
        self.connectTimeout = connectTimeout
        self.stallBytesPerSecond = stallBytesPerSecond
        self.stallTimeout = stallTimeout
        self.redirectsMaximum = redirectsMaximum
        self.attemptsMaximum = attemptsMaximum
        self.firstPause = firstPause
        self.pauseMaximum = pauseMaximum
        self.bytesMaximum = bytesMaximum
    }
}
