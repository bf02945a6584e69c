import HeapModule

/// The median of the milliseconds that tasks took, kept while they end.
struct MedianOfDurations: Sendable {
    private var low = Heap<Int64>()
    private var high = Heap<Int64>()

    var count: Int { self.low.count + self.high.count }

    mutating func insert(_ milliseconds: Int64) {
        if let middle = self.low.max, milliseconds > middle {
            self.high.insert(milliseconds)
        } else {
            self.low.insert(milliseconds)
        }
        if self.low.count > self.high.count + 1, let moved = self.low.popMax() { self.high.insert(moved) }
        if self.high.count > self.low.count, let moved = self.high.popMin() { self.low.insert(moved) }
    }

    /// 0 of none.
    var median: Int64 {
        guard let low = self.low.max else { return 0 }
        guard self.low.count == self.high.count, let high = self.high.min else { return low }
        return (low + high) / 2
    }
}
