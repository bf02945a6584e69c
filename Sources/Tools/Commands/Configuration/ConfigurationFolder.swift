package import HadoopConfig

/// The folder that a command reads its configuration from, and how that was decided.
package struct ConfigurationFolder: Sendable, Equatable {
    package var path: String
    /// `--conf-dir`, `HADOOP_CONF_DIR` or `YARN_CONF_DIR`.
    package var source: String

    package init(path: String, source: String) {
        self.path = path
        self.source = source
    }

    /// - Parameter commandLine: the folder that the command line names; it wins.
    /// - Returns: nil when nothing names one, so that clients know Hadoop's defaults only.
    package init?(commandLine: String?, environment: ConfigurationEnvironment) {
        if let commandLine {
            self.init(path: commandLine, source: "--conf-dir")
        } else if let found = environment.configurationDirectory {
            self.init(path: found.path, source: found.variable)
        } else {
            return nil
        }
    }

    /// What to say where there is none.
    package static let missingAdvice =
        "neither HADOOP_CONF_DIR nor YARN_CONF_DIR is set, so nothing was read and every key has Hadoop's default: "
        + "clients would look for the ResourceManager at 0.0.0.0:8032. Set it, as in "
        + "export HADOOP_CONF_DIR=/path/to/etc-hadoop, or name a folder with --conf-dir"
}
