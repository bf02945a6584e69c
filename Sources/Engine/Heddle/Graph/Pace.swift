internal import Glibc

/// How many elements go by between two looks at whether their task is still wanted: few where each takes long, so that a
/// cancelled task ends soon, and many where they are quick, so that looking costs next to nothing.
@usableFromInline struct Pace {
    @usableFromInline private(set) var stride = 1
    private var lookedAt: Int64?

    /// Nanoseconds between two looks: with less there are more elements the next time, with more there are fewer.
    private static let goal: ClosedRange<Int64> = 1_000_000...10_000_000
    private static let strideMaximum = 512

    @usableFromInline init() {}

    /// Calls `body` with every element, and looks now and then.
    @inlinable mutating func forEach<Element>(_ elements: [Element], _ body: (Element) throws -> Void) throws {
        var start = 0
        while start < elements.count {
            try self.look()
            let end = Swift.min(start + self.stride, elements.count)
            for element in elements[start..<end] { try body(element) }
            start = end
        }
    }

    /// - Throws: `TaskFault.cancelled`.
    @usableFromInline mutating func look() throws {
        try TaskScope.current?.checkCancellation()
        let now = TaskStopwatch.nanoseconds(CLOCK_MONOTONIC)
        defer { self.lookedAt = now }
        guard let lookedAt = self.lookedAt else { return }
        let spent = now - lookedAt
        if spent < Self.goal.lowerBound {
            self.stride = min(2 * self.stride, Self.strideMaximum)
        } else if spent > Self.goal.upperBound {
            self.stride = max(1, self.stride / 8)
        }
    }
}
