internal import Staging

extension HeddleContext {
    /// The lines of text files, as bytes.
    ///
    /// - Parameters:
    ///   - path: files by `file:` (or no scheme), `http(s):`, `webhdfs:`, `s3a:`, which executors must see too; patterns
    ///     (`*`, `?`, `[ab]`, `{a,b}`), commas between names. A folder stands for its files, those that begin with `_` or
    ///     `.` left out. What ends in `.gz` is decompressed, each file in one part.
    ///   - partitions: into how many parts the lines are cut at least; as many as tasks run at a time where it is not said.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    /// - Throws: `HeddleError` where a name speaks of no file.
    @inlinable public func textFile(
        _ path: String,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> RDD<Text> {
        let step = Step("textFile", at: SourceSite(file, line), TextFileSource.self) {
            try TextFileSource.open($0)
        }
        return RDD(self.source(step, splits: try await self.splits(of: path, partitions)), self)
    }

    /// - Parameter cutting: whether a file may be cut.
    @usableFromInline func splits(
        of path: String,
        _ partitions: Int?,
        cutting: Bool = true
    ) async throws -> SplitSlices {
        let files = try await self.files(path)
        let wanted = max(1, partitions ?? self.defaultParallelism)
        let splits =
            cutting
            ? FileSplit.splits(of: files, wanted: wanted)
            : files.map { FileSplit(all: $0) }
        return try await self.located(try splits.map { try Portable.encode($0) }, splits.map { [$0] })
    }

    /// - Parameters:
    ///   - slices: what partitions are made from.
    ///   - splits: the parts of files that each reads.
    func located(_ slices: [[UInt8]], _ splits: [[FileSplit]]) async throws -> SplitSlices {
        let hosts = try await HeddleContext.lookups.run { _ in try FileSplit.hosts(of: splits) }
        return SplitSlices(slices: slices, hosts: hosts)
    }

    @usableFromInline func source(_ step: Step, splits: SplitSlices) -> Node {
        Node(
            step,
            parents: [],
            kind: .narrow(.same(parents: 0)),
            partitionCount: splits.slices.count,
            slices: splits.slices,
            hosts: splits.hosts
        )
    }

    /// The files that names and patterns speak of.
    func files(_ path: String) async throws -> [SourceFile] {
        do {
            return try await HeddleContext.lookups.run { _ in try FilePatterns.files(path) }
        } catch {
            throw HeddleError.graph("\(error)")
        }
    }
}

/// What the partitions of files are made from, and which machines hold it.
@usableFromInline struct SplitSlices: Sendable {
    var slices: [[UInt8]]
    var hosts: [[String]]
}
