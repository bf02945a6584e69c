import Glibc
import TestSupport
import Testing

@testable import Staging

/// https, HTTP/2 and PUT against nginx.
@Suite(.timeLimit(.minutes(2))) struct SecureTransferTests {
    private static let body = (0..<3 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 11) }

    private func with(
        names: String = "DNS:localhost,IP:127.0.0.1",
        _ body: (WebServer) async throws -> Void
    ) async throws {
        let server = try await WebServer(names: names)
        do {
            try server.folder.write("root/file", Self.body)
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private func transfers(
        _ certificates: String?,
        loop: TransferLoop = TransferLoop(),
        _ change: (inout TransferSettings) -> Void = { _ in }
    ) -> Transfers {
        var settings = TransferSettings(
            attemptsMaximum: 3,
            firstPause: .milliseconds(2),
            pauseMaximum: .milliseconds(5)
        )
        settings.certificates = certificates
        settings.streamsMaximum = 1
        change(&settings)
        return Transfers(settings: settings, loop: loop, chance: { 0.5 })
    }

    private func expectTarget(_ server: WebServer) throws {
        // Not in the expectation: three million bytes are no message.
        let isWhole = try server.folder.read("target") == Self.body
        #expect(isWhole)
    }

    private func refusal(
        _ server: WebServer,
        _ location: ResourceLocation,
        _ certificates: String?
    ) throws -> String {
        let failure = #expect(throws: TransferFailure.self) {
            try self.transfers(certificates).download(location, to: "\(server.folder.path)/target")
        }
        #expect(server.folder.status("target") == nil)
        return failure?.description ?? ""
    }

    @Test func `an https server that the configured authority vouches for is read, over HTTP/2`() async throws {
        try await self.with { server in
            let transfers = self.transfers(server.authority)
            #expect(try transfers.download(server.location("/file"), to: "\(server.folder.path)/target") == 3 << 20)
            try self.expectTarget(server)
            try await eventually("the request is in the log") { try server.seen().count == 1 }
            #expect(try server.seen().first?.hasPrefix("HTTP/2.0 GET /file 200 ") == true)
            // By name as well as by address, and where a server knows HTTP/1.1 only.
            for host in ["localhost", "127.0.0.1"] {
                let location = server.location("/file", host: host, port: server.oldSecurePort)
                try transfers.download(location, to: "\(server.folder.path)/target")
            }
            try await eventually("both are in the log") { try server.seen().count == 3 }
            #expect(try server.seen().dropFirst().allSatisfy { $0.hasPrefix("HTTP/1.1 GET /file 200 ") })
        }
    }

    @Test func `requests side by side share the connection of HTTP/2`() async throws {
        try await self.with { server in
            let transfers = self.transfers(server.authority)
            try transfers.download(server.location("/file"), to: "\(server.folder.path)/target")
            let threads = BlockingThreads(threadsMaximum: 8)
            let sizes = try await withThrowingTaskGroup(of: Int64.self) { group in
                for number in 0..<16 {
                    let target = "\(server.folder.path)/\(number)"
                    group.addTask {
                        try await threads.run { (cancellation) throws(TransferFailure) in
                            try transfers.download(server.location("/file"), to: target, cancellation: cancellation)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(sizes == Array(repeating: 3 << 20, count: 16))
            try await eventually("all are in the log") { try server.seen().count == 17 }
            #expect(try Set(server.seen().map { $0.split(separator: " ")[4] }).count == 1)
        }
    }

    /// Every byte of the request, its body included, and of the answer.
    @Test(arguments: [true, false]) func `a file arrives whole wherever the line of a PUT breaks`(
        isFromServer: Bool
    ) async throws {
        try await self.with { server in
            let body = Array(Self.body.prefix(100))
            let source = try server.folder.write("source", body)
            let transfers = self.transfers(nil) {
                $0.attemptsMaximum = 20
                $0.firstPause = .milliseconds(1)
            }
            let (threads, port) = (BlockingThreads(threadsMaximum: 16), server.plainPort)
            let end = try await everyBreak { position in
                let cuts =
                    isFromServer
                    ? Relay.Cuts(connections: 1, fromServer: position) : .init(connections: 1, toServer: position)
                let relay = try Relay(to: port, cuts: cuts)
                defer { relay.close() }
                try await threads.run { (cancellation) throws(TransferFailure) in
                    let path = "/f\(position)"
                    let location = ResourceLocation(scheme: "http", host: "127.0.0.1", port: relay.port, path: path)
                    try transfers.upload(source, to: location, cancellation: cancellation)
                }
                #expect(try server.folder.read("root/f\(position)") == body, "\(position)")
                return relay.connections > 1
            }
            #expect(end > 100)
        }
    }

    @Test func `transfers one after the other share a connection of HTTP 1, too`() async throws {
        try await self.with { server in
            for (scheme, port) in [("http", server.plainPort), ("https", server.oldSecurePort)] {
                let before = try server.seen().count
                let transfers = self.transfers(server.authority)
                let file = ResourceLocation(scheme: scheme, host: "127.0.0.1", port: port, path: "/file")
                var copy = file
                copy.path = "/copy"
                for _ in 0..<3 {
                    try transfers.download(file, to: "\(server.folder.path)/target")
                    try self.expectTarget(server)
                    try transfers.upload("\(server.folder.path)/target", to: copy)
                    #expect(try transfers.status(of: copy).length == 3 << 20)
                }
                try await eventually("all are in the log") { try server.seen().count == before + 9 }
                let lines = try server.seen().dropFirst(before)
                #expect(lines.allSatisfy { $0.hasPrefix("HTTP/1.1 ") })
                #expect(Set(lines.map { $0.split(separator: " ")[4] }).count == 1, "\(lines)")
            }
        }
    }

    @Test func `a large file comes in parts over HTTP/2`() async throws {
        try await self.with { server in
            let transfers = self.transfers(server.authority) {
                $0.streamsMaximum = 3
                $0.streamBytesMinimum = 256 << 10
                $0.streamTimeMinimum = .zero
                // So slow that the first stream has not ended when the others begin.
                $0.bytesPerSecondMaximum = 512 << 10
            }
            try transfers.download(server.location("/file"), to: "\(server.folder.path)/target")
            try self.expectTarget(server)
            try await eventually("all parts are in the log") { try server.seen().count >= 2 }
            #expect(try server.seen().contains { $0.contains(" 206 ") && $0.contains("bytes=") })
        }
    }

    @Test func `a connection with TLS that breaks is gone on from`() async throws {
        try await self.with { server in
            for port in [server.securePort, server.oldSecurePort] {
                let relay = try Relay(to: port, cuts: .init(connections: 2, fromServer: 1_400_000))
                defer { relay.close() }
                let location = server.location("/file", port: relay.port)
                try self.transfers(server.authority).download(location, to: "\(server.folder.path)/target")
                try self.expectTarget(server)
                #expect(relay.connections == 3)
            }
            try await eventually("all parts are in the log") {
                try server.seen().filter { $0.contains(" 206 ") }.count == 4
            }
        }
    }

    @Test func `a server of a stranger's authority is refused at once, with what to set`() async throws {
        try await self.with { server in
            let relay = try Relay(to: server.securePort)
            defer { relay.close() }
            let location = server.location("/file", port: relay.port)
            let text = try self.refusal(server, location, server.otherAuthority)
            #expect(text.contains("SSL certificate problem"), "\(text)")
            #expect(text.contains("heddle.transfer.ca-bundle"), "\(text)")
            // The system's authorities do not know it either.
            #expect(try self.refusal(server, location, nil).contains("SSL certificate problem"))
            #expect(relay.connections == 2)
            #expect(try server.seen().isEmpty)
        }
    }

    @Test func `a certificate for another host is refused with that host's name`() async throws {
        try await self.with(names: "DNS:elsewhere.example") { server in
            let text = try self.refusal(server, server.location("/file", host: "localhost"), server.authority)
            #expect(text.contains("SSL: no alternative certificate subject name matches target host name 'localhost'"))
            #expect(!text.contains("ca-bundle") && !text.contains("tried"))
        }
    }

    @Test func `a file of authorities that is not there is named`() async throws {
        try await self.with { server in
            let missing = "\(server.folder.path)/none.pem"
            let text = try self.refusal(server, server.location("/file"), missing)
            #expect(text.contains(missing), "\(text)")
        }
    }

    @Test func `a port that speaks no TLS is an error, and so is one that speaks nothing else`() async throws {
        try await self.with { server in
            let text = try self.refusal(server, server.location("/file", port: server.plainPort), server.authority)
            #expect(text.contains("SSL"), "\(text)")
            var location = server.location("/file")
            location.scheme = "http"
            #expect(try self.refusal(server, location, nil).contains("400 Bad Request"))
        }
    }

    @Test(arguments: [false, true]) func `a web server that takes PUT is written to and deleted from`(isOld: Bool)
        async throws
    {
        try await self.with { server in
            let transfers = self.transfers(server.authority)
            let port = isOld ? server.oldSecurePort : server.securePort
            let location = server.location("/new", port: port)
            let source = try server.folder.write("source", Self.body)
            let progress = TransferProgress()
            #expect(try transfers.upload(source, to: location, progress: progress) == 3 << 20)
            #expect(progress.bytes == 3 << 20 && progress.total == 3 << 20)
            #expect(try transfers.status(of: location).length == 3 << 20)
            try transfers.download(location, to: "\(server.folder.path)/target")
            try self.expectTarget(server)
            try server.folder.write("source", [1, 2])
            try transfers.upload(source, to: location)
            #expect(try server.folder.read("root/new") == [1, 2])
            #expect(try transfers.delete(location))
            #expect(try !transfers.delete(location))
            let refused = #expect(throws: TransferFailure.self) {
                try transfers.upload(source, to: server.location("/readonly/new", port: port))
            }
            #expect(
                refused?.description.hasSuffix("cannot be written: the server answered 403 Forbidden") == true
                    || refused?.description.hasSuffix("cannot be written: the server answered 403") == true,
                "\(refused as Any)"
            )
        }
    }

    /// As HDFS answers: the NameNode leads to a DataNode, another port with a certificate of the same authority.
    @Test func `swebhdfs speaks WebHDFS over TLS, redirects included`() async throws {
        try await self.with { server in
            let transfers = self.transfers(server.authority)
            var location = server.location("/d/f")
            location.scheme = "swebhdfs"
            let expected = ResourceExpectation(timestamp: 5, size: 3 << 20)
            let target = "\(server.folder.path)/target"
            try transfers.download(location, expecting: expected, to: target, user: "ann")
            try self.expectTarget(server)
            try await eventually("both are in the log") { try server.seen().count == 3 }
            #expect(
                try server.seen().map { $0.split(separator: " ").prefix(4).joined(separator: " ") } == [
                    "HTTP/2.0 GET /webhdfs/v1/d/f 200", "HTTP/2.0 GET /webhdfs/v1/d/f 307", "HTTP/1.1 GET /file 200",
                ]
            )
            let source = try server.folder.write("source", Self.body)
            try transfers.upload(source, to: location, user: "ann")
            let isWhole = try server.folder.read("root/created") == Self.body
            #expect(isWhole)
            // As an HDFS by its gateway's address.
            let mapped = self.transfers(server.authority) { $0.hdfsGateways["cluster"] = location }
            try mapped.download(
                ResourceLocation(scheme: "hdfs", host: "cluster", path: "/d/f"),
                to: target,
                user: "ann"
            )
            try self.expectTarget(server)
        }
    }

    @Test func `a PUT that breaks is sent again from its beginning`() async throws {
        try await self.with { server in
            let relay = try Relay(to: server.oldSecurePort, cuts: .init(connections: 2, toServer: 1_000_000))
            defer { relay.close() }
            let source = try server.folder.write("source", Self.body)
            let location = server.location("/new", port: relay.port)
            try self.transfers(server.authority).upload(source, to: location)
            #expect(relay.connections == 3)
            let isWhole = try server.folder.read("root/new") == Self.body
            #expect(isWhole)
        }
    }

    @Test func `a proxy carries https without reading it`() async throws {
        try await self.with { server in
            let proxy = try Relay(to: nil)
            defer { proxy.close() }
            let transfers = self.transfers(server.authority) { $0.proxy = "http://127.0.0.1:\(proxy.port)" }
            try transfers.download(server.location("/file", host: "localhost"), to: "\(server.folder.path)/target")
            try self.expectTarget(server)
            #expect(proxy.targets == ["localhost:\(server.securePort)"])
            let refusing = try Relay(to: nil, refusal: "403 Forbidden")
            defer { refusing.close() }
            let refused = self.transfers(server.authority) { $0.proxy = "http://127.0.0.1:\(refusing.port)" }
            let failure = #expect(throws: TransferFailure.self) {
                try refused.download(server.location("/file"), to: "\(server.folder.path)/other")
            }
            #expect(failure?.description.contains("CONNECT tunnel failed, response 403") == true, "\(failure as Any)")
        }
    }
}
