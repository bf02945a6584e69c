internal import ApplicationMaster
internal import EngineLink
internal import Glibc
internal import HadoopConfig
internal import HadoopWire

/// The variables that make a process of a program an executor, and what they say.
struct ExecutorEnvironment: Sendable {
    static let executorName = "HEDDLE_EXECUTOR_ID"
    static let coresName = "HEDDLE_EXECUTOR_CORES"
    /// `HOST:PORT`.
    static let driverName = "HEDDLE_DRIVER"
    /// Where the driver's pages are, for its ApplicationMaster.
    static let pagesName = "HEDDLE_DRIVER_PAGES"
    /// Where the executor's own ports listen and are found; the NodeManager's host where it is not set.
    static let hostName = "HEDDLE_EXECUTOR_HOST"
    static let nodeHostName = "NM_HOST"
    /// Hadoop's variable for a container's credentials file.
    static let tokensName = "HADOOP_TOKEN_FILE_LOCATION"

    var executor: Int
    var cores: Int
    var driver: NetworkAddress
    var host: String
    var secret: ApplicationSecret
    var memory: MemorySettings
    /// `spark.executor.heartbeatInterval`
    var heartbeatInterval: Duration
    /// `spark.network.timeout`
    var networkTimeout: Duration
    var properties: EngineProperties
    /// Where it hands over what its map tasks wrote; nil where the node has no service, or `spark.shuffle.service.enabled` is
    /// false.
    var shuffleService: ShuffleService?

    struct Unusable: Error, CustomStringConvertible {
        var description: String
    }

    /// - Returns: nil where this process is no executor.
    /// - Throws: `Unusable` where it is meant to be one and what it needs is missing.
    init?(_ value: (String) -> String?) throws {
        guard let number = value(Self.executorName) else { return nil }
        guard let executor = Int(number), executor > 0 else {
            throw Unusable(description: "\(Self.executorName)=\(number) is no number of an executor")
        }
        guard let cores = Int(value(Self.coresName) ?? "1"), cores > 0 else {
            throw Unusable(description: "\(Self.coresName)=\(value(Self.coresName) ?? "") is no number of cores")
        }
        self.driver = try Self.address(Self.driverName, value)
        guard let file = value(Self.tokensName) else {
            throw Unusable(description: "\(Self.tokensName) is not set: it names the file with the application's token")
        }
        guard let credentials = try? Credentials(bytes: FileBytes.all(of: file)),
            let secret = ApplicationSecret(credentials)
        else { throw Unusable(description: "\(file) holds no token of kind \(ApplicationSecret.kind)") }
        let properties = EngineProperties(text: value(EngineProperties.variable) ?? "")
        self.memory = try MemorySettings(properties, memory: EngineSizes.executorHeap(properties), cores: cores)
        self.heartbeatInterval = try properties.heartbeatInterval
        self.networkTimeout = try properties.networkTimeout
        self.properties = properties
        if try properties.flag(.shuffleService, default: true) {
            self.shuffleService = ShuffleService(value)
        }
        self.executor = executor
        self.cores = cores
        self.host = value(Self.hostName) ?? value(Self.nodeHostName) ?? "127.0.0.1"
        self.secret = secret
    }

    /// `HOST:PORT` of a variable.
    static func address(_ name: String, _ value: (String) -> String?) throws -> NetworkAddress {
        let text = value(name) ?? ""
        guard let address = NetworkAddress(text, defaultPort: 0), address.port > 0 else {
            throw Unusable(description: "\(name)=\(text) is not HOST:PORT")
        }
        return address
    }

    /// Of this process.
    static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
