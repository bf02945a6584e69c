import ClusterModel
import Foundation
import Logging
import NIOCore
import NIOPosix
import StagingCore
import StateStore
import TestSupport
import Testing

@testable import StagingServer

/// Small content: acknowledged when its bytes are in the index, and brought to files afterwards.
@Suite struct SettlingTests {
    private static func hash(_ number: Int) throws -> ContentHash {
        let digits = String(number, radix: 16)
        return try #require(ContentHash(String(repeating: "0", count: 64 - digits.count) + digits))
    }

    @Test func `content is stored once while it waits, and anew only when it has settled`() throws {
        var settling = SettlingContent()
        let one = try Self.hash(1)
        func note(_ isNewFile: Bool) -> Bool { settling.note(one, count: 10, isNewFile: isNewFile) }
        func settle() -> [ContentHash] { settling.settled(settling.batch(limit: 10)) }
        #expect(note(true))
        #expect(!note(false))
        #expect(settle() == [one])
        #expect(settling.isEmpty)
        #expect(note(false))
    }

    @Test func `a file that goes and comes again while it is brought to disk keeps its row`() throws {
        var settling = SettlingContent()
        let one = try Self.hash(1)
        func note(_ isNewFile: Bool) -> Bool { settling.note(one, count: 10, isNewFile: isNewFile) }
        func settle() -> [ContentHash] { settling.settled(settling.batch(limit: 10)) }
        #expect(note(true))
        let underWay = settling.batch(limit: 10)
        // The old file was removed; this one is another, which nobody has brought to disk.
        #expect(!note(true))
        let settled = settling.settled(underWay)
        #expect(settled.isEmpty)
        #expect(settle() == [one])
    }

    @Test func `there is an end to what may wait`() throws {
        var settling = SettlingContent()
        let most = SettlingContent.pieceBytesMaximum
        var count = 0
        while settling.hasRoom(for: most) {
            _ = settling.note(try Self.hash(count), count: most, isNewFile: true)
            count += 1
        }
        #expect(count * most == SettlingContent.bytesMaximum)
        _ = settling.settled(settling.batch(limit: 1))
        #expect(settling.hasRoom(for: most) && !settling.hasRoom(for: most + 1))
    }

    private static let helloHash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

    /// What the machine's end leaves: the index with its rows, and files that were never flushed.
    @Test(arguments: ["missing", "empty", "wrong"])
    func `a start writes again what the disk did not keep`(damage: String) async throws {
        try await ServerFixture.with { server in
            #expect(try await server.write("/kept", "hello") == 201)
            try await server.stop()
            let store = try StateStore.open("\(server.folder)/index.db")
            let hash = try #require(ContentHash(Self.helloHash))
            let rows = [ContentRecord.put(hash, Array("hello".utf8)), ContentRecord.put(try Self.hash(1), [1, 2, 3])]
            _ = try await store.commit(rows, fence: store.fence)
            await store.closed()
            let path = "\(server.folder)/blobs/2c/\(Self.helloHash)"
            switch damage {
            case "missing": try FileManager.default.removeItem(atPath: path)
            case "empty": try Data().write(to: URL(filePath: path))
            default: try Data("hullo".utf8).write(to: URL(filePath: path))
            }
            try await server.start()
            #expect(try await server.read("/kept") == "hello")
            // What nothing names is not brought back.
            #expect(try server.contentCount() == 1)
            try await server.stop()
            #expect(try await Self.rows(in: server.folder).isEmpty)
            try await server.start()
            #expect(try await server.read("/kept") == "hello")
        }
    }

    @Test func `an upload's bytes are in the index when it is acknowledged, until its file is on disk`() async throws {
        try await Self.withDriver { driver in
            try await Self.upload("/a", "hello", as: 1, to: driver)
            try await Self.upload("/b", "hello", as: 2, to: driver)
            try await Self.upload("/c", "other", as: 3, to: driver)
            #expect(driver.settlingBatch(limit: 10).count == 2)
        } after: { folder in
            let rows = try await Self.rows(in: folder)
            #expect(rows.map { String(decoding: $0.bytes, as: UTF8.self) }.sorted() == ["hello", "other"])
        }
        try await Self.withDriver { driver in
            try await Self.upload("/a", "hello", as: 1, to: driver)
            await driver.settle(on: .singleton)
            #expect(driver.settlingBatch(limit: 10).isEmpty)
        } after: { folder in
            let rows = try await Self.rows(in: folder)
            #expect(rows.isEmpty)
            let blob = "\(folder)/blobs/2c/\(Self.helloHash)"
            let text = try String(contentsOfFile: blob, encoding: .utf8)
            #expect(text == "hello")
        }
    }

    // MARK: A driver without a server, which brings nothing to disk by itself

    private static let root = Caller(user: "hdfs", isSuperuser: true)

    private static func withDriver(
        _ body: (StagingDriver) async throws -> Void,
        after: (_ folder: String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "heddle-staging-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let driver = try await StagingDriver.open(
            folder: folder,
            settings: NamespaceSettings(superuser: "hdfs"),
            tokenTimes: TokenTimes(),
            logger: Logger(label: "test"),
            stepDown: { reason in Issue.record("\(reason)") }
        )
        do {
            try await body(driver)
        } catch {
            await driver.close()
            throw error
        }
        await driver.close()
        try await after(folder)
    }

    private static func upload(_ text: String, _ content: String, as number: UInt64, to driver: StagingDriver)
        async throws
    {
        let (path, write) = (try StagingPath(text), WriteID(number))
        try await driver.stepAhead { namespace, now in
            try namespace.create(path, FileCreation(overwrites: false), as: write, by: self.root, at: now)
            try namespace.begin(write, at: path, by: self.root)
        }
        let stream = UploadStream(write, in: driver.blobs)
        try stream.append(ByteBuffer(string: content))
        let (segment, small) = try #require(stream.finish())
        try await driver.finish(write, .small(segment, try #require(small)))
    }

    private static func rows(in folder: String) async throws -> [StoredRecord] {
        let store = try StateStore.open("\(folder)/index.db")
        let rows = try store.load().filter { $0.kind == ContentRecord.kind }
        await store.closed()
        return rows
    }
}
