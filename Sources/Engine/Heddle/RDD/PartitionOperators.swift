@usableFromInline struct MapPartitionsOperator<Input, Output: Sequence>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let elements = PartitionElements(try input.stream(of: Input.self))
        let transform = input.function(as: ((PartitionElements<Input>) throws -> Output).self)
        return Stream(try transform(elements), after: elements)
    }
}

@usableFromInline struct MapPartitionsWithOperator<Value: Codable & Sendable, Input, Output: Sequence>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let elements = PartitionElements(try input.stream(of: Input.self))
        let transform = input.function(as: ((Value, PartitionElements<Input>) throws -> Output).self)
        return Stream(try transform(try input.value(as: Value.self), elements), after: elements)
    }
}

@usableFromInline struct MapPartitionsWithIndexOperator<Input, Output: Sequence>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let elements = PartitionElements(try input.stream(of: Input.self))
        let transform = input.function(as: ((Int, PartitionElements<Input>) throws -> Output).self)
        return Stream(try transform(input.partition, elements), after: elements)
    }
}

extension Stream {
    /// The elements of a sequence that is made from those of a partition.
    @inlinable convenience init<Elements: Sequence, Source>(
        _ sequence: Elements,
        after source: PartitionElements<Source>
    ) where Elements.Element == Element {
        var iterator = sequence.makeIterator()
        self.init { batch in
            batch.removeAll(keepingCapacity: true)
            while batch.count < Stream.batchCount, let element = iterator.next() { batch.append(element) }
            // The sequence may have ended because what it is made from failed.
            try source.rethrow()
            return !batch.isEmpty
        }
    }
}

@usableFromInline struct GlomOperator<Element>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        Stream<[Element]>([try input.stream(of: Element.self).all()])
    }
}

extension Stream {
    /// All elements that are left.
    @inlinable func all() throws -> [Element] {
        var elements: [Element] = []
        var batch: [Element] = []
        while try self.next(into: &batch) { elements += batch }
        return elements
    }
}

/// A partition that is one of the parents' partitions.
@usableFromInline struct PassingOperator: Operator {
    @usableFromInline static func open(_ input: OperatorInput) throws -> AnyObject {
        let origin = input.origins[0]
        return try input.openParent(origin.parent, origin.partition)
    }
}

@usableFromInline struct CoalesceOperator<Element>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var origins = input.origins[...]
        var current: Stream<Element>?
        return Stream<Element> { batch in
            while true {
                if let stream = current, try stream.next(into: &batch) { return true }
                guard let origin = origins.popFirst() else {
                    batch.removeAll(keepingCapacity: true)
                    return false
                }
                current = try input.stream(of: Element.self, parent: origin.parent, partition: origin.partition)
            }
        }
    }
}

@usableFromInline struct CartesianOperator<Left, Right>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let origins = input.origins
        let lefts = try input.stream(of: Left.self, parent: 0, partition: origins[0].partition)
        let rights = try input.stream(of: Right.self, parent: 1, partition: origins[1].partition).all()
        var batchOfLefts: [Left] = []
        var position = 0
        return Stream<Pair<Left, Right>> { batch in
            batch.removeAll(keepingCapacity: true)
            if rights.isEmpty { return false }
            if position == batchOfLefts.count {
                position = 0
                guard try lefts.next(into: &batchOfLefts) else { return false }
            }
            batch.reserveCapacity(rights.count)
            for right in rights { batch.append(Pair(batchOfLefts[position], right)) }
            position += 1
            return true
        }
    }
}

/// Two datasets that are zipped have not equally many elements.
@usableFromInline struct UnequalPartitions: Error, CustomStringConvertible {
    @usableFromInline var partition: Int

    @usableFromInline init(partition: Int) { self.partition = partition }

    @usableFromInline var description: String {
        "partition \(self.partition) of one dataset has more elements than that of the other"
    }
}

@usableFromInline struct ZipOperator<Left, Right>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var lefts = PartitionElements(try input.stream(of: Left.self, parent: 0, partition: input.partition))
        var rights = PartitionElements(try input.stream(of: Right.self, parent: 1, partition: input.partition))
        return Stream<Pair<Left, Right>> { batch in
            batch.removeAll(keepingCapacity: true)
            while batch.count < Stream<Pair<Left, Right>>.batchCount {
                let (left, right) = (lefts.next(), rights.next())
                if let left, let right {
                    batch.append(Pair(left, right))
                } else {
                    try lefts.rethrow()
                    try rights.rethrow()
                    guard left == nil && right == nil else { throw UnequalPartitions(partition: input.partition) }
                    break
                }
            }
            return !batch.isEmpty
        }
    }
}

@usableFromInline struct NumberingOperator<Element>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let parent = try input.stream(of: Element.self)
        let numbering = try input.value(as: Numbering.self)
        var number = numbering.starts[input.partition]
        var elements: [Element] = []
        return Stream<Pair<Element, Int>> { batch in
            batch.removeAll(keepingCapacity: true)
            guard try parent.next(into: &elements) else { return false }
            batch.reserveCapacity(elements.count)
            for element in elements {
                batch.append(Pair(element, number))
                number += numbering.stride
            }
            return true
        }
    }
}
