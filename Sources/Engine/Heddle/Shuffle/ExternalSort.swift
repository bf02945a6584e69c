/// Sorts elements by a key. What does not fit in memory is sorted part by part; the parts go to a file and are merged.
@usableFromInline struct ExternalSort<Element, Key>
where Element: Codable & Sendable, Key: Comparable & Sendable {
    @usableFromInline let task: TaskScope
    @usableFromInline let order: KeyOrder<Key>
    @usableFromInline let key: (Element) throws -> Key

    @inlinable init(_ task: TaskScope, _ order: KeyOrder<Key>, _ key: @escaping (Element) throws -> Key) {
        self.task = task
        self.order = order
        self.key = key
    }

    /// What sorting takes for each element besides the element itself (`sortStably`), in bytes.
    @usableFromInline static var scratch: Int { 32 + MemoryLayout<Element>.stride }

    /// Whether a key is looked at again rather than kept beside its element: where eight bytes of it mostly decide. Other keys
    /// are compared many times, and may be dear to make.
    @usableFromInline static var looksAgain: Bool { Key.self is any SortKey.Type }

    @inlinable func open(_ source: Stream<Element>) throws -> Stream<Element> {
        var elements: [Element] = []
        let memory = MemoryUse(self.task)
        let size = SizeSample<Element>()
        let runs = SortedRuns<Element>(self.task)
        let beside = Self.looksAgain ? 0 : 2 * MemoryLayout<Pair<Key, Element>>.stride
        let each = MemoryLayout<Element>.stride + Self.scratch + beside
        var batch: [Element] = []
        while try source.next(into: &batch) {
            elements += batch
            try size.look(at: batch)
            if memory.grows(to: elements.capacity * each + size.outside(of: elements.count)) { continue }
            try self.sort(&elements)
            try runs.write(elements)
            elements = []
            memory.release()
        }
        try self.sort(&elements)
        let last = Stream(giving: elements, owner: memory)
        elements = []
        let others = try runs.streams()
        if others.isEmpty { return last }
        return self.merged((others + [last]).map { run in run.mapped { Pair(try self.key($0), $0) } })
    }

    @inlinable func sort(_ elements: inout [Element]) throws {
        if Self.looksAgain { return try elements.sortStably(self.order, by: self.key) }
        var keyed: [Pair<Key, Element>] = []
        keyed.reserveCapacity(elements.count)
        for element in elements { keyed.append(Pair(try self.key(element), element)) }
        elements = []
        keyed.sortStably(self.order) { $0.key }
        elements = keyed.map(\.value)
    }

    @inlinable func merged(_ parts: [Stream<Pair<Key, Element>>]) -> Stream<Element> {
        let sources = parts.map { part in
            var batch: [Pair<Key, Element>] = []
            var position = 0
            return { () throws -> Pair<Key, Element>? in
                if position == batch.count {
                    position = 0
                    guard try part.next(into: &batch) else { return nil }
                }
                defer { position += 1 }
                return batch[position]
            }
        }
        var merge = Merge<Pair<Key, Element>, Key>(sources, self.order) { $0.key }
        return Stream<Element> { batch in
            batch.removeAll(keepingCapacity: true)
            while batch.count < Stream<Element>.batchCount, let next = try merge.next() { batch.append(next.value) }
            return !batch.isEmpty
        }
    }
}

/// Runs of elements in one file.
@usableFromInline final class SortedRuns<Element: Codable & Sendable> {
    /// Small, since a frame of every run is in memory while they are merged.
    private static var frameBytes: Int { 64 << 10 }

    private let task: TaskScope
    private var file: BlockFileWriter?
    private var ranges: [Range<Int64>] = []

    @usableFromInline init(_ task: TaskScope) { self.task = task }

    @usableFromInline func write(_ elements: [Element]) throws {
        let executor = self.task.executor
        let file = try self.file ?? BlockFileWriter(executor.places, compresses: executor.settings.compressesShuffles)
        self.file = file
        let start = file.position
        let frames = FrameCollector<Element>(frameBytes: Self.frameBytes) { try file.append($0) }
        try frames.add(elements)
        try frames.flush()
        try file.flush()
        self.ranges.append(start..<file.position)
        self.task.count { metrics in
            metrics.memorySpilled += Int64(frames.bytes)
            metrics.diskSpilled += file.position - start
        }
    }

    /// The runs, in the order in which they were written.
    @usableFromInline func streams() throws -> [Stream<Element>] {
        guard let file = try self.file?.finish() else { return [] }
        return self.ranges.map { range in
            var cursor = SegmentCursor(Segment(file: file, ranges: [range]))
            return Stream(reading: { try cursor.next() })
        }
    }
}
