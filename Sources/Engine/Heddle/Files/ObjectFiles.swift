internal import Staging

/// Elements in their binary form, in blocks with checksums: what `saveAsObjectFile` and `checkpoint` write.
///
/// A file begins with `HEDDLEO1` and a block that names the elements' type. Each block has the number of its bytes and their
/// checksum before it, four bytes each; a block of no bytes ends the file. So what is cut, changed or of another type is told
/// from what is whole.
@usableFromInline enum ObjectFile {
    static let magic = Array("HEDDLEO1".utf8)
    static let headBytes = 8
    /// Larger blocks are not written, and not believed.
    static let blockMaximum = 1 << 30
    /// A block is written when its elements are so many bytes.
    @usableFromInline static let blockBytes = 1 << 20

    static func head(of block: [UInt8]) -> [UInt8] {
        var checksum = Checksum()
        checksum.add(block)
        var writer = ByteWriter(capacity: Self.headBytes)
        writer.write(fixed: UInt32(block.count))
        writer.write(fixed: checksum.value)
        return writer.bytes()
    }
}

extension RDD where Element: Codable {
    /// Writes the elements in their binary form, one file for each partition, into a new folder; as
    /// `saveAsTextFile`. `objectFile` reads them again, with the same type in the same or a like program.
    @inlinable public func saveAsObjectFile(
        _ path: String,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws {
        let step = Step("saveAsObjectFile", at: SourceSite(file, line), ObjectOutputAction<Element>.self) {
            try ObjectOutputAction<Element>.open($0)
        }
        let path = try OutputFolder.path(of: path)
        try await self.write(step.passing(path), into: path)
    }
}

extension HeddleContext {
    /// The elements that `saveAsObjectFile` wrote, one partition for each file.
    ///
    /// - Throws: `HeddleError` where there is no such folder, or it is not whole. A task fails whose file holds elements of
    ///   another type, or is damaged.
    @inlinable public func objectFile<Element: Codable & Sendable>(
        _ path: String,
        of type: Element.Type,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> RDD<Element> {
        let step = Step("objectFile", at: SourceSite(file, line), ObjectSource<Element>.self) {
            try ObjectSource<Element>.open($0)
        }
        return RDD(self.source(step, splits: try await self.parts(of: OutputFolder.path(of: path))), self)
    }

    /// The files of a folder that an action wrote, each as one slice.
    @usableFromInline func parts(of path: String) async throws -> SplitSlices {
        do {
            let found = try await HeddleContext.lookups.run { _ in try FileSources.source(of: path).list(path) }
            var files: [String: SourceFile] = [:]
            for case .file(let file) in found { files[String(file.name.split(separator: "/").last ?? "")] = file }
            guard files[OutputFolder.successName] != nil else {
                throw FileFailure(path, "has no _SUCCESS: the job that wrote it has not ended well. Write it again")
            }
            // Numbers of six digits come after those of five.
            let parts = files.filter { $0.key.hasPrefix("part-") }
                .sorted { ($0.key.utf8.count, $0.key) < ($1.key.utf8.count, $1.key) }
            return try await self.located(
                try parts.map { try Portable.encode("\(path)/\($0.key)") },
                parts.map { [FileSplit(all: $0.value)] }
            )
        } catch {
            throw HeddleError.graph("\(error)")
        }
    }
}

@usableFromInline struct ObjectOutputAction<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let output = try ObjectWriter(input, type: "\(Element.self)")
        let codec = Codec<Element>()
        var block = ByteWriter()
        var batch: [Element] = []
        let elements = try input.stream(of: Element.self)
        while try elements.next(into: &batch) {
            for element in batch { try codec.store(element, to: &block) }
            guard block.count >= ObjectFile.blockBytes else { continue }
            try output.write(block.bytes())
            block.removeAll()
        }
        if block.count > 0 { try output.write(block.bytes()) }
        return try output.finish()
    }
}

@usableFromInline final class ObjectWriter {
    private let writer: any OutputFile
    private let file: WrittenFile

    @usableFromInline init(_ input: OperatorInput, type: String) throws {
        (self.writer, self.file) = try OutputFolder(opening: input.value(as: String.self)).newFile(input, suffix: "")
        try self.writer.write(ObjectFile.magic)
        try self.write(Array(type.utf8))
    }

    @usableFromInline func write(_ block: [UInt8]) throws {
        guard block.count <= ObjectFile.blockMaximum else {
            throw FileFailure(self.file.name, "would have a block of \(block.count) bytes, which is too large")
        }
        try self.writer.write(ObjectFile.head(of: block))
        try self.writer.write(block)
    }

    @usableFromInline func finish() throws -> TaskResult {
        try self.writer.write(ObjectFile.head(of: []))
        try self.writer.finish()
        return try TaskResult(of: self.file)
    }
}

@usableFromInline struct ObjectSource<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let blocks = try ObjectReader(input.slice(as: String.self), type: "\(Element.self)")
        let codec = Codec<Element>()
        return Stream<Element> { batch in
            batch.removeAll(keepingCapacity: true)
            guard let block = try blocks.next() else { return false }
            var reader = ByteReader(block)
            while !reader.isAtEnd { batch.append(try codec.load(from: &reader)) }
            return true
        }
    }
}

@usableFromInline final class ObjectReader {
    private let path: String
    private let source: any BlockSource
    private var isAtEnd = false

    @usableFromInline init(_ path: String, type: String) throws {
        self.path = path
        guard case .file(let file)? = try FileSources.source(of: path).find(path) else {
            throw FileFailure(path, "is not there")
        }
        self.source = try SplitBytes(file)
        guard try self.bytes(ObjectFile.magic.count) == ObjectFile.magic else {
            throw FileFailure(path, "is no file that saveAsObjectFile or checkpoint wrote")
        }
        let found = try self.block().map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard found == type else {
            throw FileFailure(
                path,
                "holds elements of type \(found), not \(type): read it with the type it was written with"
            )
        }
    }

    /// The bytes of the next block; nil at the end.
    @usableFromInline func next() throws -> [UInt8]? {
        if self.isAtEnd { return nil }
        let block = try self.block()
        self.isAtEnd = block == nil
        return block
    }

    private func block() throws -> [UInt8]? {
        let head = try self.bytes(ObjectFile.headBytes)
        let count = head[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard count <= ObjectFile.blockMaximum else { throw self.damaged }
        let block = try self.bytes(count)
        guard ObjectFile.head(of: block) == head else { throw self.damaged }
        return count == 0 ? nil : block
    }

    private var damaged: FileFailure { FileFailure(self.path, "is damaged: write it again") }

    private func bytes(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let wanted = min(count - bytes.count, ObjectFile.blockBytes)
            let piece = try unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, length in
                length = try unsafe self.source.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            if piece.isEmpty { throw FileFailure(self.path, "ends in the middle of a block: write it again") }
            bytes += piece
        }
        return bytes
    }
}
