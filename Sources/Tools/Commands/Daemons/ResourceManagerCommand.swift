import ArgumentParser
import Foundation
import HadoopConfig
import HadoopHTTP
import HadoopRPC
import Logging
import NIOCore
import NIOPosix
import ResourceManager
import Settings
import StagingServer

/// `heddle resourcemanager`: runs the ResourceManager until a signal ends it.
struct ResourceManagerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resourcemanager",
        abstract: "Run the ResourceManager.",
        discussion: """
            Reads the configuration folder named by --config or HADOOP_CONF_DIR and serves until SIGTERM or SIGINT. Writes \
            its log to standard error.
            """
    )

    @Option(name: .customLong("config"), help: "The configuration folder (default: HADOOP_CONF_DIR).")
    var configurationDirectory: String?
    @Option(help: "How much is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel: String = "info"

    /// Loops that serve connections; the core has a thread of its own beside them.
    private static let loopsMaximum = 4

    func run() async throws {
        let signals = DaemonSignals()
        OpenFileLimit.raise()
        var logger = Logger(label: "resourcemanager")
        guard let level = Logger.Level(rawValue: self.logLevel.lowercased()) else {
            throw ValidationError(
                "--log-level is \(self.logLevel); accepted: trace, debug, info, notice, warning, error, critical"
            )
        }
        logger.logLevel = level
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(System.coreCount, Self.loopsMaximum))
        let reason: String
        do {
            reason = try await self.serve(group: group, logger: logger, signals: signals)
        } catch {
            logger.critical("The ResourceManager cannot start: \(error)")
            try? await group.shutdownGracefully()
            throw ExitCode.failure
        }
        try await group.shutdownGracefully()
        guard DaemonSignals.isSignal(reason) else {
            // It stepped down: whoever watches over it should know that this was no orderly end.
            throw ExitCode.failure
        }
    }

    /// - Returns: why it ended.
    private func serve(
        group: any EventLoopGroup,
        logger: Logger,
        signals: DaemonSignals
    ) async throws -> String {
        let configuration = try Configuration.load(commandLineDirectory: self.configurationDirectory)
        for warning in configuration.warnings {
            logger.warning("\(warning)")
        }
        let settings = try ResourceManagerDaemonSettings(configuration)
        let daemon = try await ResourceManagerDaemon.start(
            settings: settings,
            group: group,
            logger: logger,
            reload: {
                try ResourceManagerDaemonSettings(
                    try Configuration.load(commandLineDirectory: self.configurationDirectory)
                )
            },
            stepDown: { reason in signals.end(reason) }
        )
        let web: WebServers
        do {
            web = try await self.startWeb(daemon, configuration, group: group, logger: logger)
        } catch {
            await daemon.stop()
            throw error
        }
        let staging: StagingServer?
        do {
            staging = try await self.startStaging(settings, group: group, logger: logger, signals: signals)
        } catch {
            try? await web.proxy?.stop()
            try? await web.pages.stop()
            await daemon.stop()
            throw error
        }
        let reason = await signals.first()
        logger.info("Ending: \(reason)")
        try? await staging?.stop()
        try? await web.proxy?.stop()
        try? await web.pages.stop()
        await daemon.stop()
        return reason
    }

    /// The staging server in this process, if `heddle.staging.address` is set.
    private func startStaging(
        _ settings: ResourceManagerDaemonSettings,
        group: any EventLoopGroup,
        logger: Logger,
        signals: DaemonSignals
    ) async throws -> StagingServer? {
        guard let staging = settings.staging else { return nil }
        return try await StagingCommand.start(staging, group: group, logger: logger, signals: signals)
    }

    private typealias WebServers = (pages: ResourceManagerHTTPServer, proxy: WebProxyServer?)

    private func startWeb(
        _ daemon: ResourceManagerDaemon,
        _ configuration: Configuration,
        group: any EventLoopGroup,
        logger: Logger
    ) async throws -> WebServers {
        let settings = daemon.settings
        let policy = settings.common.web.policy(crossOriginEnabled: settings.crossOriginEnabled)
        let cluster = ClusterResource(
            identity: ResourceManagerIdentity(
                clusterTimestamp: daemon.clusterTimestamp,
                stateStoreName: daemon.storeName,
                webAddress: daemon.webAddress,
                proxyAddress: daemon.proxyAddress
            ),
            snapshot: daemon.snapshot,
            writing: daemon.gateway,
            callers: daemon.callers,
            configuration: configuration,
            clock: daemon.clock,
            bodyBytesMaximum: settings.common.rpc.frameLengthMaximum,
            isSubmissionEnabled: settings.restSubmissionEnabled,
            filtersByUser: settings.common.web.filtersByUser
        )
        let web = try await ResourceManagerHTTPServer.start(
            host: settings.web.bindHost,
            port: settings.web.port,
            hostNames: [settings.web.advertisedHost],
            cluster: cluster,
            policy: policy,
            group: group,
            logger: logger
        )
        daemon.webAddress.set(host: settings.web.advertisedHost, port: web.port)
        logger.info("The web application is at http://\(daemon.webAddress.text)")
        let proxy = await self.startProxy(daemon, cluster, policy, group: group, logger: logger)
        return (web, proxy)
    }

    /// The proxy on its own address. Where that cannot be listened on it is another program's, as that of Apache's
    /// `yarn proxyserver`, which asks this ResourceManager where applications are.
    private func startProxy(
        _ daemon: ResourceManagerDaemon,
        _ cluster: ClusterResource,
        _ policy: WebPolicy,
        group: any EventLoopGroup,
        logger: Logger
    ) async -> WebProxyServer? {
        guard let listen = daemon.settings.webProxy else { return nil }
        do {
            let proxy = try await WebProxyServer.start(
                host: listen.bindHost,
                port: listen.port,
                hostNames: [listen.advertisedHost],
                cluster: cluster,
                policy: policy,
                group: group,
                logger: logger
            )
            daemon.proxyAddress.set(host: listen.advertisedHost, port: proxy.port)
            logger.info("The proxy to applications is at http://\(daemon.proxyAddress.text)")
            return proxy
        } catch {
            logger.warning(
                "Cannot listen on \(listen.advertised) (\(listen.key), \(listen.origin)): \(error). Links to applications lead there, so another proxy must answer; remove the property to have them on the web address"
            )
            return nil
        }
    }
}
