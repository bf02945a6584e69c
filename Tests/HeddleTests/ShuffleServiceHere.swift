import BlockExchange
import ClusterModel
import EngineLink
import Foundation
import Logging
import NodeManagerCore
import Testing

@testable import NodeManager

/// The NodeManager's service `heddle_shuffle`, for one application in a test's folder.
final class ShuffleServiceHere: Sendable {
    static let secret = ApplicationSecret(application: "application_1_0001", password: [7])
    private static let user = "ann"

    /// The application's folder.
    let folder: String
    /// The test's folder.
    let root: String
    private let server: ShuffleServer

    init(_ folder: Folder) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.root = folder.path
        self.folder = folder.path("usercache/\(Self.user)/appcache/\(Self.secret.application)")
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        self.server = try await ShuffleServer.start(
            host: "127.0.0.1",
            port: 0,
            directories: [folder.path],
            logger: logger
        )
        let application = try #require(ApplicationID(Self.secret.application))
        let secret = ShuffleSecret(application: application, password: Self.secret.password)
        self.server.secrets.learn(secret, user: Self.user)
    }

    /// What a NodeManager tells containers.
    var variables: [String: String] {
        ["NM_AUX_SERVICE_heddle_shuffle": self.server.service.metadataBase64, "LOCAL_DIRS": self.folder]
    }

    /// What executors have handed over.
    var files: [String] {
        get throws {
            let top = "\(self.folder)/\(ShuffleLayout.folderName)"
            return try FileManager.default.subpathsOfDirectory(atPath: top).map { "\(top)/\($0)" }.filter { path in
                var isFolder: ObjCBool = false
                return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
                    && !isFolder.boolValue
            }
        }
    }

    func stop() async { await self.server.stop() }
}
