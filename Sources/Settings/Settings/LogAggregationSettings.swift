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
}
