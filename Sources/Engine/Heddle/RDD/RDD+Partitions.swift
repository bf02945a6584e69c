extension RDD {
    /// Whole partitions, transformed: for work that is worth doing once for many elements.
    ///
    /// - Parameters:
    ///   - transform: gets the elements of a partition, which come as it asks for them.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    @inlinable public func mapPartitions<Output: Sequence & SendableMetatype>(
        _ transform: @escaping @Sendable (PartitionElements<Element>) throws -> Output,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Output.Element> where Output.Element: Sendable {
        let step = Step("mapPartitions", at: SourceSite(file, line), MapPartitionsOperator<Element, Output>.self) {
            try MapPartitionsOperator<Element, Output>.open($0)
        }
        return self.deriving(step.calling(transform))
    }

    /// Whole partitions, transformed with a value that is handed over as data.
    @inlinable public func mapPartitions<Value: Codable & Sendable, Output: Sequence & SendableMetatype>(
        with value: Value,
        _ transform: @escaping @Sendable (Value, PartitionElements<Element>) throws -> Output,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Output.Element> where Output.Element: Sendable {
        let type = MapPartitionsWithOperator<Value, Element, Output>.self
        let step = Step("mapPartitions", at: SourceSite(file, line), type) {
            try MapPartitionsWithOperator<Value, Element, Output>.open($0)
        }
        return self.deriving(step.calling(transform).passing(value))
    }

    /// Whole partitions with their numbers, transformed.
    @inlinable public func mapPartitionsWithIndex<Output: Sequence & SendableMetatype>(
        _ transform: @escaping @Sendable (Int, PartitionElements<Element>) throws -> Output,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Output.Element> where Output.Element: Sendable {
        let type = MapPartitionsWithIndexOperator<Element, Output>.self
        let step = Step("mapPartitionsWithIndex", at: SourceSite(file, line), type) {
            try MapPartitionsWithIndexOperator<Element, Output>.open($0)
        }
        return self.deriving(step.calling(transform))
    }

    /// Each partition as one element.
    @inlinable public func glom(file: StaticString = #fileID, line: UInt = #line) -> RDD<[Element]> {
        let step = Step("glom", at: SourceSite(file, line), GlomOperator<Element>.self) {
            try GlomOperator<Element>.open($0)
        }
        return self.deriving(step)
    }

    /// This dataset's partitions, then the other's.
    public func union(_ other: RDD<Element>, file: StaticString = #fileID, line: UInt = #line) -> RDD<Element> {
        let step = Step("union", at: SourceSite(file, line), PassingOperator.self) { try PassingOperator.open($0) }
        let counts = [self.partitionCount, other.partitionCount]
        let node = Node(
            step,
            parents: [self.node, other.node],
            kind: .narrow(.concatenated(counts)),
            partitionCount: counts.reduce(0, +)
        )
        return RDD<Element>(node, self.context)
    }

    /// Fewer partitions, each made of neighbouring ones, without a shuffle.
    ///
    /// - Parameters:
    ///   - count: how many partitions there are then; no more than now.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    @inlinable public func coalesce(_ count: Int, file: StaticString = #fileID, line: UInt = #line) -> RDD<Element> {
        let step = Step("coalesce", at: SourceSite(file, line), CoalesceOperator<Element>.self) {
            try CoalesceOperator<Element>.open($0)
        }
        return self.grouping(step, count)
    }

    /// Fewer partitions without a shuffle, or any number of them with one.
    @inlinable public func coalesce(
        _ count: Int,
        shuffle: Bool,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Element> where Element: Codable {
        shuffle
            ? self.repartition(count, file: file, line: line) : self.coalesce(count, file: file, line: line)
    }

    @usableFromInline func grouping(_ step: Step, _ wanted: Int) -> RDD<Element> {
        let from = self.partitionCount
        let count = Swift.max(1, Swift.min(wanted, from))
        let groups = (0..<count).map { Array((from * $0 / count)..<(from * ($0 + 1) / count)) }
        return RDD(
            Node(step, parents: [self.node], kind: .narrow(.grouped(groups)), partitionCount: count),
            self.context
        )
    }

    /// Pairs of every element of this dataset with every one of the other.
    @inlinable public func cartesian<Other: Sendable>(
        _ other: RDD<Other>,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Element, Other>> {
        let step = Step("cartesian", at: SourceSite(file, line), CartesianOperator<Element, Other>.self) {
            try CartesianOperator<Element, Other>.open($0)
        }
        return self.combining(step, other, .product(other.partitionCount), self.partitionCount * other.partitionCount)
    }

    /// The first element of this dataset with the first of the other, and so on.
    ///
    /// Both must have equally many partitions (a dataset that has not is refused by the action), and equally many elements
    /// in each (a task that finds another number fails).
    @inlinable public func zip<Other: Sendable>(
        _ other: RDD<Other>,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Element, Other>> {
        var step = Step("zip", at: SourceSite(file, line), ZipOperator<Element, Other>.self) {
            try ZipOperator<Element, Other>.open($0)
        }
        let (count, otherCount) = (self.partitionCount, other.partitionCount)
        if count != otherCount {
            step = step.refusing(
                "one dataset has \(count) partitions, the other \(otherCount); repartition one of them"
            )
        }
        return self.combining(step, other, .same(parents: 2), count)
    }

    @usableFromInline func combining<Other, Output>(
        _ step: Step,
        _ other: RDD<Other>,
        _ mapping: PartitionMapping,
        _ count: Int
    ) -> RDD<Output> {
        RDD<Output>(
            Node(step, parents: [self.node, other.node], kind: .narrow(mapping), partitionCount: count),
            self.context
        )
    }

    /// Every element with a number of its own, without counting first: element k of partition p of n gets k * n + p.
    @inlinable public func zipWithUniqueId(
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Element, Int>> {
        let step = Step("zipWithUniqueId", at: SourceSite(file, line), NumberingOperator<Element>.self) {
            try NumberingOperator<Element>.open($0)
        }
        let count = self.partitionCount
        return self.deriving(step.passing(Numbering(starts: Array(0..<count), stride: count)))
    }

    /// Every element with its place in the dataset, in the order of the partitions. Counts the elements of all partitions but the
    /// last first.
    @inlinable public func zipWithIndex(
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> RDD<Pair<Element, Int>> {
        let step = Step("zipWithIndex", at: SourceSite(file, line), NumberingOperator<Element>.self) {
            try NumberingOperator<Element>.open($0)
        }
        var starts = [0]
        if self.partitionCount > 1 {
            let counted = 0..<(self.partitionCount - 1)
            for count in try await self.partitionSizes(at: SourceSite(file, line), partitions: counted) {
                starts.append(starts[starts.count - 1] + count)
            }
        }
        return self.deriving(step.passing(Numbering(starts: starts, stride: 1)))
    }
}

/// How the elements of partitions are numbered.
@usableFromInline struct Numbering: Codable, Sendable {
    @usableFromInline var starts: [Int]
    @usableFromInline var stride: Int

    @usableFromInline init(starts: [Int], stride: Int) {
        self.starts = starts
        self.stride = stride
    }
}
