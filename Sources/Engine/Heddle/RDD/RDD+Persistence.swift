extension RDD {
    /// The same elements, kept in memory by executors when they are computed first, so that later jobs find them. Where memory
    /// has no room they are computed again. Spark's `cache`.
    @inlinable public func cache(file: StaticString = #fileID, line: UInt = #line) -> RDD<Element> {
        self.persist(file: file, line: line)
    }

    /// `cache`.
    @inlinable public func persist(file: StaticString = #fileID, line: UInt = #line) -> RDD<Element> {
        let step = Step("persist", at: SourceSite(file, line), MemoryPersistOperator<Element>.self) {
            try MemoryPersistOperator<Element>.open($0)
        }
        return self.deriving(step, keepsPartitioning: true, storage: .memoryOnly)
    }

    /// The same elements, kept by executors when they are computed first, so that later jobs find them.
    ///
    /// - Parameter level: where and how they are kept.
    @inlinable public func persist(
        _ level: StorageLevel,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Element> where Element: Codable {
        let step = Step("persist", at: SourceSite(file, line), PersistOperator<Element>.self) {
            try PersistOperator<Element>.open($0)
        }
        return self.deriving(step, keepsPartitioning: true, storage: level)
    }

    /// Lets executors forget what they kept of this dataset.
    public func unpersist() { self.context.forget(self.node) }
}

/// Keeps elements of any type, which cannot leave the process's memory.
@usableFromInline struct MemoryPersistOperator<Element: Sendable>: Operator {
    /// What an element is thought to hold outside of its array, where nobody can measure it, in bytes.
    @usableFromInline static var outside: Int { _isPOD(Element.self) ? 0 : 64 }

    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        if let kept = input.kept(of: Element.self), case .values(let elements) = kept.form {
            return Stream<Element>(giving: elements)
        }
        let memory = input.memoryForKeeping()
        let parent = try input.stream(of: Element.self)
        var elements: [Element] = []
        var batch: [Element] = []
        while try parent.next(into: &batch) {
            elements += batch
            let bytes = elements.count * (MemoryLayout<Element>.stride + self.outside)
            if memory.grows(to: bytes) { continue }
            memory.release()
            return Stream(chaining: 2) { $0 == 0 ? Stream(giving: elements) : parent }
        }
        memory.release()
        let bytes = elements.count * (MemoryLayout<Element>.stride + self.outside)
        _ = input.keep(KeptPartition(.values(elements), memoryBytes: bytes, usesDisk: false, write: nil))
        return Stream<Element>(giving: elements)
    }
}

@usableFromInline struct PersistOperator<Element: Codable & Sendable>: Operator {
    /// Of what is kept in binary form.
    @usableFromInline static var frameBytes: Int { 1 << 20 }

    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        if let kept = input.kept(of: Element.self) { return self.stream(kept.form) }
        let level = input.storageLevel
        let parent = try input.stream(of: Element.self)
        if !level.usesMemory { return try self.file([], parent, input) }
        return level.isDeserialized ? try self.values(parent, level, input) : try self.frames(parent, level, input)
    }

    @inlinable static func stream(_ form: KeptPartition<Element>.Form) -> Stream<Element> {
        switch form {
        case .values(let elements): return Stream(giving: elements)
        case .frames(let frames):
            var rest = frames[...]
            return Stream(reading: { rest.popFirst() })
        case .file(let file): return Stream(reading: file.frames())
        }
    }

    /// Kept as values.
    @inlinable static func values(
        _ parent: Stream<Element>,
        _ level: StorageLevel,
        _ input: OperatorInput
    ) throws -> Stream<Element> {
        let memory = input.memoryForKeeping()
        let size = SizeSample<Element>()
        var elements: [Element] = []
        var batch: [Element] = []
        while try parent.next(into: &batch) {
            elements += batch
            try size.look(at: batch)
            if memory.grows(to: size.bytes(of: elements.count)) { continue }
            memory.release()
            if level.usesDisk { return try self.file(elements, parent, input) }
            return Stream(chaining: 2) { $0 == 0 ? Stream(giving: elements) : parent }
        }
        memory.release()
        let kept = KeptPartition(
            .values(elements),
            memoryBytes: size.bytes(of: elements.count),
            usesDisk: level.usesDisk,
            write: Self.write
        )
        if !input.keep(kept), level.usesDisk { return try self.file(elements, parent, input) }
        return Stream(giving: elements)
    }

    /// Kept in memory in binary form.
    @inlinable static func frames(
        _ parent: Stream<Element>,
        _ level: StorageLevel,
        _ input: OperatorInput
    ) throws -> Stream<Element> {
        let memory = input.memoryForKeeping()
        let writer = FrameCollector<Element>(Self.frameBytes)
        var batch: [Element] = []
        while try parent.next(into: &batch) {
            try writer.add(batch)
            if memory.grows(to: writer.bytes) { continue }
            memory.release()
            let frames = writer.finish()
            let begun = self.stream(.frames(frames))
            if level.usesDisk {
                let rest = Stream(chaining: 2) { $0 == 0 ? begun : parent }
                return try self.file([], rest, input)
            }
            return Stream(chaining: 2) { $0 == 0 ? begun : parent }
        }
        memory.release()
        let frames = writer.finish()
        let kept = KeptPartition<Element>(
            .frames(frames),
            memoryBytes: writer.bytes,
            usesDisk: level.usesDisk,
            write: Self.write
        )
        if !input.keep(kept), level.usesDisk { return try self.file([], self.stream(kept.form), input) }
        return self.stream(kept.form)
    }

    /// Kept on disk: elements that are there, then those of a stream.
    @inlinable static func file(
        _ elements: [Element],
        _ parent: Stream<Element>,
        _ input: OperatorInput
    ) throws -> Stream<Element> {
        let file = try input.fileForKeeping()
        let writer = FrameCollector<Element>(Self.frameBytes) { try file.append($0) }
        try writer.add(elements)
        var batch: [Element] = []
        while try parent.next(into: &batch) { try writer.add(batch) }
        try writer.flush()
        let kept = KeptPartition<Element>(.file(try file.finished()), memoryBytes: 0, usesDisk: true, write: Self.write)
        _ = input.keep(kept)
        return self.stream(kept.form)
    }

    @usableFromInline static func write(_ elements: [Element], _ take: (TextBuffer) throws -> Void) throws {
        _ = try FrameWriter.write(elements, Codec<Element>(), frameBytes: Self.frameBytes, take)
    }
}

