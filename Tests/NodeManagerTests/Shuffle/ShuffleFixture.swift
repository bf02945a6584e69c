import ClusterModel
import Crypto
import Foundation
import Glibc
import HadoopWire
import NodeManagerCore
import TestSupport
import Testing

@testable import NodeManager

/// Frames and files as executors write them, and answers as they read them.
enum ShuffleFixture {
    static let digest = String(repeating: "0f", count: 32)

    static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    static func frame(_ text: String) -> [UInt8] {
        let count = UInt32(text.utf8.count)
        return self.bytes(count) + self.bytes(count) + self.bytes(UInt32(0xdead_beef)) + self.bytes(UInt32(0))
            + text.utf8
    }

    /// - Parameter partitions: the frames of each.
    static func file(_ partitions: [[[UInt8]]]) -> [UInt8] {
        var bytes: [UInt8] = []
        var offsets: [UInt64] = [0]
        for frames in partitions {
            bytes += frames.joined()
            offsets.append(UInt64(bytes.count))
        }
        return self.file(bytes, offsets: offsets)
    }

    static func file(_ frames: [UInt8], offsets: [UInt64]) -> [UInt8] {
        frames + offsets.flatMap { self.bytes($0) } + self.bytes(UInt64(frames.count)) + "HDLSHUF1".utf8
    }

    struct Part: Hashable {
        var mapTask: Int
        var frames: [UInt8]
        var isWhole: Bool

        init(_ mapTask: Int, _ frames: [[UInt8]], isWhole: Bool = true) {
            self.mapTask = mapTask
            self.frames = Array(frames.joined())
            self.isWhole = isWhole
        }
    }

    /// Reads an answer's bytes.
    static func parts(_ bytes: [UInt8]) throws -> [Part] {
        var parts: [Part] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let words = try (0..<3).map { index in
                try #require(rest.count >= 24)
                return rest.dropFirst(8 * index).prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            }
            let frames = rest.dropFirst(24).prefix(Int(words[1]))
            try #require(frames.count == Int(words[1]))
            parts.append(Part(Int(words[0]), [Array(frames)], isWhole: words[2] == 1))
            rest = rest.dropFirst(24 + frames.count)
        }
        return parts
    }

    static func path(
        _ application: ApplicationID,
        executor: Int = 3,
        digest: String = Self.digest,
        partition: Int = 0,
        mapTask: Int,
        frame: Int = 0,
        limit: Int64 = 1 << 20
    ) -> String {
        "/v1/\(application)/\(executor)/shuffle/\(digest)/\(partition)/\(mapTask)/\(frame)/\(limit)"
    }

    static func signature(_ path: String, _ password: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array("GET \(path)".utf8), using: SymmetricKey(data: password))
        return Base64.encode(Array(code))
    }

    static func get(_ path: String, port: Int, password: [UInt8]?) async throws -> WebClient.Answer {
        let headers = password.map { [("X-Heddle-Signature", Self.signature(path, $0))] } ?? []
        return try await WebClient.call("GET", path, port: port, headers: headers)
    }

    /// How many descriptors this process has below a folder.
    static func openFiles(below folder: String) -> Int {
        directoryEntries("/proc/self/fd").count { name in
            ((try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")) ?? "").hasPrefix(
                folder
            )
        }
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}
