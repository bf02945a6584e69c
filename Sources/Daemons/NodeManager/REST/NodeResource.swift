import ClusterModel
import HadoopHTTP
import NIOCore
package import NIOPosix
import NodeManagerCore

/// What the handlers of `/ws/v1/node` and the pages share.
package struct NodeResource: Sendable {
    package var snapshot: NodeSnapshot
    /// The name of this machine in links to this web server.
    package var advertisedHost: String
    /// Disks are read here, never on an event loop.
    package var threads: NIOThreadPool
    package var access: LogAccess
    /// Lists leave out what the caller may not view (`yarn.webapp.filter-entity-list-by-user`).
    package var filtersByUser: Bool
    /// Where aggregated logs are shown; nil where logs are not aggregated.
    package var logServer: LogServer?

    package init(
        snapshot: NodeSnapshot,
        advertisedHost: String,
        access: LogAccess = LogAccess(),
        filtersByUser: Bool = false,
        logServer: LogServer? = nil,
        threads: NIOThreadPool = .singleton
    ) {
        self.snapshot = snapshot
        self.advertisedHost = advertisedHost
        self.access = access
        self.filtersByUser = filtersByUser
        self.logServer = logServer
        self.threads = threads
    }

    var presentation: NodePresentation {
        let node = self.snapshot.node
        return NodePresentation(node: node, webAddress: "\(self.advertisedHost):\(node.node.httpPort)")
    }

    private var logs: ContainerLogs { ContainerLogs(directories: self.snapshot.node.logDirectories) }

    // MARK: Identifiers, with Hadoop's texts for what is none

    static func containerID(_ text: String) throws(RESTFailure) -> ContainerID {
        guard let id = ContainerID(text) else { throw .badRequest("invalid container id, \(text.prefix(255))") }
        return id
    }

    static func applicationID(_ text: String) throws(RESTFailure) -> ApplicationID {
        if let id = ApplicationID(text) { return id }
        let reason =
            text.hasPrefix("application_")
            ? "Invalid ApplicationId: \(text.prefix(255))"
            : "Invalid ApplicationId prefix: \(text.prefix(255)). The valid ApplicationId should start with prefix "
                + "application"
        throw .badRequest(reason, cause: "java.lang.IllegalArgumentException")
    }

    static func notFound(_ container: ContainerID) -> RESTFailure {
        .notFound("container with id, \(container), not found")
    }

    // MARK: Access

    /// - Throws: `LogAccess.Refusal` when the caller may not look at a container's logs.
    func checkView(of container: ContainerID, by request: WebRequest) async throws {
        let application = container.application
        try await self.access.check(request, application, self.snapshot.application(application))
    }

    func mayView(_ application: ApplicationID, _ request: WebRequest) async throws -> Bool {
        try await self.access.allows(request, self.snapshot.application(application))
    }

    /// Whether a list shows it.
    func lists(_ application: ApplicationID, for request: WebRequest) async throws -> Bool {
        guard self.filtersByUser else { return true }
        return try await self.mayView(application, request)
    }

    // MARK: Log files

    func logFiles(of container: ContainerID) async throws -> [ContainerLogs.File]? {
        let logs = self.logs
        return try await self.threads.runIfActive { logs.files(of: container) }
    }

    func open(_ name: String, of container: ContainerID) async throws -> LogFile? {
        let logs = self.logs
        return try await self.threads.runIfActive { logs.open(name, of: container) }
    }

    /// Hands out a part of a file in pieces.
    @concurrent
    func copy(
        _ range: Range<Int64>,
        of file: LogFile,
        to writer: any WebBodyWriter,
        through change: @Sendable ([UInt8]) -> [UInt8] = { $0 }
    ) async throws {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = Int(min(Self.pieceBytes, range.upperBound - offset))
            let at = offset
            let piece = try await self.threads.runIfActive { file.read(at: at, count: count) }
            // The file was cut while it was read.
            guard !piece.isEmpty else { throw LogFileShortened() }
            offset += Int64(piece.count)
            try await writer.write(ByteBuffer(bytes: change(piece)))
        }
    }

    /// Large enough that the disk counts, small enough that many readers cost little.
    private static let pieceBytes: Int64 = 64 << 10
}

/// A file became shorter than the length that was announced.
struct LogFileShortened: Error {}
