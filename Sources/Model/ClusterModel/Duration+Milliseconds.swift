extension Duration {
    /// Rounded down; the unit of Hadoop's keys and of its wire. What is beyond any time counts as the largest number.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        return overflow ? .max : milliseconds.addingReportingOverflow(attoseconds / 1_000_000_000_000_000).partialValue
    }
}

extension Timestamp {
    /// The moment that long after; fractions of a millisecond are dropped.
    package func adding(_ duration: Duration) -> Timestamp { self.adding(milliseconds: duration.wholeMilliseconds) }
}
