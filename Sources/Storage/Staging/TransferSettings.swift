import ClusterModel

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
    /// A transfer slower than this for `stallTimeout` is given up and tried again: a server that lets one byte drip from time
    /// to time would hold a container up for ever.
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
    /// Further streams begin where what is left would take one stream at least so long. Zero: at once.
    package var streamTimeMinimum: Duration = .seconds(2)
    /// Of each stream, each way; nil: no limit.
    package var bytesPerSecondMaximum: Int64?
    package var checksums = Checksums.stated
    /// nil: as `http_proxy` and its kind in `environment` say.
    package var proxy: String?
    /// Hosts that are reached without it, by commas; nil: as `no_proxy` says.
    package var noProxy: String?
    /// The variables that may name proxies.
    package var environment: [String: String] = [:]
    /// A PEM file of the authorities that https servers are believed by; nil: the system's.
    package var certificates: String?
    /// The WebHDFS gateway of each HDFS, by `host` or `host:port` in lower case.
    package var hdfsGateways: [String: ResourceLocation] = [:]
    package var s3 = S3Settings()

    package init(
        connectTimeout: Duration = .seconds(20),
        stallBytesPerSecond: Int = 1024,
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

    /// `stallBytesPerSecond`, but never a speed that the limit of bandwidth itself forbids.
    var slowestBytesPerSecond: Int {
        guard let maximum = self.bytesPerSecondMaximum else { return self.stallBytesPerSecond }
        return min(self.stallBytesPerSecond, max(1, Int(clamping: maximum / 2)))
    }

    /// libcurl fills its buffer so often before it looks at the limit of bandwidth, and then waits as long as that was worth.
    private static let fillsMaximum: Int64 = 100

    /// Bytes of libcurl's own buffer, each way: what one transfer holds in memory. Small where little may come, so that this
    /// comes steadily; libcurl takes no less than 1024.
    var bufferSize: Int {
        let usual: Int64 = 128 << 10
        return Int(min(max((self.bytesPerSecondMaximum ?? .max) / Self.fillsMaximum, 1024), usual))
    }

    /// `stallTimeout`, but never a time that the limit of bandwidth itself takes between two fillings.
    var stallSeconds: Int {
        let wanted = max(1, Int(self.stallTimeout.wholeMilliseconds / 1000))
        guard let maximum = self.bytesPerSecondMaximum else { return wanted }
        let atOnce = Int64(self.bufferSize) * Self.fillsMaximum
        return max(wanted, Int(clamping: 2 * atOnce / max(1, maximum) + 1))
    }
}
