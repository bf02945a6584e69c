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

    private static let properties = Mutex(EngineProperties())
    private static let made = Mutex<FileAccess?>(nil)

    /// Says what the program's properties are. What is reached already stays so.
    static func use(_ properties: EngineProperties) {
        let isNew = self.properties.withLock { known in
            defer { known = properties }
            return known.values != properties.values
        }
        if isNew { self.made.withLock { $0 = nil } }
    }

    static var current: FileAccess {
        get throws {
            try self.made.withLock { made in
                if let made { return made }
                let new = try FileAccess(self.properties.withLock { $0 }, .process)
                made = new
                return new
            }
        }
    }

    init(_ properties: EngineProperties, _ environment: ConfigurationEnvironment) throws {
        let credentials = try Credentials.shown(environment.variables)
        var configuration: Configuration
        if let settings = FileSettings(credentials) {
            configuration = Configuration(environment: environment)
            settings.apply(to: &configuration)
        } else {
            configuration = try Configuration.load(commandLineDirectory: nil, environment: environment)
        }
        FileSettings.applyOverrides(properties, to: &configuration)
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
