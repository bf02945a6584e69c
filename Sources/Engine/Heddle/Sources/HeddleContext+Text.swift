internal import Glibc

extension HeddleContext {
    /// The lines of text files, as bytes.
    ///
    /// - Parameters:
    ///   - path: a file of this machine, which executors must see too.
    ///   - partitions: into how many parts the lines are cut at least; as many as tasks run at a time where it is not said.
    /// - Throws: `HeddleError` where there is no such file.
    @inlinable public func textFile(
        _ path: String,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> RDD<Text> {
        let step = Step("textFile", at: SourceSite(file, line), TextFileSource.self) {
            try TextFileSource.open($0)
        }
        return RDD(self.source(step, try await self.splits(of: path, partitions)), self)
    }

    @usableFromInline func splits(of path: String, _ partitions: Int?) async throws -> [[UInt8]] {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw HeddleError.graph("\(FileFailure(path, "cannot be read", errno))")
        }
        let length = Int64(status.st_size)
        // As Spark does it: parts of at most 128 MiB, more where more are wanted.
        let wanted = Int64(max(1, partitions ?? self.defaultParallelism))
        let size = max(1, min(128 << 20, (length + wanted - 1) / wanted))
        return try stride(from: 0, to: max(1, length), by: Int64.Stride(size)).map { start in
            try Portable.encode(FileSplit(path: path, start: start, end: min(length, start + size), length: length))
        }
    }
}
