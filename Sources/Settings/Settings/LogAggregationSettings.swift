package import HadoopConfig

/// Where and how logs of applications are collected.
package struct LogAggregationSettings: Hashable, Sendable {
    /// The folder as a URL with its scheme: `yarn.nodemanager.remote-app-log-dir`, in `fs.defaultFS` when it names none.
    package var folder: String
    /// `yarn.nodemanager.remote-app-log-dir-suffix`
    package var suffix: String
    /// Files of a node and an application where logs are rolled (`yarn.nodemanager.log-aggregation.num-log-files-per-app`).
    package var rolledFilesMaximum: Int
    /// `yarn.nodemanager.log-aggregation.compression-type` is gz.
    package var compresses: Bool

    package init(_ configuration: Configuration) throws(ConfigurationError) {
        let folder = try configuration.value(of: NodeManagerKeys.remoteLogDirectory)
        let suffix = try configuration.value(of: NodeManagerKeys.remoteLogDirectorySuffix)
        guard !suffix.contains("/"), !suffix.isEmpty, suffix != ".", suffix != ".." else {
            throw ConfigurationError(
                configuration.problem(
                    NodeManagerKeys.remoteLogDirectorySuffix.name,
                    suffix,
                    "accepted: the name of a folder, such as logs"
                )
            )
        }
        self.suffix = suffix
        self.rolledFilesMaximum = try configuration.value(of: LogAggregationKeys.rolledFilesMaximum)
        self.compresses = try configuration.value(of: LogAggregationKeys.compression) == "gz"
        if folder.hasPrefix("/") {
            let fileSystem = try configuration.value(of: CoreKeys.defaultFileSystem)
            let root = fileSystem.hasSuffix("/") ? String(fileSystem.dropLast()) : fileSystem
            // `file:///` loses all its slashes but two.
            self.folder = root + folder
        } else {
            self.folder = folder
        }
    }

    /// Schemes of file systems that logs can be sent to.
    private static let schemes: Set = ["file", "webhdfs", "swebhdfs", "s3", "s3a", "s3n"]

    /// For who sends logs there, or shows them: where that is not possible all of them would fail, one after the other.
    /// - Throws: when the folder is in no file system that can be reached.
    func check(_ transfers: TransferLimits, in configuration: Configuration) throws(ConfigurationError) {
        let parts = self.folder.split(separator: ":", maxSplits: 1)
        let scheme = parts.count == 2 ? String(parts[0]).lowercased() : ""
        guard !Self.schemes.contains(scheme) else { return }
        let authority = parts.count == 2 ? String(parts[1].drop { $0 == "/" }.prefix { $0 != "/" }).lowercased() : ""
        let host = String(authority.prefix { $0 != ":" })
        let gateways = transfers.hdfsGateways
        if scheme == "hdfs", gateways[authority] != nil || gateways[host] != nil { return }
        let accepted = "accepted: a folder of webhdfs:, swebhdfs:, s3a: or, on a disk that all nodes share, file:"
        let gateway = TransferKeys.gatewayPrefix
        throw ConfigurationError(
            configuration.problem(
                NodeManagerKeys.remoteLogDirectory.name,
                self.folder,
                scheme == "hdfs"
                    ? "logs go to an HDFS over WebHDFS: set \(gateway)\(authority) to webhdfs://host:port, or name another "
                        + "place (\(accepted)), or set \(NodeManagerKeys.logAggregationEnabled.name) to false"
                    : "logs cannot be sent there; \(accepted); an hdfs: one needs \(gateway)AUTHORITY. Or set "
                        + "\(NodeManagerKeys.logAggregationEnabled.name) to false"
            )
        )
    }
}
