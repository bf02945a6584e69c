internal import AggregatedLogs
internal import ApplicationMaster
internal import HadoopConfig
internal import HadoopWire
internal import Settings
internal import Staging
internal import Synchronization

/// How this process reaches file systems: as whom, with which settings, with which tokens; and which file system a name
/// without a scheme speaks of.
///
/// Settings come from HADOOP_CONF_DIR; in a container from what the application was submitted with (`FileSettings`). Properties
/// `spark.hadoop.KEY` stand above both, as in Spark.
struct FileAccess: Sendable {
    let transfers: Transfers
    /// As whom servers know this process where no token says so.
    let user: String
    /// `fs.defaultFS`, without a slash at its end; nil where that is this machine.
    let standard: String?

    private struct State {
        var properties = EngineProperties()
        var made: FileAccess?
    }

    private static let state = Mutex(State())

    /// Says what the program's properties are. What is reached already stays so.
    static func use(_ properties: EngineProperties) {
        self.state.withLock { state in
            if state.properties != properties { state = State(properties: properties) }
        }
    }

    static var current: FileAccess {
        get throws {
            try self.state.withLock { state in
                if let made = state.made { return made }
                let new = try FileAccess(state.properties, .process)
                state.made = new
                return new
            }
        }
    }

    /// What this process's executors are to reach file systems with.
    static func settings(_ properties: EngineProperties) throws -> FileSettings {
        let environment = ConfigurationEnvironment.process
        return try FileSettings(
            self.configuration(properties, environment, Credentials.shown(environment.variables))
        )
    }

    private static func configuration(
        _ properties: EngineProperties,
        _ environment: ConfigurationEnvironment,
        _ credentials: Credentials
    ) throws -> Configuration {
        var configuration: Configuration
        if let settings = FileSettings(credentials) {
            configuration = Configuration(environment: environment)
            settings.apply(to: &configuration)
        } else {
            configuration = try Configuration.load(commandLineDirectory: nil, environment: environment)
        }
        properties.applyHadoopKeys(to: &configuration)
        return configuration
    }

    private init(_ properties: EngineProperties, _ environment: ConfigurationEnvironment) throws {
        let credentials = try Credentials.shown(environment.variables)
        let configuration = try Self.configuration(properties, environment, credentials)
        var transfers = Transfers(try TransferLimits(configuration))
        transfers.tokens = DelegationTokens(credentials)
        self.transfers = transfers
        self.user = environment.hadoopUserName
        let standard = try configuration.value(of: CoreKeys.defaultFileSystem)
        self.standard =
            standard.hasPrefix("file:") ? nil : String(standard.reversed().drop { $0 == "/" }.reversed())
    }

    /// A name that means the same in every process.
    private func absolute(_ name: String, workingFolder: String) -> String {
        if let standard = self.standard {
            return standard + (name.hasPrefix("/") ? name : "/user/\(self.user)/\(name)")
        }
        return name.hasPrefix("/") ? name : "\(workingFolder)/\(name)"
    }

    /// A name that means the same in every process.
    static func absolute(_ name: String) throws -> String {
        // Without a look at the configuration, which says nothing of it.
        if FileSources.scheme(of: name) != nil { return name }
        let folder = ConfigurationEnvironment.process.systemProperties["user.dir"] ?? ""
        return try self.current.absolute(name, workingFolder: folder)
    }
}
