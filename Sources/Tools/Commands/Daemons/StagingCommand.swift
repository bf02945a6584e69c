import ArgumentParser
import HadoopConfig
import Logging
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

    @OptionGroup var options: DaemonOptions

    /// Loops that serve connections; files have threads of their own beside them.
    private static let loopsMaximum = 4

    func run() async throws {
        try await self.options.run("staging", title: "staging server", loopsMaximum: Self.loopsMaximum) { base in
            let settings = try StagingSettings(base.configuration)
            let server = try await Self.start(settings, on: base)
            let reason = await base.signals.first()
            base.logger.info("Ending: \(reason)")
            try? await server.stop()
            return reason
        }
    }

    /// Starts a server, which may live in another daemon's process.
    static func start(_ settings: StagingSettings, on base: DaemonOptions.Base) async throws -> StagingServer {
        let (logger, signals) = (base.logger, base.signals)
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
                trustedAddresses: settings.trustedAddresses,
                issuesTokens: settings.issuesTokens
            ),
            group: base.group,
            logger: logger,
            stepDown: { reason in signals.end(reason) }
        )
        logger.info("Files are at webhdfs://\(NetworkAddress(host: settings.listen.advertisedHost, port: server.port))")
        return server
    }
}
