internal import BlockExchange
internal import Glibc

/// Writes what map tasks of an executor wrote as files that the NodeManager's service serves when the executor has left.
///
/// A file for each map task, as `ShuffleLayout` has it. It has its name when it is whole.
struct OutputHandover {
    private let folders: [String]
    private let packer: FramePacker

    /// - Parameters:
    ///   - folders: of the application; where one has no room the next is tried.
    ///   - executor: its number.
    ///   - compresses: whether frames that are in memory are compressed.
    init(_ folders: [String], executor: Int, compresses: Bool) {
        self.folders = folders.map { "\($0)/\(ShuffleLayout.folderName)/\(executor)" }
        self.packer = FramePacker(compresses: compresses)
    }

    /// - Throws: `FileFailure` where no folder takes it, and what reading the output throws.
    func write(_ output: ShuffleOutput, as key: ShuffleStore.Key) throws {
        var failure: (any Error)?
        for folder in self.folders {
            do {
                return try self.write(output, key.mapTask, in: "\(folder)/\(key.shuffle)")
            } catch let error as FileFailure {
                failure = error
            }
        }
        throw failure ?? FileFailure("the application's folders", "are not known", ENOENT)
    }

    private func write(_ output: ShuffleOutput, _ mapTask: Int, in folder: String) throws {
        try Self.make(folder)
        let unfinished = "\(folder)/.\(mapTask)"
        unsafe unlink(unfinished)
        let file = try HandoverFile(unfinished)
        do {
            try self.fill(file, output)
        } catch {
            unsafe unlink(unfinished)
            throw error
        }
        guard unsafe rename(unfinished, "\(folder)/\(mapTask)") == 0 else {
            throw FileFailure(unfinished, "cannot be renamed", errno)
        }
    }

    private func fill(_ file: HandoverFile, _ output: ShuffleOutput) throws {
        var offsets = [Int64(0)]
        for partition in output.sizes.indices {
            let segment = try output.segment(partition).orFault("partition \(partition)")
            for range in segment.ranges { try segment.file?.copy(range, to: file) }
            for frame in segment.frames {
                var writer = ByteWriter(capacity: frame.count + FrameHead.bytes)
                unsafe frame.withUnsafeBytes { unsafe self.packer.pack($0, to: &writer) }
                try file.append(writer.bytes())
            }
            offsets.append(file.count)
        }
        try file.append(ShuffleLayout.end(offsets))
    }

    /// The folder, and the two above it that the application's folder does not have yet.
    private static func make(_ folder: String) throws(FileFailure) {
        let names = folder.split(separator: "/", omittingEmptySubsequences: false)
        for missing in [2, 1, 0] {
            let path = names.dropLast(missing).joined(separator: "/")
            guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw FileFailure(path, "cannot be made", errno)
            }
        }
    }
}

/// A file that is written once.
final class HandoverFile {
    private let path: String
    private let descriptor: Int32
    private(set) var count: Int64 = 0

    init(_ path: String) throws(FileFailure) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFailure(path, "cannot be made", errno) }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    func append(_ bytes: some Collection<UInt8>) throws {
        try FileBytes.write(bytes, to: self.descriptor, self.path)
        self.count += Int64(bytes.count)
    }
}

extension BlockFile {
    private static let copyBytes = 1 << 20

    /// Copies a part as it lies there.
    func copy(_ range: Range<Int64>, to file: HandoverFile) throws {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = min(Self.copyBytes, Int(range.upperBound - offset))
            let bytes = try self.read(count, at: offset)
            try unsafe bytes.withUnsafeBytes { try unsafe file.append($0) }
            offset += Int64(count)
        }
    }
}
