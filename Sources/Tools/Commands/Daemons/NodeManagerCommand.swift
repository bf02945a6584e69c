import ArgumentParser
import HadoopConfig
import HadoopRPC
import Logging
import NIOCore
import NIOPosix
import NodeManager
import NodeManagerCore
import Settings

/// `heddle nodemanager`: runs a NodeManager until a signal or its ResourceManager ends it.
struct NodeManagerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodemanager",
        abstract: "Run a NodeManager.",
        discussion: """
            Reads the configuration folder named by --config or HADOOP_CONF_DIR and runs containers until SIGTERM or SIGINT, \
            or until the ResourceManager excludes the node. Writes its log to standard error.
            """
    )

    @Option(name: .customLong("config"), help: "The configuration folder (default: HADOOP_CONF_DIR).")
    var configurationDirectory: String?
    @Option(help: "How much is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel: String = "info"

    /// Loops that serve connections; the core has a thread of its own beside them.
    private static let loopsMaximum = 2

    func run() async throws {
        let signals = DaemonSignals()
        OpenFileLimit.raise()
        var logger = Logger(label: "nodemanager")
        guard let level = Logger.Level(rawValue: self.logLevel.lowercased()) else {
            throw ValidationError(
                "--log-level is \(self.logLevel); accepted: trace, debug, info, notice, warning, error, critical"
            )
        }
        logger.logLevel = level
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(System.coreCount, Self.loopsMaximum))
        do {
            try await self.serve(group: group, logger: logger, signals: signals)
        } catch let code as ExitCode {
            try? await group.shutdownGracefully()
            throw code
        } catch {
            logger.critical("The NodeManager cannot start: \(error)")
            try? await group.shutdownGracefully()
            throw ExitCode.failure
        }
        try await group.shutdownGracefully()
    }

    private func serve(group: any EventLoopGroup, logger: Logger, signals: DaemonSignals) async throws {
        let configuration = try Configuration.load(commandLineDirectory: self.configurationDirectory)
        for warning in configuration.warnings {
            logger.warning("\(warning)")
        }
        let settings = try NodeManagerDaemonSettings(configuration)
        let daemon = try await NodeManagerDaemon.start(
            settings,
            configuration: configuration,
            group: group,
            logger: logger
        )
        logger.info("Serving containers as \(daemon.node.id), pages at port \(daemon.node.httpPort)")
        let expulsion = Task {
            guard let reason = await daemon.whenStopped() else { return false }
            signals.end(reason)
            return true
        }
        let reason = await signals.first()
        logger.info("Ending: \(reason)")
        await daemon.stop()
        // Scripts and service managers see that the node went against their will.
        if await expulsion.value { throw ExitCode.failure }
    }
}
