internal import AggregatedLogs
internal import ApplicationMaster
internal import ClusterModel
internal import EngineCore
internal import EngineLink
internal import HadoopConfig
internal import HadoopWire
internal import Staging

/// What a process in an ApplicationMaster's container knows of its application, from its environment.
struct MasterEnvironment: Sendable {
    private let role: Submission.Role
    var application: String
    /// Which attempt of it this is.
    var attempt: Int?
    var scheduler: NetworkAddress
    /// Of the node that this runs on.
    var host: String
    var program: String
    var files: [StagedFile]
    var properties: EngineProperties
    var credentials: Credentials
    /// As whom file systems know the application's processes.
    private let user: String?
    /// What was copied for the application.
    private let staging: ResourceLocation?

    /// YARN's variable for a container's own id.
    private static let containerName = "CONTAINER_ID"

    typealias Unusable = ExecutorEnvironment.Unusable

    /// - Returns: nil where this process has not that role.
    init?(_ role: Submission.Role, _ value: (String) -> String?) throws {
        guard value(Submission.Variable.role) == role.rawValue else { return nil }
        self.role = role
        func needed(_ name: String) throws -> String {
            guard let text = value(name) else { throw Unusable(description: "\(name) is not set in the container") }
            return text
        }
        self.scheduler = try ExecutorEnvironment.address(Submission.Variable.scheduler, value)
        let tokens = try needed(ExecutorEnvironment.tokensName)
        self.application = try needed(Submission.Variable.application)
        self.attempt = value(Self.containerName).flatMap { ContainerID($0) }.map { Int($0.attempt.number) }
        self.host = value(ExecutorEnvironment.nodeHostName) ?? "127.0.0.1"
        self.program = try needed(Submission.Variable.program)
        self.files = try needed(Submission.Variable.files).split(separator: "\n").compactMap { StagedFile($0) }
        self.properties = EngineProperties(text: value(EngineProperties.variable) ?? "")
        self.user = value(Submission.Variable.user)
        self.staging = value(Submission.Variable.staging).flatMap { ResourceLocation(url: $0) }
        self.credentials = try Credentials(bytes: FileBytes.all(of: tokens))
    }

    /// How executors are started that find their driver at `invitation`.
    func order(_ invitation: ExecutorInvitation, sizes: EngineSizes) throws -> ApplicationMaster.Order {
        // What files are reached with; the tokens of ApplicationMasters are nobody else's.
        var credentials = self.credentials.ofFileSystems
        // Those of the submission, and what the program has set itself.
        try FileAccess.settings(self.properties).add(to: &credentials)
        credentials.set(invitation.secret.token, alias: ApplicationSecret.kind)
        let (files, program, shared) = (self.files, self.program, credentials)
        let arguments = ["./\(program)"] + CommandLine.arguments.dropFirst()
        let (properties, user) = (self.properties.withoutHadoopKeys, self.user)
        let ownEnvironment = self.properties.values.filter { $0.key.hasPrefix(Self.environmentPrefix) }
        return ApplicationMaster.Order(
            host: self.host,
            scheduler: (self.scheduler.host, self.scheduler.port),
            credentials: self.credentials,
            capability: ResourceVector(memoryMiB: sizes.executorMemory, vcores: Int64(sizes.executorCores)),
            failuresMaximum: try self.properties.executorFailuresMaximum,
            attempt: self.attempt ?? 1,
            trackingURL: invitation.pages ?? "",
            historyURL: try self.historyURL
        ) { executor, host in
            var environment = [
                ExecutorEnvironment.executorName: "\(executor.number)",
                ExecutorEnvironment.coresName: "\(sizes.executorCores)",
                ExecutorEnvironment.driverName: "\(invitation.host):\(invitation.port)",
                ExecutorEnvironment.hostName: host,
                EngineProperties.variable: properties.text,
                "SWIFT_BACKTRACE": "enable=no",
            ]
            if let user { environment[Submission.Variable.user] = user }
            for (name, value) in ownEnvironment {
                environment[String(name.dropFirst(Self.environmentPrefix.count))] = value
            }
            return ContainerLaunch(
                files: files,
                environment: environment,
                arguments: Array(arguments),
                credentials: shared
            )
        }
    }

    /// Removes what was copied for the application; what cannot be removed stays until its server does so.
    func removeStaging() {
        guard let folder = self.staging, let access = try? FileAccess.current else { return }
        _ = try? access.transfers.delete(folder, user: access.user)
    }

    /// In cluster mode each attempt has a log of its own.
    private var logAttempt: String {
        guard self.role == .driver, let attempt = self.attempt else { return "" }
        return "/\(attempt)"
    }

    /// Where Spark's history server will show the application (`spark.yarn.historyServer.address`), if it has an event log.
    private var historyURL: String {
        get throws {
            guard try self.properties.flag(.eventLog, default: false),
                let address = self.properties[.historyServer], !address.isEmpty
            else { return "" }
            return "\(address.contains("://") ? "" : "http://")\(address)/history/\(self.application)\(self.logAttempt)"
        }
    }

    /// `spark.executorEnv.NAME` is a variable of executors.
    private static let environmentPrefix = "spark.executorEnv."
}
