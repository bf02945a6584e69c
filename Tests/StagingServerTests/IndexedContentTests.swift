import ClusterModel
import Foundation
import Logging
import NIOCore
import StagingCore
import StateStore
import TestSupport
import Testing

@testable import StagingServer

/// Small content, which lives in the index, and uploads that are in memory until they end.
@Suite struct IndexedContentTests {
    private static let helloHash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    private static let most = 64 << 10

    @Test func `what is small is in the index, what is larger in files`() async throws {
        try await ServerFixture.with { server in
            let small = String(repeating: "s", count: Self.most)
            let large = small + "l"
            #expect(try await server.write("/small", small) == 201)
            #expect(try await server.write("/large", large) == 201)
            _ = try await server.write("/empty", "")
            #expect(try server.indexedContent() == [small])
            #expect(try server.files(below: "blobs").count == 1)
            #expect(try server.files(below: "streams").isEmpty)
            // Pieces of both kinds together, read from within each.
            #expect(try await server.append("/large", "end") == 200)
            #expect(try await server.append("/small", large) == 200)
            #expect(try await server.read("/large") == large + "end")
            #expect(try await server.read("/small") == small + large)
            #expect(try await server.read("/large", options: "&offset=65536") == "lend")
            #expect(try await server.read("/small", options: "&offset=65535&length=3") == "sss")
            #expect(try await server.read("/large", options: "&offset=65538&length=1") == "n")
        }
    }

    @Test(arguments: ["missing", "damaged"])
    func `content that the index has lost is an error of its file alone`(damage: String) async throws {
        try await ServerFixture.with { server in
            #expect(try await server.write("/lost", "hello") == 201)
            #expect(try await server.write("/kept", "other") == 201)
            try await server.stop()
            switch damage {
            case "missing": try await Self.commit([.remove(kind: "content", key: Self.helloHash)], in: server.folder)
            default: try Self.change("hello", to: "hullo", in: server.folder)
            }
            try await server.start()
            #expect(try await server.call("GET", "/lost?op=OPEN").status == 500)
            #expect(try await server.call("GET", "/lost?op=GETFILECHECKSUM").status == 500)
            #expect(try await server.read("/kept") == "other")
        }
    }

    /// As an index was left in which rows were there for files that a disk might have lost.
    @Test(arguments: ["missing", "empty", "whole"])
    func `a row goes before a file of the same content`(file: String) async throws {
        try await ServerFixture.with { server in
            #expect(try await server.write("/kept", "hello") == 201)
            try await server.stop()
            let unnamed = StoredRecord(
                kind: "content",
                key: String(repeating: "a", count: 64),
                version: 1,
                bytes: [1, 2, 3]
            )
            try await Self.commit([.put(unnamed)], in: server.folder)
            let path = "\(server.folder)/blobs/2c/\(Self.helloHash)"
            if file != "missing" { try Data((file == "empty" ? "" : "hello").utf8).write(to: URL(filePath: path)) }
            try await server.start()
            #expect(try await server.read("/kept") == "hello")
            // What nothing names is not kept, and nothing twice.
            try await eventually("one is left") { try server.contentCount() == 1 }
            _ = try await server.call("DELETE", "/kept?op=DELETE")
            try await eventually("none is left") { try server.contentCount() == 0 }
        }
    }

    @Test func `an upload that goes on is in memory for a while only, and a crash takes no older bytes along`()
        async throws
    {
        try await Self.withFolder { folder in
            let driver = try await Self.driver(folder)
            let stream = try await Self.begin("/log", as: 1, to: driver)
            try Self.append("hello", to: stream, of: driver)
            #expect(!stream.isSpilled)
            driver.spillOldStreams()
            #expect(!stream.isSpilled)
            driver.spillOldStreams()
            #expect(stream.isSpilled)
            try Self.append(" there", to: stream, of: driver)
            // The other has not been closed, as after a kill.
            let next = try await Self.driver(folder)
            #expect(try await Self.read("/log", from: next) == "hello there")
            await next.close()
            await driver.close()
        }
    }

    @Test func `a reader of an upload in memory has it put into a file, whose content is whole in the end`()
        async throws
    {
        try await Self.withBegunUpload { driver, stream in
            #expect(try await Self.read("/log", from: driver) == "hello")
            #expect(stream.isSpilled)
            try Self.append(" there", to: stream, of: driver)
            let (segment, bytes) = try #require(stream.finish())
            #expect(bytes == nil)
            try driver.install(stream.write, as: segment.hash)
            try await driver.finish(stream, segment, nil)
            #expect(try await Self.read("/log", from: driver) == "hello there")
            #expect(try driver.blobs.names(in: "streams").isEmpty)
        }
    }

    @Test func `a stream that has ended is not put into a file any more`() async throws {
        try await Self.withFolder { folder in
            let driver = try await Self.driver(folder)
            let kept = try await Self.begin("/kept", as: 1, to: driver)
            try Self.append("hello", to: kept, of: driver)
            let (segment, bytes) = try #require(kept.finish())
            try await driver.finish(kept, segment, bytes)
            try kept.spill()
            let gone = try await Self.begin("/gone", as: 2, to: driver)
            try Self.append("hello", to: gone, of: driver)
            await driver.abandon(gone.write, length: 0)
            try gone.spill()
            #expect(try driver.blobs.names(in: "streams").isEmpty)
            await driver.close()
        }
    }

