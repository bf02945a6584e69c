/// What was written for a partition, as it comes.
@usableFromInline struct ElementReadOperator<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let shuffled = try input.shuffled(parent: 0)
        let codec = Codec<Element>()
        var mapTask = 0
        var segment: TextBuffer?
        var offset = 0
        return Stream<Element> { batch in
            batch.removeAll(keepingCapacity: true)
            while batch.isEmpty {
                guard let current = segment else {
                    guard mapTask < shuffled.mapTasks else { return false }
                    segment = try shuffled.segment(mapTask)
                    (mapTask, offset) = (mapTask + 1, 0)
                    continue
                }
                var reader = ByteReader(current, in: offset..<current.count)
                while batch.count < Stream<Element>.batchCount, !reader.isAtEnd {
                    batch.append(try codec.load(from: &reader))
                }
                offset = current.count - reader.remaining
                if reader.isAtEnd { segment = nil }
            }
            return true
        }
    }
}

/// Values of equal keys put together two by two.
@usableFromInline struct ReduceReadOperator<Key, Value>: Operator
where Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let combine = input.function(as: ((Value, Value) throws -> Value).self)
        var table = AggregationTable<Key, Value>()
        try PairSource<Key, Value>(input).forEach { try table.merge($0.key, $0.value, combine) }
        return Stream<Pair<Key, Value>>(table.removeAll())
    }
}

/// All values of a key as one array.
@usableFromInline struct GroupReadOperator<Key, Value>: Operator
where Key: Hashable & Codable & Sendable, Value: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var table = AggregationTable<Key, [Value]>()
        try PairSource<Key, Value>(input).forEach { pair in
            table.upsert(pair.key, initial: { [pair.value] }) { $0.append(pair.value) }
        }
        return Stream<Pair<Key, [Value]>>(table.removeAll())
    }
}

/// Every element once.
@usableFromInline struct DistinctReadOperator<Element: Hashable & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var table = AggregationTable<Element, Bool>()
        try ElementSource<Element>(input).forEach { table.merge($0, true) { seen, _ in seen } }
        return Stream<Element>(table.removeAll().map(\.key))
    }
}

/// The values of a key in two datasets.
@usableFromInline struct CogroupReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func groups(_ input: OperatorInput) throws -> [Pair<Key, Pair<[Left], [Right]>>] {
        var table = AggregationTable<Key, Pair<[Left], [Right]>>()
        try PairSource<Key, Left>(input, parent: 0).forEach { pair in
            table.upsert(pair.key, initial: { Pair([pair.value], []) }) { $0.key.append(pair.value) }
        }
        try PairSource<Key, Right>(input, parent: 1).forEach { pair in
            table.upsert(pair.key, initial: { Pair([], [pair.value]) }) { $0.value.append(pair.value) }
        }
        return table.removeAll()
    }

    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        Stream<Pair<Key, Pair<[Left], [Right]>>>(try self.groups(input))
    }
}

/// Every value of the left with every one of the right that has its key.
@usableFromInline struct JoinReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var table = AggregationTable<Key, [Right]>()
        try PairSource<Key, Right>(input, parent: 1).forEach { pair in
            table.upsert(pair.key, initial: { [pair.value] }) { $0.append(pair.value) }
        }
        var joined: [Pair<Key, Pair<Left, Right>>] = []
        try PairSource<Key, Left>(input, parent: 0).forEach { pair in
            for right in table.value(for: pair.key) ?? [] { joined.append(Pair(pair.key, Pair(pair.value, right))) }
        }
        return Stream<Pair<Key, Pair<Left, Right>>>(joined)
    }
}

/// `join` with every pair of the left; nil stands for what the right has not.
@usableFromInline struct LeftJoinReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var table = AggregationTable<Key, [Right]>()
        try PairSource<Key, Right>(input, parent: 1).forEach { pair in
            table.upsert(pair.key, initial: { [pair.value] }) { $0.append(pair.value) }
        }
        var joined: [Pair<Key, Pair<Left, Right?>>] = []
        try PairSource<Key, Left>(input, parent: 0).forEach { pair in
            guard let rights = table.value(for: pair.key) else {
                joined.append(Pair(pair.key, Pair(pair.value, nil)))
                return
            }
            for right in rights { joined.append(Pair(pair.key, Pair(pair.value, right))) }
        }
        return Stream<Pair<Key, Pair<Left, Right?>>>(joined)
    }
}

/// `join` with every pair of the right; nil stands for what the left has not.
@usableFromInline struct RightJoinReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var table = AggregationTable<Key, [Left]>()
        try PairSource<Key, Left>(input, parent: 0).forEach { pair in
            table.upsert(pair.key, initial: { [pair.value] }) { $0.append(pair.value) }
        }
        var joined: [Pair<Key, Pair<Left?, Right>>] = []
        try PairSource<Key, Right>(input, parent: 1).forEach { pair in
            guard let lefts = table.value(for: pair.key) else {
                joined.append(Pair(pair.key, Pair(nil, pair.value)))
                return
            }
            for left in lefts { joined.append(Pair(pair.key, Pair(left, pair.value))) }
        }
        return Stream<Pair<Key, Pair<Left?, Right>>>(joined)
    }
}

/// Elements of the left that the right has (`keepsCommon`) or has not, each as often as the left has it, or once.
@usableFromInline struct SetReadOperator<Element: Hashable & Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let keepsCommon = try input.value(0, as: Bool.self)
        var right = AggregationTable<Element, Bool>()
        try ElementSource<Element>(input, parent: 1).forEach { right.merge($0, true) { seen, _ in seen } }
        var kept: [Element] = []
        var seen = AggregationTable<Element, Bool>()
        try ElementSource<Element>(input, parent: 0).forEach { element in
            guard (right.value(for: element) != nil) == keepsCommon else { return }
            if keepsCommon {
                var isNew = false
                seen.upsert(
                    element,
                    initial: {
                        isNew = true
                        return true
                    }
                ) { _ in }
                guard isNew else { return }
            }
            kept.append(element)
        }
        return Stream<Element>(kept)
    }
}

/// The same, with every key of either side that is asked for: nil stands for what the other side has not.
@usableFromInline struct OuterJoinReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var joined: [Pair<Key, Pair<Left?, Right?>>] = []
        for group in try CogroupReadOperator<Key, Left, Right>.groups(input) {
            let lefts: [Left?] = group.value.key.isEmpty ? [nil] : group.value.key
            let rights: [Right?] = group.value.value.isEmpty ? [nil] : group.value.value
            for left in lefts { for right in rights { joined.append(Pair(group.key, Pair(left, right))) } }
        }
        return Stream<Pair<Key, Pair<Left?, Right?>>>(joined)
    }
}

/// Pairs of the left whose key the right has not.
@usableFromInline struct SubtractReadOperator<Key, Left, Right>: Operator
where Key: Hashable & Codable & Sendable, Left: Codable & Sendable, Right: Codable & Sendable {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var table = AggregationTable<Key, Bool>()
        try PairSource<Key, Right>(input, parent: 1).forEach { table.merge($0.key, true) { seen, _ in seen } }
        var kept: [Pair<Key, Left>] = []
        try PairSource<Key, Left>(input, parent: 0).forEach { pair in
            if table.value(for: pair.key) == nil { kept.append(pair) }
        }
        return Stream<Pair<Key, Left>>(kept)
    }
}
