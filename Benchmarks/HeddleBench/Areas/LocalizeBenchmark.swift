import Foundation
import Glibc
import HadoopProtos
import Staging

/// One archive for many containers of one NodeManager at once, and unpacking alone against the programs that everybody
/// knows, in turns.
enum LocalizeBenchmark {
    private static let containers = 64

    static func run(_ session: Session) async throws {
        let folder = try ScratchFolder()
        let archives = try self.makeArchives(in: folder, megabytes: session.size(300, tiny: 3))
        let turns = session.size(3, tiny: 1)
        try await self.measureLocalization(session, archives[0], in: folder, turns: turns)
        for archive in archives { try self.measureUnpacking(session, archive, in: folder, turns: turns) }
    }

    /// A zip and a tar.gz of the same files, a megabyte each, which pack to about half.
    private static func makeArchives(in folder: ScratchFolder, megabytes: Int) throws -> [String] {
        let files = folder.file("files")
        try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: false)
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        for number in 0..<megabytes {
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            for index in stride(from: 0, to: bytes.count, by: 2) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                // Every other byte repeats: half of it is chance.
                bytes[index] = UInt8(truncatingIfNeeded: state >> 56)
            }
            try Data(bytes).write(to: URL(fileURLWithPath: "\(files)/part-\(number)"))
        }
        try self.execute("python3", ["-m", "zipfile", "-c", folder.file("data.zip"), files])
        try self.execute("tar", ["-C", folder.path, "-czf", folder.file("data.tgz"), "files"])
        try FileManager.default.removeItem(atPath: files)
        return ["data.zip", "data.tgz"]
    }

    private static func measureLocalization(
        _ session: Session,
        _ archive: String,
        in folder: ScratchFolder,
        turns: Int
    ) async throws {
        let node = try await MeasuredNodeManager()
        _ = try await node.run(session.size(50, tiny: 2), concurrency: 8)
        var (single, many, ratios, copies) = (Series(), Series(), Series(), Series())
        for turn in 0..<turns {
            var seconds: [Double] = []
            for count in [1, self.containers] {
                // Another name is another resource.
                let name = "\(turn)-\(count).zip"
                try FileManager.default.linkItem(atPath: folder.file(archive), toPath: folder.file(name))
                let resource = try self.resource(folder.file(name))
                let watch = Stopwatch()
                _ = try await node.run(count, concurrency: count, resources: [resource])
                seconds.append(watch.wallSeconds)
                if count > 1 { copies.append(Double(try self.copies(of: name, below: node.daemon.folder.path))) }
            }
            single.append(seconds[0])
            many.append(seconds[1])
            ratios.append(seconds[1] / seconds[0])
        }
        session.print("localize.one-container", single.quantile(0.5), "s")
        session.print("localize.\(self.containers)-containers", many.quantile(0.5), "s")
        session.print("localize.\(self.containers)-containers.of-one", ratios.quantile(0.5), "ratio")
        session.print("localize.\(self.containers)-containers.copies", copies.quantile(0.5), "copies")
        try await node.stop()
    }

    private static func resource(_ path: String) throws -> StringLocalResourceMapProto {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw BenchmarkFailure("\(path) is not there") }
        var resource = LocalResourceProto()
        resource.resource.scheme = "file"
        resource.resource.file = path
        resource.size = Int64(status.st_size)
        resource.timestamp = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        resource.type = .archive
        resource.visibility = .private
        var entry = StringLocalResourceMapProto()
        entry.key = "data"
        entry.value = resource
        return entry
    }

    private static func copies(of name: String, below folder: String) throws -> Int {
        guard let found = FileManager.default.enumerator(atPath: "\(folder)/local") else {
            throw BenchmarkFailure("the NodeManager's local folder is not there")
        }
        var count = 0
        while let path = found.nextObject() as? String {
            if path.hasSuffix("/\(name)"), path.contains("filecache/") { count += 1 }
        }
        return count
    }

    private static func measureUnpacking(
        _ session: Session,
        _ archive: String,
        in folder: ScratchFolder,
        turns: Int
    ) throws {
        let isZip = archive.hasSuffix(".zip")
        let source = folder.file(archive)
        var programs = [("bsdtar", ["-C", "{out}", "-xf", source])]
        programs.append(isZip ? ("unzip", ["-q", source, "-d", "{out}"]) : ("tar", ["-C", "{out}", "-xzf", source]))
        var own = Series()
        var others = [Series](repeating: Series(), count: programs.count)
        for _ in 0..<turns {
            let ours = try self.seconds(in: folder) { try self.unpack(source, isZip ? .zip : .tar, to: $0) }
            own.append(ours)
            for (index, (program, words)) in programs.enumerated() {
                let theirs = try self.seconds(in: folder) { out in
                    try self.execute(program, words.map { $0 == "{out}" ? out : $0 })
                }
                others[index].append(theirs / ours)
            }
        }
        let name = isZip ? "unpack.zip" : "unpack.tar.gz"
        session.print(name, own.quantile(0.5), "s")
        for (index, program) in programs.enumerated() {
            session.print("\(name).\(program.0)-over-ours", others[index].quantile(0.5), "ratio")
        }
    }

    /// How long something takes that fills a folder, which is removed afterwards.
    private static func seconds(in folder: ScratchFolder, _ body: (String) throws -> Void) throws -> Double {
        let out = folder.file("out")
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: false)
        defer { TreeRemoval.remove(out) }
        let watch = Stopwatch()
        try body(out)
        return watch.wallSeconds
    }

    private static func unpack(_ archive: String, _ kind: ArchiveKind, to out: String) throws {
        var status = stat()
        _ = unsafe stat(archive, &status)
        _ = try ArchiveUnpacker().unpack(
            OwnedDescriptor.open(archive, O_RDONLY),
            bytes: Int64(status.st_size),
            kind: kind,
            into: OwnedDescriptor.open(out, O_RDONLY | O_DIRECTORY),
            ownership: FileOwnership(fileMode: 0o500, directoryMode: 0o700),
            cancellation: Cancellation()
        )
    }

    private static func execute(_ program: String, _ words: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + words
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkFailure("\(program) failed; Debian's packages libarchive-tools and unzip are needed")
        }
    }
}
