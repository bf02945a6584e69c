import Foundation
import HadoopHTTP
import Testing

/// Certificates for `localhost` and 127.0.0.1, made by the openssl command, and curl calls that believe in them.
struct Certificates {
    let folder: String

    var certificatePath: String { "\(self.folder)/certificate.pem" }
    var keyPath: String { "\(self.folder)/key.pem" }

    static func with(_ body: (Certificates) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "heddle-tls-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let certificates = Certificates(folder: folder)
        try await certificates.make()
        try await body(certificates)
    }

    /// A new pair in place of the old one.
    func make(name: String = "localhost") async throws {
        let made = try await Self.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", "\(self.keyPath).new", "-out", "\(self.certificatePath).new",
            ]
        )
        #expect(made.status == 0, "\(made.output)")
        for path in [self.keyPath, self.certificatePath] {
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.moveItem(atPath: "\(path).new", toPath: path)
        }
    }

    func load() throws -> ServerCertificate {
        try ServerCertificate(
            certificate: ServerCertificate.Source(path: self.certificatePath, key: "the.certificate"),
            privateKey: ServerCertificate.Source(path: self.keyPath, key: "the.key")
        )
    }

    func curl(_ arguments: String...) async throws -> (status: Int32, output: String) {
        try await Self.run("curl", ["-sS", "--fail-with-body", "-L", "--cacert", self.certificatePath] + arguments)
    }

    static func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let output = pipe.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                continuation.resume(returning: (process.terminationStatus, String(decoding: output, as: UTF8.self)))
            }
        }
    }
}
