import AggregatedLogs
import ArgumentParser
import ClusterModel
import HadoopHTTP
import HadoopRPC
import Logging
import ResourceManager
import ResourceManagerCore
import Settings
import Staging
import StagingCore
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

    @OptionGroup var options: DaemonOptions

    /// Loops that serve connections; the core has a thread of its own beside them.
    private static let loopsMaximum = 4

    func run() async throws {
        try await self.options.run(
            "resourcemanager",
            title: "ResourceManager",
            loopsMaximum: Self.loopsMaximum,
            serve: self.serve
        )
    }

    private func serve(_ base: DaemonOptions.Base) async throws -> String {
        let settings = try ResourceManagerDaemonSettings(base.configuration)
        let options = self.options
        let daemon = try await ResourceManagerDaemon.start(
            settings: settings,
            group: base.group,
            logger: base.logger,
            reload: { try ResourceManagerDaemonSettings(try options.readConfiguration()) },
            stepDown: { reason in base.signals.end(reason) }
        )
        let web: WebServers
        do {
            web = try await self.startWeb(daemon, on: base)
        } catch {
            await daemon.stop()
            throw error
        }
        let staging: StagingServer?
        do {
            staging = try await self.startStaging(settings, beside: daemon, on: base)
        } catch {
            try? await web.proxy?.stop()
            try? await web.pages.stop()
            await daemon.stop()
            throw error
        }
        let deletion = self.deleteOldLogs(daemon, on: base)
        let reason = await base.signals.first()
        base.logger.info("Ending: \(reason)")
        deletion?.cancel()
        try? await staging?.stop()
        try? await web.proxy?.stop()
        try? await web.pages.stop()
        await daemon.stop()
        return reason
    }

    /// Deletes aggregated logs in their time; Hadoop has its history server do it.
    private func deleteOldLogs(_ daemon: ResourceManagerDaemon, on base: DaemonOptions.Base) -> Task<Void, Never>? {
        guard let retention = daemon.settings.logRetention, let settings = daemon.settings.logAggregation else {
            return nil
        }
        do {
            let deletion = AggregatedLogDeletion(
                retention: retention,
                folders: AggregatedLogFolders(
                    folders: try RemoteLogFolders(settings.folder, suffix: settings.suffix),
                    transfers: Transfers(daemon.settings.transfers)
                ),
                state: { daemon.snapshot.application($0)?.state },
                now: { daemon.clock.now },
                logger: base.logger
            )
            return Task { await deletion.run() }
        } catch {
            base.logger.error("Old aggregated logs are not deleted: \(error)")
            return nil
        }
    }

    /// The staging server in this process, if `heddle.staging.address` is set.
    private func startStaging(
        _ settings: ResourceManagerDaemonSettings,
        beside daemon: ResourceManagerDaemon,
        on base: DaemonOptions.Base
    ) async throws -> StagingServer? {
        guard let staging = settings.staging else { return nil }
        return try await StagingCommand.start(staging, on: base) { applications in
            applications.reduce(into: [:]) { lives, id in
                lives[id] = ApplicationLife(daemon.snapshot.application(id)?.state)
            }
        }
    }

    private typealias WebServers = (pages: ResourceManagerHTTPServer, proxy: WebProxyServer?)

    private func startWeb(
        _ daemon: ResourceManagerDaemon,
        on base: DaemonOptions.Base
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
            configuration: base.configuration,
            clock: daemon.clock,
            bodyBytesMaximum: settings.common.rpc.frameLengthMaximum,
            isSubmissionEnabled: settings.restSubmissionEnabled,
            filtersByUser: settings.common.web.filtersByUser,
            logs: Self.logLinks(daemon),
            archive: try settings.logAggregation.map {
                try LogArchive($0, transfers: Transfers(settings.transfers))
            }
        )
        let web = try await ResourceManagerHTTPServer.start(
            host: settings.web.bindHost,
            port: settings.web.port,
            hostNames: [settings.web.advertisedHost],
            cluster: cluster,
            policy: policy,
            group: base.group,
            logger: base.logger
        )
        daemon.webAddress.set(host: settings.web.advertisedHost, port: web.port)
        base.logger.info("The web application is at http://\(daemon.webAddress.text)")
        let proxy = await self.startProxy(daemon, cluster, policy, on: base)
        return (web, proxy)
    }

    /// Logs of ended applications are shown by the server that the configuration names, or by these pages.
    private static func logLinks(_ daemon: ResourceManagerDaemon) -> LogLinks {
        guard daemon.settings.logAggregation != nil else { return LogLinks() }
        let (configured, own) = (daemon.settings.logServerURL, daemon.webAddress)
        return LogLinks { configured ?? "http://\(own.text)\(AggregatedLogPages.path)" }
    }

    /// The proxy on its own address. Where that cannot be listened on it is another program's, as that of Apache's
    /// `yarn proxyserver`, which asks this ResourceManager where applications are.
    private func startProxy(
        _ daemon: ResourceManagerDaemon,
        _ cluster: ClusterResource,
        _ policy: WebPolicy,
        on base: DaemonOptions.Base
    ) async -> WebProxyServer? {
        guard let listen = daemon.settings.webProxy else { return nil }
        do {
            let proxy = try await WebProxyServer.start(
                host: listen.bindHost,
                port: listen.port,
                hostNames: [listen.advertisedHost],
                cluster: cluster,
                policy: policy,
                group: base.group,
                logger: base.logger
            )
            daemon.proxyAddress.set(host: listen.advertisedHost, port: proxy.port)
            base.logger.info("The proxy to applications is at http://\(daemon.proxyAddress.text)")
            return proxy
        } catch {
            base.logger.warning(
                "Cannot listen on \(listen.advertised) (\(listen.key), \(listen.origin)): \(error). Links to applications lead there, so another proxy must answer; remove the property to have them on the web address"
            )
            return nil
        }
    }
}
