import BlockExchange
import ClusterModel
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

    static func get(_ path: String, port: Int, password: [UInt8]?) async throws -> WebClient.Answer {
        let headers = password.map { [("X-Heddle-Signature", BlockSignature.text(for: path, $0))] } ?? []
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
