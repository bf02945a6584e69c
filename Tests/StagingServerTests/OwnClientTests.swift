import Foundation
import NIOHTTP1
import Staging
import StagingCore
import TestSupport
import Testing

/// Heddle's own transfers and Heddle's own server.
@Suite struct OwnClientTests {
    @Test func `a second writer of one path is refused in clear words, and the first one's file stays whole`()
        async throws
    {
        try await ServerFixture.with { server in
            let first = try await server.call("PUT", "/d/f?op=CREATE&overwrite=true")
            let folder = FileManager.default.temporaryDirectory.appending(path: "heddle-own-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let source = folder.appending(path: "source").path
            try "second".write(toFile: source, atomically: true, encoding: .utf8)
            let location = ResourceLocation.webHDFS("/d/f", port: server.port)
            let refusal = await Self.upload(source, to: location)
            #expect(
                refusal?.contains("because this file lease is currently owned by hdfs") == true,
                "\(refusal ?? "it was taken")"
            )
            #expect(try await server.send("first", to: first) == 201)
            #expect(try await server.read("/d/f") == "first")
            #expect(await Self.upload(source, to: location) == nil)
            #expect(try await server.read("/d/f") == "second")
        }
    }

    @Test func `it renews and cancels tokens as their renewer, and says why it may not`() async throws {
        try await ServerFixture.with(issuesTokens: true) { server in
            let text = try await TokenTests.token(server, "alice")
            func ask(as user: String, service: String? = nil, cancels: Bool = false) async -> String {
                let call = DelegationTokenCall(
                    isSecure: false,
                    service: service ?? "127.0.0.1:\(server.port)",
                    user: user,
                    text: text
                )
                return await BlockingThreads(threadsMaximum: 1).run { cancellation in
                    do throws(TransferFailure) {
                        if cancels {
                            try Transfers().cancel(call, cancellation)
                            return "cancelled"
                        }
                        return "until \(try Transfers().renew(call, cancellation))"
                    } catch {
                        return "\(error.isTransient ? "passes" : "stays"): \(error)"
                    }
                }
            }
            #expect(await ask(as: "yarn").hasPrefix("until 1"))
            let refusal = await ask(as: "mallory")
            #expect(refusal.hasPrefix("stays") && refusal.contains("mallory tries to renew a token with renewer yarn"))
            #expect(!refusal.contains(text))
            #expect(
                await ask(as: "yarn", service: "127.0.0.1") == "stays: \"127.0.0.1\" is no address of a WebHDFS server"
            )
            #expect(await ask(as: "yarn", service: "a b:1").hasPrefix("stays"))
            #expect(await ask(as: "yarn", cancels: true) == "cancelled")
            #expect(await ask(as: "yarn").contains("can't be found in cache"))
        }
    }

    /// - Returns: why it was refused.
    private static func upload(_ path: String, to location: ResourceLocation) async -> String? {
        await BlockingThreads(threadsMaximum: 1).run { cancellation in
            do throws(TransferFailure) {
                _ = try Transfers().upload(path, to: location, user: "hdfs", cancellation: cancellation)
                return nil
            } catch {
                return error.description
            }
        }
    }
}
