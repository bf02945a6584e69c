import Foundation
import Staging
import TestSupport
import Testing

/// Uploads whose lines break at every byte: of the requests' heads, of the body, of the answers, and between the two steps.
@Suite(.timeLimit(.minutes(3))) struct CutUploadTests {
    private static let body = Data((0..<100).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) })

    private static let transfers: Transfers = {
        var settings = TransferSettings(
            attemptsMaximum: 100,
            firstPause: .milliseconds(1),
            pauseMaximum: .milliseconds(5)
        )
        settings.streamsMaximum = 1
        return Transfers(settings: settings, loop: TransferLoop(), chance: { 0.5 })
    }()

    /// - Returns: whether the line broke.
    private static func isBroken(
        _ cuts: Relay.Cuts,
        _ server: ServerFixture,
        _ name: String,
        _ threads: BlockingThreads
    ) async throws -> Bool {
        let relay = try Relay(to: server.port, cuts: cuts)
        defer { relay.close() }
        // The second time the server is known, and gets the bytes with the first step.
        let names = ["\(name)-two-steps", "\(name)-one-step"]
        try await threads.run { (cancellation) throws(TransferFailure) in
            let source = "\(server.folder)-source"
            for name in names {
                let location = ResourceLocation.webHDFS("/d/\(name)", port: relay.port)
                try Self.transfers.upload(source, to: location, user: "hdfs", cancellation: cancellation)
            }
        }
        for name in names {
            let found = try await server.call("GET", "/d/\(name)?op=OPEN")
            #expect(Data(found.bytes) == Self.body, "\(cuts)")
            let status = try await server.call("GET", "/d/\(name)?op=GETFILESTATUS").body
            #expect(status.contains(#""underConstruction":false"#), "\(cuts)")
        }
        return relay.connections > 1
    }

    @Test(arguments: [true, false])
    func `an upload arrives whole wherever its line breaks`(isFromServer: Bool) async throws {
        try await ServerFixture.with { server in
            let source = "\(server.folder)-source"
            try Self.body.write(to: URL(filePath: source))
            defer { try? FileManager.default.removeItem(atPath: source) }
            let threads = BlockingThreads(threadsMaximum: 16)
            let end = try await everyBreak { position in
                let cuts =
                    isFromServer
                    ? Relay.Cuts(connections: 1, fromServer: position) : .init(connections: 1, toServer: position)
                return try await Self.isBroken(cuts, server, "\(position)", threads)
            }
            // Three heads of requests and two bodies, or three heads of answers.
            #expect(end > 300)
            #expect(try server.files(below: "streams").isEmpty)
            #expect(try await server.call("DELETE", "/d?op=DELETE&recursive=true").status == 200)
            try await eventually("no content is left") { try server.contentCount() == 0 }
        }
    }

    /// What the server makes of a second step that stops after any byte.
    @Test(arguments: ["/d/f", "/user/hdfs/.sparkStaging/application_1_1/f"])
    func `a stream that breaks after any byte leaves its prefix, or nothing in staging folders`(
        path: String
    ) async throws {
        try await ServerFixture.with { server in
            let chunks = "5\r\nhello\r\n6\r\n there\r\n0\r\n\r\n"
            let bytes = Array(chunks.utf8)
            for count in 0..<bytes.count {
                let first = try await server.call("PUT", "\(path)?op=CREATE&overwrite=true")
                #expect(first.status == 307, "\(count)")
                let connection = try await RawConnection.open(port: server.port)
                let head = "PUT \(try server.target(of: first)) HTTP/1.1\r\nHost: localhost\r\n"
                let part = String(decoding: bytes.prefix(count), as: UTF8.self)
                try await connection.send("\(head)Transfer-Encoding: chunked\r\n\r\n" + part)
                try await connection.close()
                // Nobody writes it any more: it is closed, or gone.
                try await eventually("the stream of \(count) bytes has ended") {
                    let status = try await server.call("GET", "\(path)?op=GETFILESTATUS")
                    return status.status == 404 || status.body.contains(#""underConstruction":false"#)
                }
                let found = try await server.call("GET", "\(path)?op=OPEN")
                if path.contains(".sparkStaging") {
                    #expect(found.status == 404, "\(count)")
                } else {
                    #expect(found.status == 404 || "hello there".hasPrefix(found.body), "\(count): \(found.body)")
                    #expect(found.status == 200 || count < 4, "\(count)")
                }
                _ = try await server.call("DELETE", "\(path)?op=DELETE")
            }
            #expect(try server.files(below: "streams").isEmpty)
            try await eventually("no content is left") { try server.contentCount() == 0 }
        }
    }
}
