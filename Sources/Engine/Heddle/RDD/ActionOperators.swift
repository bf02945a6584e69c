/// What one task of an action found.
@usableFromInline final class TaskResult: Sendable {
    let bytes: [UInt8]

    @usableFromInline init(_ bytes: [UInt8]) { self.bytes = bytes }

    @inlinable convenience init<Value: Codable & Sendable>(of value: Value) throws {
        self.init(try Portable.encode(value))
    }
}

@usableFromInline struct CollectAction<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try TaskResult(of: try input.stream(of: Element.self).all())
    }
}

@usableFromInline struct CountAction<Element>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var count = 0
        var batch: [Element] = []
        let parent = try input.stream(of: Element.self)
        while try parent.next(into: &batch) { count += batch.count }
        return try TaskResult(of: count)
    }
}

@usableFromInline struct IsEmptyAction<Element>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        var batch: [Element] = []
        return try TaskResult(of: try !input.stream(of: Element.self).next(into: &batch))
    }
}

@usableFromInline struct TakeAction<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let count = try input.value(as: Int.self)
        let parent = try input.stream(of: Element.self)
        var elements: [Element] = []
        var batch: [Element] = []
        while elements.count < count, try parent.next(into: &batch) { elements += batch.prefix(count - elements.count) }
        return try TaskResult(of: elements)
    }
}

@usableFromInline struct ReduceAction<Element: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let combine = input.function(as: ((Element, Element) throws -> Element).self)
        var sum: Element?
        try input.stream(of: Element.self).forEach { element in
            sum = try sum.map { try combine($0, element) } ?? element
        }
        return try TaskResult(of: sum)
    }
}

@usableFromInline struct AggregateAction<Element, Result: Codable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let merge = input.function(as: ((Result, Element) throws -> Result).self)
        var result = try input.value(as: Result.self)
        try input.stream(of: Element.self).forEach { result = try merge(result, $0) }
        return try TaskResult(of: result)
    }
}

@usableFromInline struct SmallestAction<Element: Codable & Comparable & Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let order = KeyOrder<Element>()
        return try TaskResult(
            of: try input.stream(of: Element.self).best(try input.value(as: Int.self), by: order.precedes)
        )
    }
}

extension Stream {
    /// The elements that come first in an order, sorted.
    @inlinable func best(_ count: Int, by precedes: (Element, Element) -> Bool) throws -> [Element] {
        let wanted = Swift.max(0, count)
        var best: [Element] = []
        var batch: [Element] = []
        while try self.next(into: &batch) {
            best += batch
            // Sorted only when there are many too many, so that an element is looked at a few times at most.
            guard best.count >= 4 * Swift.max(wanted, Stream.batchCount) else { continue }
            best.sort(by: precedes)
            best.removeSubrange(Swift.min(wanted, best.count)...)
        }
        best.sort(by: precedes)
        return Array(best.prefix(wanted))
    }
}