    @Test func `a broken upload whose prefix cannot be stored ends all the same`() async throws {
        try await Self.withBegunUpload { driver, stream in
            let place = driver.blobs.path(of: stream.write)
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
            await driver.abandon(stream.write, length: 5)
            // Nobody has it open any more.
            _ = try await Self.begin("/log", as: 2, to: driver)
        }
    }

    @Test func `what was cut off from small content does not count as its hash`() async throws {
        try await ServerFixture.with { server in
            _ = try await server.write("/f", "hello")
            let digest = "\"contentSHA256\":\"\(Self.helloHash)\""
            #expect(try await server.call("GET", "/f?op=GETFILESTATUS").body.contains(digest))
            #expect(try await server.call("POST", "/f?op=TRUNCATE&newlength=4").status == 200)
            for _ in 0..<2 {
                #expect(try await !server.call("GET", "/f?op=GETFILESTATUS").body.contains("contentSHA256"))
                #expect(try await server.read("/f") == "hell")
                try await server.stop()
                try await server.start()
            }
        }
    }

    @Test func `a file that is opened for a reader at the last moment is removed with the stream`() async throws {
        try await Self.withBegunUpload { driver, stream in
            let (segment, bytes) = try #require(stream.finish())
            try stream.spill()
            #expect(bytes != nil)
            try await driver.finish(stream, segment, bytes)
            #expect(try driver.blobs.names(in: "streams").isEmpty)
            #expect(try await Self.read("/log", from: driver) == "hello")
        }
    }

    @Test func `bytes that cannot be put into a file stay in memory`() async throws {
        try await Self.withBegunUpload { driver, stream in
            let place = driver.blobs.path(of: stream.write)
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
            #expect(throws: StorageError.self) { try stream.spill() }
            try FileManager.default.removeItem(atPath: place)
            try Self.append(" there", to: stream, of: driver)
            let (segment, bytes) = try #require(stream.finish())
            #expect(bytes != nil)
            try await driver.finish(stream, segment, bytes)
            #expect(try await Self.read("/log", from: driver) == "hello there")
        }
    }

    @Test func `what says that it is long goes into a file from the beginning`() throws {
        try Self.withBlobs { blobs in
            let long = UploadStream(WriteID(1), length: Self.most + 1, in: blobs)
            try long.append(ByteBuffer(string: "x"))
            #expect(long.isSpilled)
            // Nobody knows how long this one becomes.
            let unknown = UploadStream(WriteID(2), length: nil, in: blobs)
            try unknown.append(ByteBuffer(bytes: [UInt8](repeating: 1, count: Self.most)))
            #expect(!unknown.isSpilled)
            try unknown.append(ByteBuffer(string: "x"))
            #expect(unknown.isSpilled)
            let size = try OpenFile(blobs.path(of: WriteID(2)), flags: O_RDONLY).size()
            #expect(size == Int64(Self.most) + 1)
        }
    }

    // MARK: A driver without a server

    private static let root = Caller(user: "hdfs", isSuperuser: true)

    private static func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "heddle-staging-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    /// With the first bytes, "hello", of `/log`.
    private static func withBegunUpload(_ body: (StagingDriver, UploadStream) async throws -> Void) async throws {
        try await self.withFolder { folder in
            let driver = try await self.driver(folder)
            do {
                let stream = try await self.begin("/log", as: 1, to: driver)
                try self.append("hello", to: stream, of: driver)
                try await body(driver, stream)
            } catch {
                await driver.close()
                throw error
            }
            await driver.close()
        }
    }

    private static func withBlobs(_ body: (BlobFolder) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "heddle-staging-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(try BlobFolder(path: folder))
    }

    private static func driver(_ folder: String) async throws -> StagingDriver {
        try await StagingDriver.open(
            folder: folder,
            settings: NamespaceSettings(superuser: "hdfs"),
            tokenTimes: TokenTimes(),
            logger: Logger(label: "test"),
            stepDown: { reason in Issue.record("\(reason)") }
        )
    }

    private static func begin(_ text: String, as number: UInt64, to driver: StagingDriver) async throws
        -> UploadStream
    {
        let (path, write) = (try StagingPath(text), WriteID(number))
        try await driver.step { namespace, now in
            try namespace.create(path, FileCreation(overwrites: false), as: write, by: self.root, at: now)
            try namespace.begin(write, at: path, by: self.root)
        }
        return driver.stream(of: write, length: nil)
    }

    private static func append(_ text: String, to stream: UploadStream, of driver: StagingDriver) throws {
        try stream.append(ByteBuffer(string: text))
        let total = stream.length
        try driver.note { try $0.received(stream.write, total: total) }
    }

    private static func read(_ path: String, from driver: StagingDriver) async throws -> String {
        let reading = try await driver.openForReading(try StagingPath(path), by: self.root)
        var text = ""
        for piece in reading.pieces(from: 0, length: reading.plan.length) {
            try reading.read(piece, upTo: 1 << 20) { text += String(buffer: $0) }
        }
        return text
    }

    private static func commit(_ operations: [StoreOperation], in folder: String) async throws {
        let store = try StateStore.open("\(folder)/index.db")
        _ = try await store.commit(operations, fence: store.fence)
        await store.closed()
    }

    /// As a disk that rots does.
    private static func change(_ old: String, to new: String, in folder: String) throws {
        let url = URL(filePath: "\(folder)/index.db")
        var data = try Data(contentsOf: url)
        while let range = data.range(of: Data(old.utf8)) { data.replaceSubrange(range, with: Data(new.utf8)) }
        try data.write(to: url)
    }
}
