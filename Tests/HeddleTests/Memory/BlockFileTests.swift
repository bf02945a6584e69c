import EngineLink
import Glibc
import Testing

@testable import Heddle

@Suite struct BlockFileTests {
    private let folder: Folder

    init() throws { self.folder = try Folder() }

    private func frames(_ count: Int) -> [TextBuffer] {
        (0..<count).map {
            TextBuffer(copying: Array("frame \($0) ".utf8) + SeededBytes.make($0 * 700, seed: UInt64($0)))
        }
    }

    private func read(_ segment: Segment) throws -> [[UInt8]] {
        var cursor = SegmentCursor(segment)
        var found: [[UInt8]] = []
        while let frame = try cursor.next() { found.append(bytes(frame)) }
        return found
    }

    private func bytes(_ buffer: TextBuffer) -> [UInt8] { unsafe buffer.withUnsafeBytes { unsafe Array($0) } }

    @Test(arguments: [true, false]) func `frames are read as they were written, and the file goes with its last user`(
        compresses: Bool
    ) throws {
        let places = BlockPlaces(folders: [self.folder.path])
        let frames = self.frames(50)
        let writer = try BlockFileWriter(places, compresses: compresses)
        for frame in frames { try writer.append(frame) }
        let end = writer.position
        var file: BlockFile? = try writer.finish()
        #expect(try self.read(Segment(file: file, ranges: [0..<end])) == frames.map { bytes($0) })
        // It has no name, and is there as long as somebody has it.
        #expect(try self.folder.names() == [] && self.folder.openFiles.count == 1)
        file = nil
        #expect(self.folder.openFiles == [])
    }

    @Test func `a place that cannot be written is passed over, and an error names the last of all`() throws {
        let places = BlockPlaces(folders: ["/proc/nothing", self.folder.path])
        let writer = try BlockFileWriter(places, compresses: false)
        try writer.append(TextBuffer(copying: [1, 2, 3]))
        #expect(try writer.finish().folder == self.folder.path)
        let error = #expect(throws: FileFailure.self) {
            try BlockFileWriter(BlockPlaces(folders: ["/proc/nothing"]), compresses: false)
        }
        #expect(error?.description.contains("spark.local.dir") == true, "\(error?.description ?? "")")
    }

    /// A full place is made of a small file system, where the machine lets tests mount one.
    @Test func `where a place is full the file goes on in the next`() throws {
        let small = "\(self.folder.path)/small"
        let large = "\(self.folder.path)/large"
        for folder in [small, large] { unsafe mkdir(folder, 0o700) }
        guard unsafe mount("none", small, "tmpfs", 0, "size=256k") == 0 else {
            #expect(geteuid() != 0, "root can mount")
            return
        }
        defer { unsafe umount2(small, Int32(MNT_DETACH)) }
        let places = BlockPlaces(folders: [small, large])
        let frames = (0..<40).map { TextBuffer(copying: SeededBytes.make(100_000, seed: $0)) }
        for _ in 0..<2 {
            let writer = try BlockFileWriter(places, compresses: true)
            for frame in frames { try writer.append(frame) }
            let end = writer.position
            let file = try writer.finish()
            #expect(file.folder == large)
            #expect(try self.read(Segment(file: file, ranges: [0..<end])) == frames.map { bytes($0) })
        }
        let full = BlockPlaces(folders: [small])
        let error = #expect(throws: FileFailure.self) {
            let writer = try BlockFileWriter(full, compresses: true)
            for frame in frames { try writer.append(frame) }
            _ = try writer.finish()
        }
        #expect(error?.description.contains("No space left on device") == true, "\(error?.description ?? "")")
    }

    @Test func `what was moved to disk is what was in memory, together with what was there before`() throws {
        let places = BlockPlaces(folders: [self.folder.path])
        let frames = self.frames(6)
        let writer = try BlockFileWriter(places, compresses: true)
        var offsets: [Int64] = [0]
        for index in 0..<3 {
            try writer.append(frames[index])
            offsets.append(writer.position)
        }
        let output = ShuffleOutput(
            file: try writer.finish(),
            runs: [offsets],
            frames: [[frames[3]], [], [frames[4], frames[5]]],
            sizes: [1, 2, 3]
        )
        let before = try (0..<3).map { try self.read(#require(output.segment($0))) }
        #expect(before[0] == [bytes(frames[0]), bytes(frames[3])])
        let old = try #require(output.segment(0))
        try output.moveToDisk(places, compresses: true)
        #expect(output.memoryBytes == 0)
        #expect(try (0..<3).map { try self.read(#require(output.segment($0))) } == before)
        // Who has begun to read goes on.
        #expect(try self.read(old) == before[0])
        #expect(output.segment(3) == nil)
    }

    /// However small answers are, all frames arrive, each once.
    @Test(arguments: [1, 900, 5_000, 1 << 20]) func `a bundle is cut between frames and taken up where it ended`(
        limit: Int64
    ) throws {
        let places = BlockPlaces(folders: [self.folder.path])
        let frames = self.frames(9)
        let writer = try BlockFileWriter(places, compresses: true)
        for frame in frames.prefix(5) { try writer.append(frame) }
        let end = writer.position
        let segments = [
            (mapTask: 2, segment: Segment(file: try writer.finish(), ranges: [0..<end], frames: [frames[5]])),
            (mapTask: 4, segment: Segment(frames: [])), (mapTask: 7, segment: Segment(frames: Array(frames[6...]))),
        ]
        var found: [Int: [[UInt8]]] = [:]
        var (first, answers) = (0, 0)
        var mapTask: Int? = 2
        while let wanted = mapTask {
            answers += 1
            let rest = segments.drop { $0.mapTask < wanted }
            let pieces = try OutputBundle.pieces(rest, from: first, limit: limit, compresses: false)
            let bundle = try OutputBundle(pieces.flatMap { try Self.bytes($0) })
            for (number, part) in bundle.parts {
                found[number, default: []] += try part.frames.map { bytes(try $0.open()) }
            }
            let part = try #require(bundle.parts[wanted])
            // The next that is asked for: the rest of the last, or a map task that did not come along.
            if let unfinished = bundle.parts.first(where: { !$0.value.isWhole })?.key {
                (mapTask, first) = (unfinished, found[unfinished]?.count ?? 0)
            } else {
                let last = try #require(bundle.parts.keys.max())
                (mapTask, first) = (segments.map(\.mapTask).first { $0 > last }, 0)
            }
            #expect(!part.frames.isEmpty || part.isWhole)
        }
        #expect(found[2] == frames.prefix(6).map { bytes($0) })
        #expect(found[4] == [])
        #expect(found[7] == frames[6...].map { bytes($0) })
        #expect(limit > 1 << 16 ? answers == 1 : answers > 1)
    }

    /// What a server would send.
    private static func bytes(_ piece: BlockPiece) throws -> [UInt8] {
        switch piece {
        case .bytes(let bytes): return bytes
        case .file(let descriptor, let offset, let count, _):
            var bytes = [UInt8](repeating: 0, count: Int(count))
            #expect(unsafe pread(descriptor, &bytes, bytes.count, off_t(offset)) == Int(count))
            return bytes
        }
    }
}