/// Collects elements as frames, or hands each frame on.
@usableFromInline final class FrameCollector<Element: Codable & Sendable> {
    private let codec = Codec<Element>()
    private let frameBytes: Int
    private let take: ((TextBuffer) throws -> Void)?
    private var writer = ByteWriter()
    private var frames: [TextBuffer] = []
    private var sealed = 0

    @usableFromInline init(_ frameBytes: Int, _ take: ((TextBuffer) throws -> Void)? = nil) {
        self.frameBytes = frameBytes
        self.take = take
    }

    /// What was written, in bytes.
    @usableFromInline var bytes: Int { self.sealed + self.writer.count }

    @usableFromInline func add(_ elements: [Element]) throws {
        for element in elements {
            try self.codec.store(element, to: &self.writer)
            if self.writer.count >= self.frameBytes { try self.flush() }
        }
    }

    /// Makes a frame of what is left.
    @usableFromInline func flush() throws {
        guard self.writer.count > 0 else { return }
        var full = ByteWriter()
        swap(&full, &self.writer)
        self.sealed += full.count
        let frame = full.finish()
        if let take = self.take { try take(frame) } else { self.frames.append(frame) }
    }

    /// The frames, where nobody took them.
    @usableFromInline func finish() -> [TextBuffer] {
        // Without a taker nothing can fail.
        try? self.flush()
        return self.frames
    }
}

/// A file that a partition is being written to.
@usableFromInline final class KeptFile {
    private let writer: BlockFileWriter

    init(_ writer: BlockFileWriter) { self.writer = writer }

    @usableFromInline func append(_ frame: TextBuffer) throws { try self.writer.append(frame) }

    @usableFromInline func finished() throws -> FileSegment { try FileSegment(self.writer) }
}

extension OperatorInput {
    private var block: BlockStore.Key { BlockStore.Key(dataset: self.identity, partition: self.partition) }

    private var executor: Executor { self.task.executor }

    /// How the step's dataset is kept.
    @usableFromInline var storageLevel: StorageLevel { self.planned.storage ?? .memoryOnly }

    /// This partition, if the executor keeps it.
    @usableFromInline func kept<Element>(of type: Element.Type) -> KeptPartition<Element>? {
        guard let kept = self.executor.blocks.block(self.block) else { return nil }
        self.executor.memory.use(.partition(self.block))
        // Another type cannot be meant: the dataset's identity holds it.
        return unsafe unsafeDowncast(kept, to: KeptPartition<Element>.self)
    }

    /// Memory for a partition that may be kept, which nothing of the same dataset has to go for.
    @usableFromInline func memoryForKeeping() -> MemoryUse { MemoryUse(self.task, sparing: self.identity.group) }

    @usableFromInline func fileForKeeping() throws -> KeptFile {
        let compresses = self.executor.settings.compressesBlocks
        return KeptFile(try BlockFileWriter(self.executor.folders, compresses: compresses))
    }

    /// - Returns: whether there is room for the partition.
    @usableFromInline func keep(_ kept: KeptPartition<some Sendable>) -> Bool {
        let (block, bytes) = (self.block, kept.memoryBytes)
        self.executor.blocks.keep(kept, as: block)
        if bytes == 0 {
            self.executor.memory.drop(.partition(block))
            return true
        }
        if self.executor.memory.keep(.partition(block), bytes: bytes, group: block.dataset.group) { return true }
        self.executor.blocks.drop(block)
        return false
    }
}

extension Digest {
    /// Names the blocks of a dataset among those of others.
    fileprivate var group: Int64 { Int64(bitPattern: self.a) }
}
