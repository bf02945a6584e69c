internal import Staging

extension HeddleContext {
    /// Where files are looked for, which blocks.
    static let lookups = BlockingThreads(threadsMaximum: 4)

    /// Whole files as texts, each with its name: for many small files.
    ///
    /// - Parameters:
    ///   - path: as `textFile`'s.
    ///   - partitions: into how many parts the files are put at most.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    @inlinable public func wholeTextFiles(
        _ path: String,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> RDD<Pair<String, Text>> {
        let step = Step("wholeTextFiles", at: SourceSite(file, line), WholeTextSource.self) {
            try WholeTextSource.open($0)
        }
        return RDD(self.source(step, splits: try await self.groups(of: path, partitions)), self)
    }

    /// Whole files as they are, each with its name.
    ///
    /// - Parameters: as `wholeTextFiles`; nothing is decompressed.
    @inlinable public func binaryFiles(
        _ path: String,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> RDD<Pair<String, [UInt8]>> {
        let step = Step("binaryFiles", at: SourceSite(file, line), BinaryFileSource.self) {
            try BinaryFileSource.open($0)
        }
        return RDD(self.source(step, splits: try await self.groups(of: path, partitions)), self)
    }

    /// Files one after the other in groups of about equal size.
    @usableFromInline func groups(of path: String, _ partitions: Int?) async throws -> SplitSlices {
        let files = try await self.files(path)
        let count = max(1, min(files.count, partitions ?? self.defaultParallelism))
        let total = max(1, files.reduce(0) { $0 + max(1, $1.length) })
        var groups: [[SourceFile]] = Array(repeating: [], count: count)
        var passed: Int64 = 0
        for file in files {
            // By where its middle is, so that one large file does not take its small neighbours along.
            let middle = passed + max(1, file.length) / 2
            groups[min(count - 1, Int(middle * Int64(count) / total))].append(file)
            passed += max(1, file.length)
        }
        groups.removeAll(where: \.isEmpty)
        return try await self.located(
            try groups.map { try Portable.encode($0) },
            groups.map { $0.map { FileSplit(all: $0) } }
        )
    }

    /// The integers from `start` up to and without `end`, or down to it with a negative step. A range with a step of 0, or of
    /// more elements than an Int counts, is refused by the action.
    ///
    /// - Parameters:
    ///   - start: the first integer.
    ///   - end: the integer before which they end.
    ///   - step: what each is more than the one before.
    ///   - partitions: into how many parts they are cut.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    @inlinable public func range(
        _ start: Int,
        _ end: Int,
        step: Int = 1,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Int> {
        var source = Step("range", at: SourceSite(file, line), IntegerSource.self) { try IntegerSource.open($0) }
        let count = Swift.max(1, partitions ?? self.defaultParallelism)
        let slices = step == 0 ? nil : IntegerSlice.slices(start, end, step, count)
        if slices == nil {
            source = source.refusing(
                step == 0 ? "a range needs a step that is not 0" : "a range has no more elements than an Int counts"
            )
        }
        return RDD(self.source(source, slices ?? Array(repeating: [], count: count)), self)
    }
}

@usableFromInline struct WholeTextSource: Operator {
    @usableFromInline static func open(_ input: OperatorInput) throws -> AnyObject {
        var files = try input.slice(as: [SourceFile].self)[...]
        return Stream<Pair<String, Text>> { batch in
            batch.removeAll(keepingCapacity: true)
            guard let file = files.popFirst() else { return false }
            batch.append(Pair(file.name, TextBuffer(copying: try file.content(unpacked: true)).text))
            return true
        }
    }
}

@usableFromInline struct BinaryFileSource: Operator {
    @usableFromInline static func open(_ input: OperatorInput) throws -> AnyObject {
        var files = try input.slice(as: [SourceFile].self)[...]
        return Stream<Pair<String, [UInt8]>> { batch in
            batch.removeAll(keepingCapacity: true)
            guard let file = files.popFirst() else { return false }
            batch.append(Pair(file.name, try file.content(unpacked: false)))
            return true
        }
    }
}

extension SourceFile {
    /// All bytes.
    func content(unpacked: Bool) throws -> [UInt8] {
        let bytes = try SplitBytes(self)
        let content =
            try unpacked && self.name.hasSuffix(".gz")
            ? GzipBytes(bytes, name: self.name).rest() : bytes.rest()
        try bytes.checkUnchanged()
        return content
    }
}

/// One partition of a range.
@usableFromInline struct IntegerSlice: Codable, Sendable {
    @usableFromInline var start: Int
    @usableFromInline var count: Int
    @usableFromInline var step: Int

    /// - Returns: nil for more elements than an Int counts.
    @usableFromInline static func slices(_ start: Int, _ end: Int, _ step: Int, _ partitions: Int) -> [[UInt8]]? {
        // In words without a sign, since from the smallest to the largest integer there are more than an integer can say.
        let distance: UInt = step > 0 ? UInt(bitPattern: end &- start) : UInt(bitPattern: start &- end)
        let isEmpty = step > 0 ? end <= start : end >= start
        let count = isEmpty ? 0 : (distance - 1) / step.magnitude + 1
        guard count <= UInt(Int.max) else { return nil }
        return (0..<partitions).map { number in
            let (from, to) = (Self.part(number, of: partitions, count), Self.part(number + 1, of: partitions, count))
            let slice = IntegerSlice(start: start &+ Int(bitPattern: from) &* step, count: Int(to - from), step: step)
            // Three integers always have a binary form.
            return (try? Portable.encode(slice)) ?? []
        }
    }

    private static func part(_ number: Int, of partitions: Int, _ count: UInt) -> UInt {
        if number == partitions { return count }
        return UInt(partitions).dividingFullWidth(count.multipliedFullWidth(by: UInt(number))).quotient
    }
}

@usableFromInline struct IntegerSource: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let slice = try input.slice(as: IntegerSlice.self)
        var (next, left) = (slice.start, slice.count)
        return Stream<Int> { batch in
            batch.removeAll(keepingCapacity: true)
            let count = Swift.min(left, Stream<Int>.batchCount)
            for _ in 0..<count {
                batch.append(next)
                next &+= slice.step
            }
            left -= count
            return count > 0
        }
    }
}
