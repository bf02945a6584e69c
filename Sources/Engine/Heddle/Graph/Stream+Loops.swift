extension Stream {
    /// Every element, transformed.
    @inlinable func mapped<Output>(_ transform: @escaping (Element) throws -> Output) -> Stream<Output> {
        var elements: [Element] = []
        var pace = Pace()
        return Stream<Output> { batch in
            batch.removeAll(keepingCapacity: true)
            guard try self.next(into: &elements) else { return false }
            batch.reserveCapacity(elements.count)
            try pace.forEach(elements) { batch.append(try transform($0)) }
            return true
        }
    }

    /// The elements for which the closure says true.
    @inlinable func filtered(_ isIncluded: @escaping (Element) throws -> Bool) -> Stream<Element> {
        var elements: [Element] = []
        var pace = Pace()
        return Stream<Element> { batch in
            batch.removeAll(keepingCapacity: true)
            while try self.next(into: &elements) {
                try pace.forEach(elements) { if try isIncluded($0) { batch.append($0) } }
                if !batch.isEmpty { return true }
            }
            return false
        }
    }

    /// The elements of all sequences that the closure makes. A sequence may be long: what does not fit into a batch comes
    /// with the next.
    @inlinable func flatMapped<Output: Sequence>(
        _ transform: @escaping (Element) throws -> Output
    ) -> Stream<Output.Element> {
        var elements: [Element] = []
        var position = 0
        var rest: Output.Iterator?
        var pace = Pace()
        var quiet = 1
        return Stream<Output.Element> { batch in
            batch.removeAll(keepingCapacity: true)
            while true {
                if var iterator = rest {
                    rest = nil
                    while let element = iterator.next() {
                        batch.append(element)
                        if batch.count >= Stream<Output.Element>.batchCount {
                            rest = iterator
                            return true
                        }
                    }
                }
                if position == elements.count {
                    if !batch.isEmpty { return true }
                    position = 0
                    guard try self.next(into: &elements) else { return false }
                }
                quiet -= 1
                if quiet == 0 {
                    try pace.look()
                    quiet = pace.stride
                }
                rest = try transform(elements[position]).makeIterator()
                position += 1
            }
        }
    }
}
