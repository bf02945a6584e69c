import ArgumentParser
import HadoopConfig
import HadoopHTTP
import Logging
import ResourceManager
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
            it as webhdfs://HOST:PORT, by heddle.staging.address, or swebhdfs://, by heddle.staging.https.address. Reads the configuration folder named by --config or \
            HADOOP_CONF_DIR and serves until SIGTERM or SIGINT. Writes its log to standard error.
            """
    )

    @OptionGroup var options: DaemonOptions

    /// Loops that serve connections; files have threads of their own beside them.
    private static let loopsMaximum = 4

    func run() async throws {
        try await self.options.run("staging", title: "staging server", loopsMaximum: Self.loopsMaximum) { base in
            let settings = try StagingSettings(base.configuration)
            var lives: ApplicationLives?
            if settings.namesResourceManager {
                let questions = ApplicationQuestions(try ClientSettings(base.configuration), logger: base.logger)
                lives = { await questions.lives(of: $0) }
            }
            let server = try await Self.start(settings, on: base, applicationLives: lives)
            let reason = await base.signals.first()
            base.logger.info("Ending: \(reason)")
            try? await server.stop()
            return reason
        }
    }

    /// Starts a server, which may live in another daemon's process.
    /// - Parameter applicationLives: finds out which applications run, where somebody knows.
    static func start(
        _ settings: StagingSettings,
        on base: DaemonOptions.Base,
        applicationLives: ApplicationLives?
    ) async throws -> StagingServer {
        let (logger, signals) = (base.logger, base.signals)
        if let warning = settings.common.security.networkWarning(settings.listenAddresses) {
            logger.warning("\(warning)")
        }
        var namespace = NamespaceSettings(
            superuser: settings.common.processUserName,
            supergroup: settings.supergroup,
            scratchFolders: settings.scratchFolders
        )
        namespace.abandonedAfter = settings.abandonedAfter.map { Int64($0 / .milliseconds(1)) }
        namespace.beginWithin = Int64(settings.beginWithin / .milliseconds(1))
        let impersonation = Impersonation(settings.common.security.impersonation)
        let server = try await StagingServer.start(
            StagingServerSettings(
                listeners: try Self.listeners(settings),
                hostNames: settings.listenAddresses.map(\.advertisedHost),
                folder: settings.path,
                namespace: namespace,
                trustedAddresses: settings.trustedAddresses,
                issuesTokens: settings.issuesTokens,
                tokenTimes: TokenTimes(
                    lifetime: Int64(settings.tokenLifetime / .milliseconds(1)),
                    renewal: Int64(settings.tokenRenewal / .milliseconds(1)),
                    keyUpdate: Int64(settings.tokenKeyUpdate / .milliseconds(1))
                ),
                refusesImpersonation: { impersonation.refusal($0, $1, $2) },
                cleanupInterval: settings.cleanupInterval,
                applicationLives: applicationLives
            ),
            group: base.group,
            logger: logger,
            stepDown: { reason in signals.end(reason) }
        )
        let schemes = [settings.plain.map { _ in "webhdfs" }, settings.secure.map { _ in "swebhdfs" }].compactMap { $0 }
        for (scheme, (listen, port)) in zip(schemes, zip(settings.listenAddresses, server.ports)) {
            logger.info("Files are at \(scheme)://\(NetworkAddress(host: listen.advertisedHost, port: port))")
        }
        return server
    }

    private static func listeners(_ settings: StagingSettings) throws -> [StagingServerSettings.Listener] {
        var listeners: [StagingServerSettings.Listener] = []
        if let plain = settings.plain {
            listeners.append(StagingServerSettings.Listener(host: plain.bindHost, port: plain.port))
        }
        if let secure = settings.secure {
            let certificate = try ServerCertificate(
                certificate: ServerCertificate.Source(
                    path: secure.certificatePath,
                    key: StagingKeys.certificate.name
                ),
                privateKey: ServerCertificate.Source(path: secure.privateKeyPath, key: StagingKeys.privateKey.name)
            )
            listeners.append(
                StagingServerSettings.Listener(
                    host: secure.listen.bindHost,
                    port: secure.listen.port,
                    certificate: certificate
                )
            )
        }
        return listeners
    }
}
