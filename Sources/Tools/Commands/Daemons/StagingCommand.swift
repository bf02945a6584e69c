import ArgumentParser
import HadoopConfig
import Logging
import NIOCore
import NIOPosix
import Settings
import StagingCore
import StagingServer

/// `heddle staging`: runs the staging server until a signal ends it.
struct StagingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "staging",
        abstract: "Run the staging server.",
        discussion: """
            Keeps the files of applications for all nodes, for clusters without HDFS or a shared disk. Hadoop's clients use \
            it as webhdfs://HOST:PORT, by heddle.staging.address. Reads the configuration folder named by --config or \
            HADOOP_CONF_DIR and serves until SIGTERM or SIGINT. Writes its log to standard error.
            """
    )

    @Option(name: .customLong("config"), help: "The configuration folder (default: HADOOP_CONF_DIR).")
    var configurationDirectory: String?
    @Option(help: "How much is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel: String = "info"

    /// Loops that serve connections; files have threads of their own beside them.
    private static let loopsMaximum = 4

    func run() async throws {
        let signals = DaemonSignals()
        var logger = Logger(label: "staging")
        guard let level = Logger.Level(rawValue: self.logLevel.lowercased()) else {
            throw ValidationError(
                "--log-level is \(self.logLevel); accepted: trace, debug, info, notice, warning, error, critical"
            )
        }
        logger.logLevel = level
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(System.coreCount, Self.loopsMaximum))
        let reason: String
        do {
            let configuration = try Configuration.load(commandLineDirectory: self.configurationDirectory)
            for warning in configuration.warnings {
                logger.warning("\(warning)")
            }
            let settings = try StagingSettings(configuration)
            let server = try await Self.start(settings, group: group, logger: logger, signals: signals)
            reason = await signals.first()
            logger.info("Ending: \(reason)")
            try? await server.stop()
        } catch {
            logger.critical("The staging server cannot start: \(error)")
            try? await group.shutdownGracefully()
            throw ExitCode.failure
        }
        try await group.shutdownGracefully()
        guard DaemonSignals.isSignal(reason) else { throw ExitCode.failure }
    }

    /// Starts a server, which may live in another daemon's process.
    static func start(
        _ settings: StagingSettings,
        group: any EventLoopGroup,
        logger: Logger,
        signals: DaemonSignals
    ) async throws -> StagingServer {
        if let warning = settings.common.security.networkWarning([settings.listen]) { logger.warning("\(warning)") }
        var namespace = NamespaceSettings(
            superuser: settings.common.processUserName,
            supergroup: settings.supergroup,
            scratchFolders: settings.scratchFolders
        )
        namespace.abandonedAfter = settings.abandonedAfter.map { Int64($0 / .milliseconds(1)) }
        let server = try await StagingServer.start(
            StagingServerSettings(
                host: settings.listen.bindHost,
                port: settings.listen.port,
                hostNames: [settings.listen.advertisedHost],
                folder: settings.path,
                namespace: namespace,
                trustedAddresses: settings.trustedAddresses
            ),
            group: group,
            logger: logger,
            stepDown: { reason in signals.end(reason) }
        )
        logger.info("Files are at webhdfs://\(NetworkAddress(host: settings.listen.advertisedHost, port: server.port))")
        return server
    }
}
