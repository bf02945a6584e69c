import EngineLink
import Glibc
import Logging

@testable import Heddle

/// Stands for the NodeManager's service: reads the files that executors hand over with the engine's own means.
final class ShuffleServiceHere: Sendable {
    private let folder: Folder
    private let server: BlockServer

    init(_ folder: Folder, secret: ApplicationSecret) throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let path = folder.path
        self.folder = folder
        self.server = try BlockServer.start(host: "127.0.0.1", secret: secret, logger: logger) { name in
            Self.pieces(name, in: path, of: secret)
        }
    }

    /// What a NodeManager tells containers of it.
    var variables: [String: String] {
        let port = self.server.port
        return [
            "NM_AUX_SERVICE_heddle_shuffle": Self.base64([0, 0, UInt8(port >> 8), UInt8(port & 255)]),
            "LOCAL_DIRS": self.folder.path,
        ]
    }

    func stop() { self.server.stop() }

    private static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let (a, b, c, d) = (Int(bytes[0]), Int(bytes[1]), Int(bytes[2]), Int(bytes[3]))
        let first = [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63]
        return String((first + [d >> 2, (d & 3) << 4]).map { digits[$0] }) + "=="
    }

    private static func pieces(_ name: String, in folder: String, of secret: ApplicationSecret) -> [BlockPiece]? {
        let parts = name.split(separator: "/", maxSplits: 2).map(String.init)
        guard parts.count == 3, parts[0] == secret.application, let block = BlockName.Shuffle(parts[2]) else {
            return nil
        }
        let place = "\(folder)/\(OutputHandover.folderName)/\(parts[1])"
        let segments = (block.mapTask..<64).compactMap { mapTask in
            HandedOverFile("\(place)/\(block.digest)-\(mapTask)")?.segment(block.partition).map { (mapTask, $0) }
        }
        guard segments.first?.0 == block.mapTask else { return nil }
        let sent = segments.filter { $0.0 == block.mapTask || !$0.1.ranges.isEmpty }.map {
            (mapTask: $0.0, segment: $0.1)
        }
        return try? OutputBundle.pieces(sent, from: block.frame, limit: block.limit, compresses: false)
    }
}

/// A file that was handed over.
struct HandedOverFile {
    let offsets: [Int64]
    private let file: BlockFile

    init?(_ path: String) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        let file = BlockFile(descriptor, in: path)
        self.file = file
        let size = Int64(lseek(descriptor, 0, SEEK_END))
        func number(_ offset: Int64) -> Int64? {
            guard let bytes = try? file.read(8, at: offset) else { return nil }
            var reader = ByteReader(bytes)
            return (try? reader.readFixed(UInt64.self)).map { Int64($0) }
        }
        guard size >= 16, let first = number(size - 16), let mark = try? file.read(8, at: size - 8),
            mark.array == OutputHandover.mark
        else { return nil }
        let offsets = stride(from: first, to: size - 16, by: 8).compactMap(number)
        guard offsets.last == first else { return nil }
        self.offsets = offsets
    }

    func segment(_ partition: Int) -> Segment? {
        guard self.offsets.indices.contains(partition + 1) else { return nil }
        let range = self.offsets[partition]..<self.offsets[partition + 1]
        return Segment(file: self.file, ranges: range.isEmpty ? [] : [range])
    }
}

extension TextBuffer {
    var array: [UInt8] { unsafe self.withUnsafeBytes { unsafe Array($0) } }
}
