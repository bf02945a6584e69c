extension Configuration {
    /// Reads every `*-site.xml` of a folder, capacity-scheduler.xml and resource-types.xml: core-site.xml first, then
    /// yarn-site.xml, mapred-site.xml, hdfs-site.xml and the others; later ones win.
    ///
    /// - Parameter directory: nil reads no file and leaves every default.
    /// - Throws: every problem that keeps the files from being read, each with its file and line.
    package static func load(
        directory: String?,
        environment: ConfigurationEnvironment = .process,
        limits: ConfigurationLimits = ConfigurationLimits()
    ) throws(ConfigurationError) -> Configuration {
        let (configuration, problems) = Self.survey(directory: directory, environment: environment, limits: limits)
        guard problems.isEmpty else {
            throw ConfigurationError(problems)
        }
        return configuration
    }

    /// As `load`, but with whatever could be read even if some could not: for `heddle conf -check` and `heddle doctor`.
    package static func survey(
        directory: String?,
        environment: ConfigurationEnvironment = .process,
        limits: ConfigurationLimits = ConfigurationLimits()
    ) -> (configuration: Configuration, problems: [ConfigurationProblem]) {
        let empty = Configuration(environment: environment, limits: limits)
        guard let directory else { return (empty, []) }
        var reader = ConfigurationFolderReader(empty)
        reader.read(directory: directory)
        return (reader.configuration, reader.problems)
    }

    /// Reads the folder that a command line names, or else HADOOP_CONF_DIR or YARN_CONF_DIR; without any of these every
    /// key has its default.
    ///
    /// The configuration's environment then says HADOOP_CONF_DIR, as Hadoop's `--config` exports it: containers of a NodeManager
    /// that was started so inherit it (`yarn.nodemanager.env-whitelist`), and find the ResourceManager.
    package static func load(
        commandLineDirectory: String?,
        environment: ConfigurationEnvironment = .process
    ) throws(ConfigurationError) -> Configuration {
        guard let directory = commandLineDirectory ?? environment.configurationDirectory?.path else {
            return try Self.load(directory: nil, environment: environment)
        }
        var environment = environment
        let isAbsolute = directory.hasPrefix("/")
        let folder = isAbsolute ? "" : environment.systemProperties["user.dir"].map { $0 + "/" } ?? ""
        environment.variables["HADOOP_CONF_DIR"] = folder + directory
        return try Self.load(directory: directory, environment: environment)
    }
}
