import CLinux
package import ClusterModel
package import HadoopHTTP
package import Logging
package import NIOCore
import NIOPosix
package import StagingCore

/// Finds out which of some applications run. What is missing in the answer could not be found out.
package typealias ApplicationLives = @Sendable ([ApplicationID]) async -> [ApplicationID: ApplicationLife]

/// What a staging server is started with.
package struct StagingServerSettings: Sendable {
    /// A port to serve on.
    package struct Listener: Sendable {
        /// The address to bind.
        package var host: String
        package var port: Int
        /// For https; nil for http.
        package var certificate: ServerCertificate?

        package init(host: String, port: Int, certificate: ServerCertificate? = nil) {
            self.host = host
            self.port = port
            self.certificate = certificate
        }
    }

    package var listeners: [Listener]
    /// Names that callers may call this server by, beside loopback's and the bound address.
    package var hostNames: [String]
    /// The folder of index and content.
    package var folder: String
    package var namespace: NamespaceSettings
    /// Addresses of other machines whose callers are believed by name.
    package var trustedAddresses: [String]
    /// Whether delegation tokens are given out; those that were are good in any case.
    package var issuesTokens: Bool
    package var tokenTimes: TokenTimes
    /// Why a user may not act for another one from an address; nil if it may (`hadoop.proxyuser.*`).
    package var refusesImpersonation: @Sendable (_ realUser: String, _ user: String, _ address: String) -> String?
    /// How often is looked for what is abandoned, and for new certificates: short against the time that a second step of an
    /// upload has.
    package var cleanupInterval: Duration
    /// Nil where nobody knows which applications run: their folders are then abandoned by time alone.
    package var applicationLives: ApplicationLives?
    package var limits: HTTPLimits

    package init(
        listeners: [Listener],
        hostNames: [String] = [],
        folder: String,
        namespace: NamespaceSettings,
        trustedAddresses: [String] = [],
        issuesTokens: Bool = false,
        tokenTimes: TokenTimes = TokenTimes(),
        refusesImpersonation: @escaping @Sendable (String, String, String) -> String? = { realUser, user, _ in
            "User: \(realUser) is not allowed to impersonate \(user)"
        },
        cleanupInterval: Duration = .seconds(15),
        applicationLives: ApplicationLives? = nil,
        limits: HTTPLimits = HTTPLimits()
    ) {
        self.listeners = listeners
        self.hostNames = hostNames
        self.folder = folder
        self.namespace = namespace
        self.trustedAddresses = trustedAddresses
        self.issuesTokens = issuesTokens
        self.tokenTimes = tokenTimes
        self.refusesImpersonation = refusesImpersonation
        self.cleanupInterval = cleanupInterval
        self.applicationLives = applicationLives
        self.limits = limits
    }
}

/// Serves a folder over WebHDFS, so that Hadoop's clients use it as `webhdfs://host:port`.
package final class StagingServer: Sendable {
    /// The ports that were bound, in the order of the listeners.
    package let ports: [Int]

    private let servers: [HTTPServer]
    private let driver: StagingDriver
    private let threads: NIOThreadPool
    private let cleaning: Task<Void, Never>
    private let spilling: Task<Void, Never>

    private init(
        servers: [HTTPServer],
        driver: StagingDriver,
        threads: NIOThreadPool,
        settings: StagingServerSettings,
        logger: Logger
    ) {
        self.ports = servers.map(\.port)
        self.servers = servers
        self.driver = driver
        self.threads = threads
        self.spilling = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.spillingInterval)
                _ = try? await threads.runIfActive { driver.spillOldStreams() }
            }
        }
        let certificates = settings.listeners.compactMap(\.certificate)
        self.cleaning = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: settings.cleanupInterval)
                await driver.clean(asking: settings.applicationLives)
                // glibc keeps what was freed between pieces that are in use, which after many uploads is more than these.
                _ = try? await threads.runIfActive { heddle_trim_memory() }
                for certificate in certificates { Self.reload(certificate, logger) }
            }
        }
    }

    private static func reload(_ certificate: ServerCertificate, _ logger: Logger) {
        do {
            if try certificate.reload() { logger.notice("new connections get the certificate that has changed") }
        } catch {
            logger.error("the old certificate stays in use: \(error)")
        }
    }

    /// How long the bytes of an upload that goes on may be in memory alone, or up to twice as long.
    private static let spillingInterval: Duration = .milliseconds(500)
    /// Calls on files that wait for a disk at one time.
    private static let threadCount = 8

    /// Opens the folder and begins to serve.
    /// - Parameter stepDown: told why, when the index cannot be written any more.
    /// - Throws: what is wrong with the folder or the address, for the operator.
    package static func start(
        _ settings: StagingServerSettings,
        group: any EventLoopGroup,
        logger: Logger,
        stepDown: @escaping @Sendable (String) -> Void
    ) async throws -> StagingServer {
        var namespace = settings.namespace
        namespace.asksForApplications = settings.applicationLives != nil
        let driver = try await StagingDriver.open(
            folder: settings.folder,
            settings: namespace,
            tokenTimes: settings.tokenTimes,
            logger: logger,
            stepDown: stepDown
        )
        let files = FileThreads(count: Self.threadCount)
        let threads = files.pool
        let service = StagingService(
            driver: driver,
            callers: StagingCallers(
                superuser: settings.namespace.superuser,
                supergroup: settings.namespace.supergroup,
                trustedAddresses: Set(settings.trustedAddresses),
                refusesImpersonation: settings.refusesImpersonation
            ),
            hosts: HostGuard(names: settings.hostNames),
            files: files,
            issuesTokens: settings.issuesTokens,
            logger: logger
        )
        var limits = settings.limits
        limits.isServedOnLoops = true
        limits.isUpload = { method, target in StagingService.isUpload(method: method, target: target) }
        var servers: [HTTPServer] = []
        do {
            for listener in settings.listeners {
                let server = try await HTTPServer.start(
                    host: listener.host,
                    port: listener.port,
                    certificate: listener.certificate,
                    limits: limits,
                    group: group,
                    logger: logger
                ) { await service.answer($0) }
                servers.append(server)
            }
            return StagingServer(
                servers: servers,
                driver: driver,
                threads: threads,
                settings: settings,
                logger: logger
            )
        } catch {
            for server in servers { try? await server.stop() }
            try? await threads.shutdownGracefully()
            await driver.close()
            throw error
        }
    }

    /// Ends all connections and closes the folder. Uploads that are under way break.
    package func stop() async throws {
        self.cleaning.cancel()
        self.spilling.cancel()
        for server in self.servers { try await server.stop() }
        try? await self.threads.shutdownGracefully()
        await self.driver.close()
    }
}
