import Foundation
import HadoopHTTP
import NIOHTTP1
import TestSupport
import Testing

/// https, by the curl command, which proves the certificate.
@Suite struct SecureTests {
    @Test func `a file goes up and comes down whole and in part over https, and no redirect leaves it`() async throws {
        try await Certificates.with { certificates in
            try await ServerFixture.with(certificate: try certificates.load()) { server in
                // Longer than several pieces of a stream.
                let text = (0..<200_000).map { "line \($0)\n" }.joined()
                let source = "\(certificates.folder)/source"
                try text.write(toFile: source, atomically: true, encoding: .utf8)
                let root = "https://localhost:\(server.securePort)/webhdfs/v1"
                let user = "user.name=hdfs"
                let up = try await certificates.curl("-T", source, "\(root)/d/f?op=CREATE&\(user)")
                #expect(up.status == 0, "\(up.output)")
                let down = try await certificates.curl("\(root)/d/f?op=OPEN&\(user)")
                #expect(down.status == 0 && down.output == text)
                let part = try await certificates.curl("\(root)/d/f?op=OPEN&\(user)&offset=1400000&length=200000")
                #expect(part.output == String(text.dropFirst(1_400_000).prefix(200_000)))
                let address = try await certificates.curl("-X", "PUT", "\(root)/g?op=CREATE&\(user)&noredirect=true")
                #expect(
                    address.output.contains("https:\\/\\/localhost") || address.output.contains("https://localhost")
                )
                #expect(try await server.read("/d/f") == text)
            }
        }
    }

    @Test func `a caller who does not believe the certificate, or speaks plain http, gets nothing`() async throws {
        try await Certificates.with { certificates in
            try await ServerFixture.with(certificate: try certificates.load()) { server in
                let address = "localhost:\(server.securePort)/webhdfs/v1/?op=LISTSTATUS&user.name=hdfs"
                let doubting = try await Certificates.run("curl", ["-sS", "https://\(address)"])
                #expect(doubting.status == 60)
                let plain = try await Certificates.run("curl", ["-sS", "http://\(address)"])
                #expect(plain.status != 0)
                let old = try await certificates.curl("--tls-max", "1.1", "https://\(address)")
                #expect(old.status != 0)
                #expect(try await certificates.curl("https://\(address)").status == 0)
            }
        }
    }

    @Test func `tokens of https have the kind that swebhdfs looks for`() async throws {
        try await Certificates.with { certificates in
            try await ServerFixture.with(issuesTokens: true, certificate: try certificates.load()) { server in
                let path = "/webhdfs/v1/?op=GETDELEGATIONTOKEN&renewer=yarn&user.name=alice"
                let answer = try await certificates.curl("https://localhost:\(server.securePort)\(path)").output
                let parts = answer.split(separator: "\"")
                let text = String(try #require(parts.dropFirst(5).first))
                let padded = text.replacing("-", with: "+").replacing("_", with: "/")
                let bytes = try #require(
                    Data(base64Encoded: padded + String(repeating: "=", count: (4 - padded.count % 4) % 4))
                )
                #expect(String(decoding: bytes, as: UTF8.self).contains("SWEBHDFS delegation"))
            }
        }
    }

    @Test func `a certificate that was renewed is shown to new connections, and a broken one is not taken`()
        async throws
    {
        try await Certificates.with { certificates in
            let certificate = try certificates.load()
            try await ServerFixture.with(certificate: certificate) { server in
                let address = "https://localhost:\(server.securePort)/webhdfs/v1/?op=LISTSTATUS&user.name=hdfs"
                #expect(try certificate.reload() == false)
                try await certificates.make(name: "renewed")
                #expect(try await certificates.curl(address).status == 60)
                #expect(try certificate.reload())
                #expect(try await certificates.curl(address).status == 0)
                let whole = try String(contentsOfFile: certificates.keyPath, encoding: .utf8)
                try "no key".write(toFile: certificates.keyPath, atomically: true, encoding: .utf8)
                #expect(throws: ServerCertificate.Unusable.self) { try certificate.reload() }
                #expect(try await certificates.curl(address).status == 0)
                try whole.write(toFile: certificates.keyPath, atomically: true, encoding: .utf8)
                #expect(try certificate.reload())
            }
        }
    }

    @Test func `what is wrong with the files names the file and the key of the configuration`() async throws {
        try await Certificates.with { certificates in
            func problem() -> String {
                do {
                    _ = try certificates.load()
                    return ""
                } catch {
                    return "\(error)"
                }
            }
            #expect(problem() == "")
            let (certificate, key) = (certificates.certificatePath, certificates.keyPath)
            let good = try String(contentsOfFile: key, encoding: .utf8)
            let other = Certificates(folder: "\(certificates.folder)/other")
            try FileManager.default.createDirectory(atPath: other.folder, withIntermediateDirectories: true)
            try await other.make()
            try String(contentsOfFile: other.keyPath, encoding: .utf8).write(
                toFile: key,
                atomically: true,
                encoding: .utf8
            )
            #expect(
                problem().hasPrefix("\(key) (the.key) does not fit the certificate in \(certificate) (the.certificate)")
            )
            try "nothing".write(toFile: key, atomically: true, encoding: .utf8)
            #expect(problem().hasPrefix("\(key) (the.key) holds no private key in PEM form"))
            try FileManager.default.removeItem(atPath: key)
            #expect(problem() == "\(key) (the.key) cannot be read: No such file or directory")
            try good.write(toFile: key, atomically: true, encoding: .utf8)
            try "nothing".write(toFile: certificate, atomically: true, encoding: .utf8)
            #expect(problem().hasPrefix("\(certificate) (the.certificate) holds no certificate"))
        }
    }
}
