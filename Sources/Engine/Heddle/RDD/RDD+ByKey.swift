extension RDD {
    /// One value for each key: the values of a key put together two by two, in any order, before and after the shuffle.
    ///
    /// - Parameters:
    ///   - partitions: how many parts the result has; as many as this dataset where it is not said.
    ///   - combine: makes one value of two.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    @inlinable public func reduceByKey<Key, Value>(
        partitions: Int? = nil,
        _ combine: @escaping @Sendable (Value, Value) throws -> Value,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Value>>
    where Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
        let site = SourceSite(file, line)
        let write = Step("reduceByKey", at: site, ReduceWriteOperator<Key, Value>.self) {
            try ReduceWriteOperator<Key, Value>.open($0)
        }
        let read = Step("reduceByKey", at: site, ReduceReadOperator<Key, Value>.self) {
            try ReduceReadOperator<Key, Value>.open($0)
        }
        return self.gathering(write.calling(combine), read.calling(combine), partitions)
    }

    /// One result for each key: `merge` takes the values of a key into it one after the other, beginning with `zero`, and
    /// `combine` puts the results of tasks together.
    @inlinable public func aggregateByKey<Key, Value, Result>(
        _ zero: Result,
        partitions: Int? = nil,
        _ merge: @escaping @Sendable (Result, Value) throws -> Result,
        _ combine: @escaping @Sendable (Result, Result) throws -> Result,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Result>>
    where
        Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Sendable, Result: Codable & Sendable
    {
        let site = SourceSite(file, line)
        let write = Step("aggregateByKey", at: site, AggregateWriteOperator<Key, Value, Result>.self) {
            try AggregateWriteOperator<Key, Value, Result>.open($0)
        }
        let read = Step("aggregateByKey", at: site, ReduceReadOperator<Key, Result>.self) {
            try ReduceReadOperator<Key, Result>.open($0)
        }
        let count = partitions ?? self.partitionCount
        return self.shuffling(write.calling(merge).passing(count).passing(zero), read.calling(combine), count: count)
    }

    /// `aggregateByKey` where results are values of the same type. `zero` may be met more than once.
    @inlinable public func foldByKey<Key, Value>(
        _ zero: Value,
        partitions: Int? = nil,
        _ combine: @escaping @Sendable (Value, Value) throws -> Value,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Value>>
    where Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
        self.aggregateByKey(zero, partitions: partitions, combine, combine, file: file, line: line)
    }

    /// One result for each key: `create` makes it of the first value, `merge` takes in another, `combine` puts two together.
    @inlinable public func combineByKey<Key, Value, Result>(
        partitions: Int? = nil,
        _ create: @escaping @Sendable (Value) throws -> Result,
        _ merge: @escaping @Sendable (Result, Value) throws -> Result,
        _ combine: @escaping @Sendable (Result, Result) throws -> Result,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Result>>
    where
        Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Sendable, Result: Codable & Sendable
    {
        let site = SourceSite(file, line)
        let write = Step("combineByKey", at: site, CombineWriteOperator<Key, Value, Result>.self) {
            try CombineWriteOperator<Key, Value, Result>.open($0)
        }
        let read = Step("combineByKey", at: site, ReduceReadOperator<Key, Result>.self) {
            try ReduceReadOperator<Key, Result>.open($0)
        }
        return self.shuffling(write.calling(create).calling(merge), read.calling(combine), partitions)
    }

    /// All values of each key. A group may be larger than memory. What is only counted or summed afterwards is cheaper with
    /// `reduceByKey` or `aggregateByKey`.
    @inlinable public func groupByKey<Key, Value>(
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Group<Value>>>
    where Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
        let site = SourceSite(file, line)
        let write = Step("groupByKey", at: site, PairWriteOperator<Key, Value>.self) {
            try PairWriteOperator<Key, Value>.open($0)
        }
        let read = Step("groupByKey", at: site, GroupReadOperator<Key, Value>.self) {
            try GroupReadOperator<Key, Value>.open($0)
        }
        return self.gathering(write, read, partitions)
    }

    /// All elements for which the closure gives the same key.
    @inlinable public func groupBy<Key: Hashable & Codable & Sendable>(
        partitions: Int? = nil,
        _ key: @escaping @Sendable (Element) throws -> Key,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Group<Element>>> where Element: Codable {
        self.keyBy(key, file: file, line: line).groupByKey(partitions: partitions, file: file, line: line)
    }

    /// The pairs, spread over partitions by their keys' hashes. Pairs that are spread so already stay where they are.
    @inlinable public func partitionBy<Key, Value>(
        _ partitions: Int,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Value>>
    where Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
        if self.node.isSpreadByHash && self.partitionCount == partitions { return self }
        let site = SourceSite(file, line)
        let write = Step("partitionBy", at: site, PairWriteOperator<Key, Value>.self) {
            try PairWriteOperator<Key, Value>.open($0)
        }
        let read = Step("partitionBy", at: site, ElementReadOperator<Pair<Key, Value>>.self) {
            try ElementReadOperator<Pair<Key, Value>>.open($0)
        }
        return self.shuffling(write, read, partitions)
    }

    /// The pairs, spread over partitions by their keys' hashes, each partition in the order of its keys; cheaper than sorting
    /// what was spread before.
    ///
    /// - Parameters:
    ///   - partitions: how many parts the result has.
    ///   - ascending: whether small keys come first.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    @inlinable public func repartitionAndSortWithinPartitions<Key, Value>(
        _ partitions: Int,
        ascending: Bool = true,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Value>>
    where Element == Pair<Key, Value>, Key: Hashable & Comparable & Codable & Sendable, Value: Codable & Sendable {
        let site = SourceSite(file, line)
        let write = Step("repartitionAndSortWithinPartitions", at: site, PairWriteOperator<Key, Value>.self) {
            try PairWriteOperator<Key, Value>.open($0)
        }
        let read = Step("repartitionAndSortWithinPartitions", at: site, KeySortReadOperator<Key, Value>.self) {
            try KeySortReadOperator<Key, Value>.open($0)
        }
        return self.gathering(write, read.passing(ascending), partitions)
    }

    /// Every element once.
    @inlinable public func distinct(
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Element> where Element: Hashable & Codable {
        let site = SourceSite(file, line)
        let write = Step("distinct", at: site, DistinctWriteOperator<Element>.self) {
            try DistinctWriteOperator<Element>.open($0)
        }
        let read = Step("distinct", at: site, DistinctReadOperator<Element>.self) {
            try DistinctReadOperator<Element>.open($0)
        }
        return self.shuffling(write, read, partitions, isByKey: false)
    }

    /// The elements in so many partitions of nearly equal size, by a shuffle.
    @inlinable public func repartition(
        _ count: Int,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Element> where Element: Codable {
        let site = SourceSite(file, line)
        let write = Step("repartition", at: site, DealingWriteOperator<Element>.self) {
            try DealingWriteOperator<Element>.open($0)
        }
        let read = Step("repartition", at: site, ElementReadOperator<Element>.self) {
            try ElementReadOperator<Element>.open($0)
        }
        return self.shuffling(write, read, count, isByKey: false)
    }

    /// A shuffle whose reader takes the pairs as they are, so that it can do without where they are spread by key already.
    @usableFromInline func gathering<Output>(_ write: Step, _ read: Step, _ partitions: Int?) -> RDD<Output> {
        let count = Swift.max(1, partitions ?? self.partitionCount)
        guard self.node.isSpreadByHash, self.partitionCount == count else {
            return self.shuffling(write, read, count)
        }
        return self.deriving(read.refusing(write.fault), keepsPartitioning: true)
    }

    /// A shuffle whose map side is handed the number of partitions.
    @usableFromInline func shuffling<Output>(
        _ write: Step,
        _ read: Step,
        _ partitions: Int?,
        isByKey: Bool = true
    ) -> RDD<Output> {
        let count = Swift.max(1, partitions ?? self.partitionCount)
        return self.shuffling(write.passingCount(count), read, count: count, isByKey: isByKey)
    }

    @usableFromInline func shuffling<Output>(
        _ write: Step,
        _ read: Step,
        count: Int,
        isByKey: Bool = true
    ) -> RDD<Output> {
        let shuffle = Node(write, parents: [self.node], kind: .shuffle, partitionCount: count)
        let node = Node(
            read,
            parents: [shuffle],
            kind: .narrow(.same(parents: 1)),
            partitionCount: count,
            partitioning: isByKey ? Partitioning(rule: .hash, count: count) : nil
        )
        return RDD<Output>(node, self.context)
    }
}
