import ClusterModel
import Foundation
import GRDB
import HadoopHTTP
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import Staging
import StagingCore
import StagingServer
import TestSupport
import Testing

/// A staging server on a folder of its own, which a test may stop and start again.
final class ServerFixture: Sendable {
    let folder: String
    private let issuesTokens: Bool
    private let certificate: ServerCertificate?
    private let running = NIOLockedValueBox<StagingServer?>(nil)

    var port: Int { self.running.withLockedValue { $0?.ports.first ?? 0 } }

    /// The https port, where there is a certificate.
    var securePort: Int { self.running.withLockedValue { $0?.ports.last ?? 0 } }

    private init(issuesTokens: Bool, certificate: ServerCertificate?) {
        self.issuesTokens = issuesTokens
        self.certificate = certificate
        self.folder = FileManager.default.temporaryDirectory.appending(path: "heddle-staging-\(UUID().uuidString)").path
    }

    static func with(
        issuesTokens: Bool = false,
        certificate: ServerCertificate? = nil,
        _ body: (ServerFixture) async throws -> Void
    ) async throws {
        let fixture = ServerFixture(issuesTokens: issuesTokens, certificate: certificate)
        do {
            try await fixture.start()
            try await body(fixture)
            try await fixture.stop()
        } catch {
            try? await fixture.stop()
            try? FileManager.default.removeItem(atPath: fixture.folder)
            throw error
        }
        try FileManager.default.removeItem(atPath: fixture.folder)
    }

    func start() async throws {
        var listeners = [StagingServerSettings.Listener(host: "127.0.0.1", port: 0)]
        if let certificate = self.certificate {
            listeners.append(StagingServerSettings.Listener(host: "127.0.0.1", port: 0, certificate: certificate))
        }
        let settings = StagingServerSettings(
            listeners: listeners,
            folder: self.folder,
            namespace: NamespaceSettings(superuser: "hdfs"),
            issuesTokens: self.issuesTokens,
            refusesImpersonation: { realUser, user, address in
                realUser == "oozie" && user != "hdfs" ? nil : "\(realUser) may not be \(user) from \(address)"
            }
        )
        let server = try await StagingServer.start(
            settings,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test"),
            stepDown: { reason in Issue.record("\(reason)") }
        )
        self.running.withLockedValue { $0 = server }
    }

    func stop() async throws {
        let server = self.running.withLockedValue { running in
            defer { running = nil }
            return running
        }
        try await server?.stop()
    }

    /// One request; `path` with its query but without the user.
    func call(
        _ method: String,
        _ path: String,
        user: String? = "hdfs",
        headers: [(String, String)] = [],
        body: String? = nil
    ) async throws -> WebClient.Answer {
        let user = user.map { "&user.name=\($0)" } ?? ""
        return try await WebClient.call(
            method,
            "/webhdfs/v1\(path)\(user)",
            port: self.port,
            headers: headers,
            body: body
        )
    }

    /// Both steps of CREATE or APPEND.
    func write(_ path: String, _ text: String, options: String = "", user: String = "hdfs") async throws -> Int {
        let first = try await self.call("PUT", "\(path)?op=CREATE\(options)", user: user)
        guard first.status == 307 else { return first.status }
        return try await self.send(text, to: first)
    }

    func append(_ path: String, _ text: String) async throws -> Int {
        let first = try await self.call("POST", "\(path)?op=APPEND")
        guard first.status == 307 else { return first.status }
        return try await self.send(text, to: first, method: "POST")
    }

    func send(_ text: String, to first: WebClient.Answer, method: String = "PUT") async throws -> Int {
        let target = try self.target(of: first)
        return try await WebClient.call(method, target, port: self.port, body: text).status
    }

    /// Path and query of the address that a first step answered.
    func target(of first: WebClient.Answer) throws -> String {
        let location = try #require(first.headers.first(name: "Location"))
        let prefix = "http://localhost:\(self.port)"
        #expect(location.hasPrefix(prefix))
        return String(location.dropFirst(prefix.utf8.count))
    }

    func read(_ path: String, options: String = "") async throws -> String {
        try await self.call("GET", "\(path)?op=OPEN\(options)").body
    }

    /// How many pieces of content are stored, in files and in the index.
    func contentCount() throws -> Int { try self.files(below: "blobs").count + self.indexedContent().count }

    /// The content that is in the index.
    func indexedContent() throws -> [String] {
        var configuration = Configuration()
        configuration.readonly = true
        let index = try DatabaseQueue(path: "\(self.folder)/index.db", configuration: configuration)
        return try index.read { database in
            try Data.fetchAll(database, sql: "SELECT bytes FROM record WHERE kind = 'content' ORDER BY key")
        }.map { String(decoding: $0, as: UTF8.self) }
    }

    func files(below name: String) throws -> [String] {
        let folder = "\(self.folder)/\(name)"
        return try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
            var isDirectory: ObjCBool = false
            return unsafe FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }
    }
}

extension ResourceLocation {
    /// A file of a server on loopback.
    static func webHDFS(_ path: String, port: Int) -> ResourceLocation {
        ResourceLocation(scheme: "webhdfs", host: "127.0.0.1", port: port, path: path)
    }
}

/// A connection for bytes that no HTTP client would send.
struct RawConnection {
    private let channel: any Channel

    static func open(port: Int) async throws -> RawConnection {
        RawConnection(
            channel: try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get()
        )
    }

    func send(_ text: String) async throws { try await self.channel.writeAndFlush(ByteBuffer(string: text)) }

    func close() async throws { try await self.channel.close() }
}
