import ClusterModel
import Foundation
import Logging
import ResourceManagerCore
import Staging
import Testing

@testable import Commands

struct AggregatedLogDeletionTests {
    private static let now = Timestamp(milliseconds: 1_700_000_000_000)
    private static let running = ApplicationID(clusterTimestamp: 1_699_000_000_000, number: 3)

    private let root = FileManager.default.temporaryDirectory
        .appendingPathComponent("deletion-\(UUID().uuidString)").path

    /// Makes a file and gives it and the folder above it an age in seconds.
    private func make(_ path: String, fileAge: Double, folderAge: Double) throws {
        let file = URL(fileURLWithPath: "\(self.root)/\(path)")
        let folder = file.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("x".utf8).write(to: file)
        let now = Double(Self.now.milliseconds) / 1_000
        for (url, age) in [(file, fileAge), (folder, folderAge)] {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: now - age)],
                ofItemAtPath: url.path
            )
        }
    }

    private func deletion(_ seconds: Int) throws -> AggregatedLogDeletion {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return AggregatedLogDeletion(
            retention: try #require(LogRetention(seconds: seconds, checkSeconds: -1)),
            folders: AggregatedLogFolders(
                folders: try RemoteLogFolders("file://\(self.root)", suffix: "logs"),
                transfers: Transfers()
            ),
            state: { $0 == Self.running ? .running : nil },
            now: { Self.now },
            logger: logger
        )
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(self.root)/\(path)") }

    @Test func `old applications' folders go, in every layout, and nothing else`() throws {
        defer { try? FileManager.default.removeItem(atPath: self.root) }
        let old = [
            "ann/bucket-logs-tfile/0001/application_1699000000000_0001",
            "ann/logs-tfile/application_1699000000000_0001", "bob/logs/application_1699000000000_0002",
        ]
        for folder in old { try self.make("\(folder)/n_1", fileAge: 101, folderAge: 101) }
        let kept = [
            // Young, written to lately, running, of another kind.
            ("ann/bucket-logs-tfile/0004/application_1699000000000_0004/n_1", 99.0, 99.0),
            ("ann/bucket-logs-tfile/0005/application_1699000000000_0005/n_1", 99.0, 101.0),
            ("ann/bucket-logs-tfile/0003/\(Self.running)/n_1", 9_999.0, 9_999.0),
            ("ann/bucket-logs-tfile/0003/notes/n_1", 9_999.0, 9_999.0),
            ("ann/other/application_1699000000000_0001/n_1", 9_999.0, 9_999.0),
        ]
        for (path, fileAge, folderAge) in kept { try self.make(path, fileAge: fileAge, folderAge: folderAge) }
        #expect(try self.deletion(100).round(Cancellation()) == 3)
        for folder in old { #expect(!self.exists(folder)) }
        for (path, _, _) in kept { #expect(self.exists(path)) }
    }

    @Test func `a user's links lead the deletion nowhere`() throws {
        defer { try? FileManager.default.removeItem(atPath: self.root) }
        let elsewhere = "elsewhere/0001/application_1699000000000_0001/n_1"
        try self.make(elsewhere, fileAge: 9_999, folderAge: 9_999)
        try FileManager.default.createDirectory(atPath: "\(self.root)/eve", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: "\(self.root)/eve/bucket-logs-tfile",
            withDestinationPath: "\(self.root)/elsewhere"
        )
        #expect(try self.deletion(0).round(Cancellation()) == 0)
        #expect(self.exists(elsewhere))
    }

    @Test func `without a root there is nothing to do`() throws {
        #expect(try self.deletion(0).round(Cancellation()) == 0)
    }
}
