import Foundation
import Staging
import TestSupport
import Testing

/// Our transfers against our server, over lines that break.
@Suite(.timeLimit(.minutes(2))) struct TransferTests {
    private static let body = Data((0..<3 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 11) })

    private static func transfers(
        _ change: (inout TransferSettings) -> Void = { _ in },
        chance: @escaping @Sendable () -> Double = { 0.5 }
    ) -> Transfers {
        var settings = TransferSettings(
            attemptsMaximum: 3,
            firstPause: .milliseconds(2),
            pauseMaximum: .milliseconds(20)
        )
        settings.streamsMaximum = 1
        change(&settings)
        return Transfers(settings: settings, loop: TransferLoop(), chance: chance)
    }

    /// Runs a body with a server and a folder of this machine, on a thread that may block.
    private func with(
        _ body: @escaping @Sendable (_ server: ServerFixture, _ folder: String) throws -> Void
    ) async throws {
        try await ServerFixture.with { server in
            let folder = "\(server.folder)-local"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try Self.body.write(to: URL(filePath: "\(folder)/source"))
            try await BlockingThreads(threadsMaximum: 1).run { _ in try body(server, folder) }
        }
    }

    private static func expectWhole(_ path: String) throws {
        // Not in the expectation: three million bytes are no message.
        let isWhole = try Data(contentsOf: URL(filePath: path)) == Self.body
        #expect(isWhole)
    }

    @Test func `what goes up comes back, with the checksum that HDFS has for it`() async throws {
        try await self.with { server, folder in
            let transfers = Self.transfers { $0.checksums = .all }
            for size in [0, 1, 511, 512, 513, Self.body.count] {
                let (source, target) = ("\(folder)/part", "\(folder)/target")
                try Self.body.prefix(size).write(to: URL(filePath: source))
                let location = ResourceLocation.webHDFS("/f\(size)", port: server.port)
                #expect(try transfers.upload(source, to: location, user: "hdfs") == size)
                #expect(try transfers.download(location, to: target, user: "hdfs") == size)
                let isWhole = try Data(contentsOf: URL(filePath: target)) == Self.body.prefix(size)
                #expect(isWhole, "\(size)")
            }
        }
    }

    /// A file under construction has a time and a length, too, which a client may have stated.
    @Test(arguments: [("PUT", "CREATE"), ("POST", "APPEND")])
    func `a file is localized when it is closed, not before`(method: String, operation: String) async throws {
        try await ServerFixture.with { server in
            let text = operation == "APPEND" ? "one" : ""
            if !text.isEmpty { _ = try await server.write("/f", text) }
            let first = try await server.call(method, "/f?op=\(operation)")
            let writer = try await RawConnection.open(port: server.port)
            let target = try server.target(of: first)
            try await writer.send(
                "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n two\r\n"
            )
            try await eventually("the first bytes are there") { try await server.read("/f") == "\(text) two" }
            let port = server.port
            @Sendable func fetch(_ expectation: ResourceExpectation) async throws(TransferFailure) -> Int64 {
                try await BlockingThreads(threadsMaximum: 1).run { cancellation throws(TransferFailure) in
                    let location = ResourceLocation.webHDFS("/f", port: port)
                    let path = "\(server.folder)-target"
                    defer { try? FileManager.default.removeItem(atPath: path) }
                    return try Self.transfers().download(
                        location,
                        expecting: expectation,
                        to: path,
                        user: "hdfs",
                        cancellation: cancellation
                    )
                }
            }
            let refusal = await #expect(throws: TransferFailure.self) {
                try await fetch(ResourceExpectation(size: Int64(text.utf8.count + 4), isClosed: true))
            }
            #expect(refusal?.description.contains("/f is still being written: \(text.utf8.count + 4) bytes") == true)
            #expect(refusal?.isTransient == false)
            // Who reads what grows, such as an event log, does not ask for that.
            #expect(try await fetch(ResourceExpectation()) == text.utf8.count + 4)
            try await writer.send("0\r\n\r\n")
            try await eventually("the file is closed") {
                try await server.call("GET", "/f?op=GETFILESTATUS").body.contains(#""underConstruction":false"#)
            }
            #expect(try await fetch(ResourceExpectation(isClosed: true)) == text.utf8.count + 4)
            try? await writer.close()
        }
    }

    @Test func `content that rots on the server's disk is not taken`() async throws {
        try await self.with { server, folder in
            let location = ResourceLocation.webHDFS("/f", port: server.port)
            try Self.transfers().upload("\(folder)/source", to: location, user: "hdfs")
            let blob = try #require(try server.files(below: "blobs").first)
            let file = try FileHandle(forUpdating: URL(filePath: "\(server.folder)/blobs/\(blob)"))
            try file.seek(toOffset: 1_000_000)
            try file.write(contentsOf: Data([~Self.body[1_000_000]]))
            try file.close()
            let failure = #expect(throws: TransferFailure.self) {
                try Self.transfers().download(location, to: "\(folder)/target", user: "hdfs")
            }
            #expect(failure?.description.contains("did not arrive as it was sent") == true, "\(failure as Any)")
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/target"))
        }
    }

    @Test func `a download that breaks goes on where it broke`() async throws {
        try await self.with { server, folder in
            try Self.transfers().upload("\(folder)/source", to: .webHDFS("/f", port: server.port), user: "hdfs")
            let relay = try Relay(to: server.port, cuts: .init(connections: 2, fromServer: 1_400_000))
            defer { relay.close() }
            for checksums in [TransferSettings.Checksums.stated, .all] {
                let transfers = Self.transfers { $0.checksums = checksums }
                try transfers.download(.webHDFS("/f", port: relay.port), to: "\(folder)/target", user: "hdfs")
                try Self.expectWhole("\(folder)/target")
            }
            #expect(relay.connections >= 3)
            // Two downloads, with their heads.
            #expect(relay.fromServer < Self.body.count * 2 + 100_000)
        }
    }

    @Test(arguments: [Duration.zero, .milliseconds(500)])
    func `a large download comes in parts side by side`(timeMinimum: Duration) async throws {
        try await self.with { server, folder in
            try Self.transfers().upload("\(folder)/source", to: .webHDFS("/f", port: server.port), user: "hdfs")
            let relay = try Relay(to: server.port)
            defer { relay.close() }
            let transfers = Self.transfers {
                $0.streamsMaximum = 3
                $0.streamBytesMinimum = 256 << 10
                $0.streamTimeMinimum = timeMinimum
                // So slow that the first stream has not ended when the others begin.
                $0.bytesPerSecondMaximum = 512 << 10
            }
            try transfers.download(.webHDFS("/f", port: relay.port), to: "\(folder)/target", user: "hdfs")
            try Self.expectWhole("\(folder)/target")
            #expect(relay.connections >= 2)
        }
    }

    @Test func `an upload that breaks is sent again`() async throws {
        try await self.with { server, folder in
            let relay = try Relay(to: server.port, cuts: .init(connections: 2, toServer: 1_000_000))
            defer { relay.close() }
            let progress = TransferProgress()
            let transfers = Self.transfers { $0.attemptsMaximum = 100 }
            let location = ResourceLocation.webHDFS("/f", port: relay.port)
            try transfers.upload("\(folder)/source", to: location, user: "hdfs", progress: progress)
            #expect(progress.bytes == 3 << 20)
            try transfers.download(.webHDFS("/f", port: server.port), to: "\(folder)/target", user: "hdfs")
            try Self.expectWhole("\(folder)/target")
        }
    }

    /// A server that has not noticed yet that the first stream broke knows by its writer that nothing more comes of it.
    @Test func `an upload does not wait for its own broken stream`() async throws {
        try await self.with { server, folder in
            let relay = try Relay(
                to: server.port,
                cuts: .init(connections: 1, toServer: 1_000_000, holdsServer: true)
            )
            defer {
                relay.release()
                relay.close()
            }
            let transfers = Self.transfers { $0.attemptsMaximum = 2 }
            try transfers.upload("\(folder)/source", to: .webHDFS("/f", port: relay.port), user: "hdfs")
            try transfers.download(.webHDFS("/f", port: server.port), to: "\(folder)/target", user: "hdfs")
            try Self.expectWhole("\(folder)/target")
        }
    }

    @Test func `a file that somebody else writes is refused at once`() async throws {
        try await ServerFixture.with { server in
            let first = try await server.call("PUT", "/f?op=CREATE")
            #expect(first.status == 307)
            let (port, source) = (server.port, "\(server.folder)-source")
            try Self.body.write(to: URL(filePath: source))
            defer { try? FileManager.default.removeItem(atPath: source) }
            await BlockingThreads(threadsMaximum: 1).run { _ in
                let failure = #expect(throws: TransferFailure.self) {
                    try Self.transfers().upload(source, to: .webHDFS("/f", port: port), user: "ann")
                }
                #expect(failure?.description.contains("tried") == false, "\(failure as Any)")
            }
        }
    }
}
