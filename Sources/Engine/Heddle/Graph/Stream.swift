/// The elements of one partition, a batch at a time.
///
/// Operators are chained by these. The closure inside is made by an operator's kernel, which the compiler specialises in the
/// user's module: the loop over a batch is then ordinary code, and only one call for each batch is indirect.
public final class Stream<Element> {
    /// How many elements a batch is meant to have: enough to make the call for a batch cheap, few enough to stay in the
    /// processor's nearest cache.
    @inlinable static var batchCount: Int { 512 }

    @usableFromInline let fill: (inout [Element]) throws -> Bool

    /// - Parameter fill: empties the batch and puts at least one element into it; false, and an empty batch, at the end.
    @inlinable init(_ fill: @escaping (inout [Element]) throws -> Bool) { self.fill = fill }

    /// One batch that is there already.
    @inlinable convenience init(_ elements: [Element]) {
        var isGiven = false
        self.init { batch in
            batch.removeAll(keepingCapacity: true)
            if isGiven || elements.isEmpty { return false }
            isGiven = true
            batch = elements
            return true
        }
    }

    /// The next elements in place of those in `batch`.
    /// - Returns: false when there are no more.
    @inlinable func next(into batch: inout [Element]) throws -> Bool { try self.fill(&batch) }

    /// Calls `body` with every element.
    @inlinable func forEach(_ body: (Element) throws -> Void) throws {
        var batch: [Element] = []
        var pace = Pace()
        while try self.fill(&batch) {
            try pace.forEach(batch, body)
        }
    }
}

/// The elements of one partition, for a closure that goes through them itself.
///
/// An iterator cannot throw: a failure behind it ends it, and is thrown when the closure has returned.
public struct PartitionElements<Element>: Sequence, IteratorProtocol {
    @usableFromInline final class State {
        @usableFromInline let stream: Stream<Element>
        @usableFromInline var batch: [Element] = []
        @usableFromInline var position = 0
        /// Elements of the batch before the next look at whether the task is still wanted.
        @usableFromInline var limit = 0
        @usableFromInline var pace = Pace()
        @usableFromInline var failure: (any Error)?

        @inlinable init(_ stream: Stream<Element>) { self.stream = stream }

        /// - Returns: false when there is no element more.
        @inlinable func advance() -> Bool {
            do {
                try self.pace.look()
                if self.position == self.batch.count {
                    self.position = 0
                    guard try self.failure == nil && self.stream.next(into: &self.batch) else { return self.end() }
                }
                self.limit = Swift.min(self.position + self.pace.stride, self.batch.count)
                return true
            } catch {
                self.failure = error
                return self.end()
            }
        }

        @usableFromInline func end() -> Bool {
            (self.batch, self.position, self.limit) = ([], 0, 0)
            return false
        }
    }

    @usableFromInline let state: State

    @inlinable init(_ stream: Stream<Element>) { self.state = State(stream) }

    @inlinable public mutating func next() -> Element? {
        let state = self.state
        if state.position == state.limit, !state.advance() { return nil }
        defer { state.position += 1 }
        return state.batch[state.position]
    }

    /// Throws what ended the elements before their end.
    @inlinable func rethrow() throws {
        if let failure = self.state.failure { throw failure }
    }
}
