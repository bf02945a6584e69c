extension RDD {
    /// The values of each key in both datasets. Each group may be larger than memory.
    @inlinable public func cogroup<Key, Value, Other>(
        _ other: RDD<Pair<Key, Other>>,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Pair<Group<Value>, Group<Other>>>>
    where
        Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Codable & Sendable,
        Other: Codable & Sendable
    {
        let read = Step("cogroup", at: SourceSite(file, line), CogroupReadOperator<Key, Value, Other>.self) {
            try CogroupReadOperator<Key, Value, Other>.open($0)
        }
        return self.meeting(other, read, partitions)
    }

    /// Every value of this dataset with every value of the other that has the same key.
    @inlinable public func join<Key, Value, Other>(
        _ other: RDD<Pair<Key, Other>>,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Pair<Value, Other>>>
    where
        Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Codable & Sendable,
        Other: Codable & Sendable
    {
        let read = Step("join", at: SourceSite(file, line), JoinReadOperator<Key, Value, Other>.self) {
            try JoinReadOperator<Key, Value, Other>.open($0)
        }
        return self.meeting(other, read, partitions)
    }

    /// `join`, with every pair of this dataset; nil stands for what the other has not.
    @inlinable public func leftOuterJoin<Key, Value, Other>(
        _ other: RDD<Pair<Key, Other>>,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Pair<Value, Other?>>>
    where
        Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Codable & Sendable,
        Other: Codable & Sendable
    {
        let read = Step("leftOuterJoin", at: SourceSite(file, line), LeftJoinReadOperator<Key, Value, Other>.self) {
            try LeftJoinReadOperator<Key, Value, Other>.open($0)
        }
        return self.meeting(other, read, partitions)
    }

    /// `join`, with every pair of the other dataset; nil stands for what this one has not.
    @inlinable public func rightOuterJoin<Key, Value, Other>(
        _ other: RDD<Pair<Key, Other>>,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Pair<Value?, Other>>>
    where
        Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Codable & Sendable,
        Other: Codable & Sendable
    {
        let read = Step("rightOuterJoin", at: SourceSite(file, line), RightJoinReadOperator<Key, Value, Other>.self) {
            try RightJoinReadOperator<Key, Value, Other>.open($0)
        }
        return self.meeting(other, read, partitions)
    }

    /// `join`, with the keys that only one of the datasets has too; nil stands for what the other has not.
    @inlinable public func fullOuterJoin<Key, Value, Other>(
        _ other: RDD<Pair<Key, Other>>,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Pair<Value?, Other?>>>
    where
        Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Codable & Sendable,
        Other: Codable & Sendable
    {
        let read = Step("fullOuterJoin", at: SourceSite(file, line), OuterJoinReadOperator<Key, Value, Other>.self) {
            try OuterJoinReadOperator<Key, Value, Other>.open($0)
        }
        return self.meeting(other, read, partitions)
    }

    /// The pairs whose key the other dataset has not.
    @inlinable public func subtractByKey<Key, Value, Other>(
        _ other: RDD<Pair<Key, Other>>,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Value>>
    where
        Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Codable & Sendable,
        Other: Codable & Sendable
    {
        let read = Step("subtractByKey", at: SourceSite(file, line), SubtractReadOperator<Key, Value, Other>.self) {
            try SubtractReadOperator<Key, Value, Other>.open($0)
        }
        return self.meeting(other, read, partitions)
    }

    /// Both datasets spread by key over the same partitions; one that is so already is not shuffled.
    @inlinable func meeting<Key, Value, Other, Output>(
        _ other: RDD<Pair<Key, Other>>,
        _ read: Step,
        _ partitions: Int?
    ) -> RDD<Output>
    where
        Element == Pair<Key, Value>, Key: Hashable & Codable & Sendable, Value: Codable & Sendable,
        Other: Codable & Sendable
    {
        let count = Swift.max(1, partitions ?? self.node.commonCount(with: other.node))
        let left = Step(read, PairWriteOperator<Key, Value>.self) { try PairWriteOperator<Key, Value>.open($0) }
        let right = Step(read, PairWriteOperator<Key, Other>.self) { try PairWriteOperator<Key, Other>.open($0) }
        return RDD<Output>(
            Node.meeting(self.node.spread(left, count), other.node.spread(right, count), read, count),
            self.context
        )
    }
}

extension Node {
    /// Into how many partitions two datasets are put by key, where the program does not say: those of one that is spread by
    /// key already, if the other has not ten times as many.
    @usableFromInline func commonCount(with other: Node) -> Int {
        let most = max(self.partitionCount, other.partitionCount)
        let spread = [self, other].filter { $0.isSpreadByHash && $0.partitionCount * 10 > most }
        return spread.map(\.partitionCount).max() ?? most
    }

    /// This dataset spread by key over so many partitions.
    @usableFromInline func spread(_ write: Step, _ count: Int) -> Node {
        if self.partitioning == Partitioning(rule: .hash, count: count) { return self }
        return Node(write.passingCount(count), parents: [self], kind: .shuffle, partitionCount: count)
    }

    @usableFromInline static func meeting(_ left: Node, _ right: Node, _ read: Step, _ count: Int) -> Node {
        Node(
            read,
            parents: [left, right],
            kind: .narrow(.same(parents: 2)),
            partitionCount: count,
            partitioning: Partitioning(rule: .hash, count: count)
        )
    }
}
