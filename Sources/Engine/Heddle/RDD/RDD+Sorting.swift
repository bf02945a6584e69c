extension RDD {
    /// The elements in the order of a key, over all partitions: the last of one comes before the first of the next. Equal keys
    /// stay in the order of their partitions.
    ///
    /// Where the partitions meet is found by a job of its own, which looks at some of the keys; so this is an action as well.
    /// - Parameters:
    ///   - ascending: whether small keys come first.
    ///   - partitions: how many parts the result has at most; fewer where there are fewer different keys.
    ///   - key: gives what an element is sorted by.
    ///   - file: the place of the call in the source: messages and pages name it.
    ///   - line: the line of that place.
    /// - Throws: `HeddleError` when the job fails.
    @inlinable public func sortBy<Key: Comparable & Codable & Sendable>(
        ascending: Bool = true,
        partitions: Int? = nil,
        _ key: @escaping @Sendable (Element) throws -> Key,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> RDD<Element> where Element: Codable {
        let site = SourceSite(file, line)
        let count = Swift.max(1, partitions ?? self.partitionCount)
        let sample = Step("sortBy", at: site, KeySampleAction<Element, Key>.self) {
            try KeySampleAction<Element, Key>.open($0)
        }
        let size = KeySample.size(partitions: count, of: self.partitionCount)
        let keys = try await self.results(of: sample.calling(key).passing(size), as: [Key].self).flatMap { $0 }
        let order = KeyOrder<Key>(ascending: ascending)
        let bounds = RangePartitioner(sample: keys, partitions: count, order: order).bounds
        let write = Step("sortBy", at: site, RangeWriteOperator<Element, Key>.self) {
            try RangeWriteOperator<Element, Key>.open($0)
        }
        let read = Step("sortBy", at: site, SortReadOperator<Element, Key>.self) {
            try SortReadOperator<Element, Key>.open($0)
        }
        return self.shuffling(
            write.calling(key).passing(bounds).passing(ascending),
            read.calling(key).passing(ascending),
            count: bounds.count + 1,
            isByKey: false
        )
    }

    /// The pairs in the order of their keys; as `sortBy`.
    @inlinable public func sortByKey<Key, Value>(
        ascending: Bool = true,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> RDD<Pair<Key, Value>>
    where Element == Pair<Key, Value>, Key: Comparable & Codable & Sendable, Value: Codable & Sendable {
        try await self.sortBy(ascending: ascending, partitions: partitions, { $0.key }, file: file, line: line)
    }
}

/// How many keys are looked at to find where the partitions of a sorted dataset meet.
@usableFromInline enum KeySample {
    /// As Spark does: twenty for each partition to be, a million at most, and three times as many as all partitions would
    /// give if they were equally large.
    @usableFromInline static func size(partitions: Int, of sources: Int) -> Int {
        let wanted = min(20 * partitions, 1_000_000)
        return max(1, (3 * wanted + sources - 1) / max(1, sources))
    }
}

/// Some of a partition's keys, each as likely as the others. The chance begins with the partition's number, so that the same
/// data gives the same sample.
@usableFromInline struct KeySampleAction<Element, Key: Comparable & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let key = input.function(as: ((Element) throws -> Key).self)
        let size = try input.value(as: Int.self)
        var keys: [Key] = []
        var seen = 0
        var state = UInt64(truncatingIfNeeded: input.partition)
        try input.stream(of: Element.self).forEach { element in
            seen += 1
            if keys.count < size {
                keys.append(try key(element))
                return
            }
            state &+= 0x9e37_79b9_7f4a_7c15
            let place = Int(truncatingIfNeeded: Mixing.hash(state) % UInt64(truncatingIfNeeded: seen))
            if place < size { keys[place] = try key(element) }
        }
        return try TaskResult(of: keys)
    }
}

/// Writes elements for the partitions of the ranges that their keys lie in.
@usableFromInline struct RangeWriteOperator<Element, Key>: Operator
where Element: Codable & Sendable, Key: Comparable & Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let key = input.function(as: ((Element) throws -> Key).self)
        let bounds = try input.value(0, as: [Key].self)
        let order = KeyOrder<Key>(ascending: try input.value(1, as: Bool.self))
        let partition = RangePartitioner(bounds: bounds, order: order)
        let codec = Codec<Element>()
        var writers = SegmentWriters(count: partition.partitions, task: input.task)
        let parent = try input.stream(of: Element.self)
        var batch: [Element] = []
        while try parent.next(into: &batch) {
            for element in batch { try writers.write(element, with: codec, to: partition(try key(element))) }
            try writers.settle()
        }
        return try writers.finish()
    }
}

/// Sorts the pairs of one partition.
@usableFromInline struct KeySortReadOperator<Key, Value>: Operator
where Key: Comparable & Codable & Sendable, Value: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let order = KeyOrder<Key>(ascending: try input.value(as: Bool.self))
        let pairs = try input.elements(of: Pair<Key, Value>.self, sharing: TextSharing())
        return try ExternalSort<Pair<Key, Value>, Key>(input.task, order) { $0.key }.open(pairs)
    }
}

/// Sorts what was written for one range.
@usableFromInline struct SortReadOperator<Element, Key>: Operator
where Element: Codable & Sendable, Key: Comparable & Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let key = input.function(as: ((Element) throws -> Key).self)
        let order = KeyOrder<Key>(ascending: try input.value(as: Bool.self))
        return try ExternalSort(input.task, order, key).open(input.elements(of: Element.self, sharing: TextSharing()))
    }
}
