package import HadoopHTTP
package import Logging
package import NIOCore
import NIOPosix
package import StagingCore

/// What a staging server is started with.
package struct StagingServerSettings: Sendable {
    /// The address to bind.
    package var host: String
    package var port: Int
    /// Names that callers may call this server by, beside loopback's and the bound address.
    package var hostNames: [String]
    /// The folder of index and content.
    package var folder: String
    package var namespace: NamespaceSettings
    /// Addresses of other machines whose callers are believed by name.
    package var trustedAddresses: [String]
    /// Whether delegation tokens are given out; those that were are good in any case.
    package var issuesTokens: Bool
    package var limits: HTTPLimits

    package init(
        host: String,
        port: Int,
        hostNames: [String] = [],
        folder: String,
        namespace: NamespaceSettings,
        trustedAddresses: [String] = [],
        issuesTokens: Bool = false,
        limits: HTTPLimits = HTTPLimits()
    ) {
        self.host = host
        self.port = port
        self.hostNames = hostNames
        self.folder = folder
        self.namespace = namespace
        self.trustedAddresses = trustedAddresses
        self.issuesTokens = issuesTokens
        self.limits = limits
    }
}

/// Serves a folder over WebHDFS, so that Hadoop's clients use it as `webhdfs://host:port`.
package final class StagingServer: Sendable {
    /// The port that was bound.
    package let port: Int

    private let http: HTTPServer
    private let driver: StagingDriver
    private let threads: NIOThreadPool
    private let cleaning: Task<Void, Never>

    private init(http: HTTPServer, driver: StagingDriver, threads: NIOThreadPool) {
        self.port = http.port
        self.http = http
        self.driver = driver
        self.threads = threads
        self.cleaning = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.cleaningInterval)
                await driver.clean()
            }
        }
    }

    /// Short against the time that a second step of an upload has.
    private static let cleaningInterval: Duration = .seconds(15)
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
        let driver = try await StagingDriver.open(
            folder: settings.folder,
            settings: settings.namespace,
            logger: logger,
            stepDown: stepDown
        )
        let threads = NIOThreadPool(numberOfThreads: Self.threadCount)
        threads.start()
        let service = StagingService(
            driver: driver,
            callers: StagingCallers(
                superuser: settings.namespace.superuser,
                supergroup: settings.namespace.supergroup,
                trustedAddresses: Set(settings.trustedAddresses)
            ),
            hosts: HostGuard(names: settings.hostNames),
            threads: threads,
            issuesTokens: settings.issuesTokens,
            logger: logger
        )
        var limits = settings.limits
        limits.isUpload = { method, target in StagingService.isUpload(method: method, target: target) }
        do {
            let http = try await HTTPServer.start(
                host: settings.host,
                port: settings.port,
                limits: limits,
                group: group,
                logger: logger
            ) { await service.answer($0) }
            return StagingServer(http: http, driver: driver, threads: threads)
        } catch {
            try? await threads.shutdownGracefully()
            await driver.close()
            throw error
        }
    }

    /// Ends all connections and closes the folder. Uploads that are under way break.
    package func stop() async throws {
        self.cleaning.cancel()
        try await self.http.stop()
        try? await self.threads.shutdownGracefully()
        await self.driver.close()
    }
}
