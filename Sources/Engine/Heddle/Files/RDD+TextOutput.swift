/// How files are compressed.
public enum FileCompression: String, Codable, Hashable, Sendable {
    case none
    case gzip

    var suffix: String { self == .gzip ? ".gz" : "" }
}

extension RDD where Element == Text {
    /// Writes the elements as lines, one file for each partition, into a new folder: of this machine, or of a file system that
    /// all machines reach (`webhdfs:`, `s3a:`). There a task's file is kept on the executor's disk until it is whole.
    ///
    /// Files are `part-00000` and so on; each is there whole or not at all, however often its task is run, and `_SUCCESS`
    /// comes when all are there.
    ///
    /// - Parameters:
    ///   - path: where all executors can write; nothing of that name may be there.
    ///   - compression: whether files are compressed.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    /// - Throws: `HeddleError` where the folder exists or the job fails; nothing is left then.
    public func saveAsTextFile(
        _ path: String,
        compression: FileCompression = .none,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws {
        let step = Step("saveAsTextFile", at: SourceSite(file, line), TextOutputAction.self) {
            try TextOutputAction.open($0)
        }
        let path = try OutputFolder.path(of: path)
        try await self.write(step.passing(TextOutput(path: path, compression: compression)), into: path)
    }
}

extension RDD where Element: CustomStringConvertible {
    /// Writes the elements' descriptions as lines; as `saveAsTextFile` of texts.
    @inlinable @_disfavoredOverload public func saveAsTextFile(
        _ path: String,
        compression: FileCompression = .none,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws {
        let lines = self.lines("saveAsTextFile", at: SourceSite(file, line))
        try await lines.saveAsTextFile(path, compression: compression, file: file, line: line)
    }
}

extension RDD {
    /// Runs an action whose tasks each write a file, and names the files when all are there.
    @usableFromInline func write(_ step: Step, into path: String) async throws {
        if let fault = step.fault ?? self.node.fault { throw HeddleError.graph("\(fault)") }
        let folder = try OutputFolder(making: path)
        do {
            try folder.commit(try await self.results(of: step, as: WrittenFile.self), BlockPlaces(nil))
        } catch {
            folder.abort()
            throw error
        }
    }
}

struct TextOutput: Codable, Sendable {
    var path: String
    var compression: FileCompression
}

@usableFromInline struct TextOutputAction: Operator {
    private static let pieceBytes = 256 << 10

    @usableFromInline static func open(_ input: OperatorInput) throws -> AnyObject {
        let output = try input.value(as: TextOutput.self)
        let (writer, file) = try OutputFolder(opening: output.path)
            .newFile(input, suffix: output.compression.suffix)
        let gzip = output.compression == .gzip ? GzipWriter() : nil
        var bytes: [UInt8] = []
        var batch: [Text] = []
        let lines = try input.stream(of: Text.self)
        while try lines.next(into: &batch) {
            for line in batch {
                unsafe line.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
                bytes.append(10)
            }
            guard bytes.count >= Self.pieceBytes else { continue }
            try writer.write(gzip?.compress(bytes, isLast: false) ?? bytes)
            bytes.removeAll(keepingCapacity: true)
        }
        try writer.write(gzip?.compress(bytes, isLast: true) ?? bytes)
        try writer.finish()
        return try TaskResult(of: file)
    }
}
