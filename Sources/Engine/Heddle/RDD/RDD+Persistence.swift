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
    /// - Parameters:
    ///   - level: where and how they are kept.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
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
    /// What an element is thought to hold, in bytes: nobody can measure what it has outside of its array.
    @usableFromInline static var bytes: Int { MemoryLayout<Element>.stride + (_isPOD(Element.self) ? 0 : 64) }

    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        if let kept = input.kept(of: Element.self) { return self.stream(kept.form) }
        var elements: [Element] = []
        let collector = PartitionCollector<Element>(
            add: { batch in
                elements += batch
                return elements.count * self.bytes
            },
            form: { .values(elements) },
            read: self.stream
        )
        return try input.keep(collector, of: input.stream(of: Element.self), usesDisk: false, write: nil) { $0 }
    }

    @inlinable static func stream(_ form: KeptPartition<Element>.Form) -> Stream<Element> {
        // Such elements are kept in no other form.
        if case .values(let elements) = form { Stream(giving: elements) } else { Stream(giving: []) }
    }
}

@usableFromInline struct PersistOperator<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        if let kept = input.kept(of: Element.self) { return self.stream(kept.form) }
        if let frames = try input.keptElsewhere() { return Stream<Element>(reading: frames) }
        let level = input.storageLevel
        let parent = try input.stream(of: Element.self)
        if !level.usesMemory { return try self.onDisk(parent, input) }
        let collector = level.isDeserialized ? self.values() : self.frames()
        return try input.keep(collector, of: parent, usesDisk: level.usesDisk, write: self.write) { rest in
            level.usesDisk ? try self.onDisk(rest, input) : rest
        }
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

    @inlinable static func values() -> PartitionCollector<Element> {
        let size = SizeSample<Element>()
        var elements: [Element] = []
        return PartitionCollector(
            add: { batch in
                elements += batch
                try size.look(at: batch)
                return size.bytes(of: elements.count)
            },
            form: { .values(elements) },
            read: self.stream
        )
    }

    @inlinable static func frames() -> PartitionCollector<Element> {
        let frames = FrameCollector<Element>()
        return PartitionCollector(
            add: { batch in
                try frames.add(batch)
                return frames.bytes
            },
            form: { .frames(frames.finish()) },
            read: self.stream
        )
    }

    /// Writes elements to a file, keeps that, and reads them there.
    @inlinable static func onDisk(_ elements: Stream<Element>, _ input: OperatorInput) throws -> Stream<Element> {
        let file = try input.fileForKeeping()
        let frames = FrameCollector<Element> { try file.append($0) }
        var batch: [Element] = []
        while try elements.next(into: &batch) { try frames.add(batch) }
        try frames.flush()
        let kept = KeptPartition<Element>(.file(try file.finished()), memoryBytes: 0, usesDisk: true, write: self.write)
        _ = input.keep(kept)
        return self.stream(kept.form)
    }

    @usableFromInline static func write(_ elements: [Element], _ take: (TextBuffer) throws -> Void) throws {
        try withoutActuallyEscaping(take) { take in
            let frames = FrameCollector<Element>(take)
            try frames.add(elements)
            try frames.flush()
        }
    }
}

/// Collects a partition in one of the forms that memory keeps.
@usableFromInline struct PartitionCollector<Element: Sendable> {
    /// Takes elements; how many bytes all are by now.
    @usableFromInline let add: ([Element]) throws -> Int
    /// What was collected.
    @usableFromInline let form: () -> KeptPartition<Element>.Form
    @usableFromInline let read: (KeptPartition<Element>.Form) -> Stream<Element>

    @inlinable init(
        add: @escaping ([Element]) throws -> Int,
        form: @escaping () -> KeptPartition<Element>.Form,
        read: @escaping (KeptPartition<Element>.Form) -> Stream<Element>
    ) {
        self.add = add
        self.form = form
        self.read = read
    }
}

extension OperatorInput {
    /// Keeps the partition in memory.
    /// - Parameters:
    ///   - usesDisk: whether it goes to disk when it has to leave memory.
    ///   - write: how its values are written; nil where they have no binary form.
    ///   - otherwise: what is done with the elements where there is no room for them.
    @inlinable func keep<Element: Sendable>(
        _ collector: PartitionCollector<Element>,
        of parent: Stream<Element>,
        usesDisk: Bool,
        write: KeptPartition<Element>.Write?,
        otherwise: (Stream<Element>) throws -> Stream<Element>
    ) throws -> Stream<Element> {
        let memory = self.memoryForKeeping()
        var bytes = 0
        var batch: [Element] = []
        while try parent.next(into: &batch) {
            bytes = try collector.add(batch)
            if memory.grows(to: bytes) { continue }
            memory.release()
            let begun = collector.read(collector.form())
            return try otherwise(Stream(chaining: 2) { $0 == 0 ? begun : parent })
        }
        memory.release()
        let kept = KeptPartition(collector.form(), memoryBytes: bytes, usesDisk: usesDisk, write: write)
        let all = collector.read(kept.form)
        return self.keep(kept) ? all : try otherwise(all)
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
        if let copy = kept as? PartitionCopy { return copy.partition(of: type) }
        // Another type cannot be meant: the dataset's identity holds it.
        return unsafe unsafeDowncast(kept, to: KeptPartition<Element>.self)
    }

    /// This partition's frames, if another executor is known to keep it and gives it.
    @usableFromInline func keptElsewhere() throws -> (() throws -> TextBuffer?)? {
        guard let place = self.task.kept.first(where: { $0.block == self.block }) else { return nil }
        let fetched: FetchedPartition
        do {
            fetched = try self.executor.fetch(place) { try self.task.checkCancellation() }
        } catch TaskFault.cancelled {
            throw TaskFault.cancelled
        } catch {
            // It went in the meantime: the partition is computed here.
            return nil
        }
        let next = fetched.frames()
        return {
            try self.task.checkCancellation()
            do {
                return try next()
            } catch let damage as FrameDamage {
                throw TaskFault.unfetched(OutputBundle.damaged(damage, from: place.server.executor))
            }
        }
    }

    /// Memory for a partition that may be kept, which nothing of the same dataset has to go for.
    @usableFromInline func memoryForKeeping() -> MemoryUse { MemoryUse(self.task, sparing: self.identity.group) }

    @usableFromInline func fileForKeeping() throws -> KeptFile {
        let compresses = self.executor.settings.compressesBlocks
        return KeptFile(try BlockFileWriter(self.executor.places, compresses: compresses))
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
    var group: Int64 { Int64(bitPattern: self.a) }
}
