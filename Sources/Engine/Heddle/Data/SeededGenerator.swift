/// Numbers that look random and follow from a seed: the same in every process and in every run of a task.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    @usableFromInline var state: UInt64

    @inlinable public init(seed: UInt64) { self.state = seed }

    /// - Parameters:
    ///   - seed: from which all numbers follow.
    ///   - stream: numbers of the same seed and of different streams have nothing to do with each other; a partition
    ///     for instance.
    @inlinable public init(seed: UInt64, stream: Int) {
        self.state = Mixing.hash(seed, UInt64(truncatingIfNeeded: stream))
    }

    @inlinable public mutating func next() -> UInt64 {
        // Steele, Lea and Flood's SplitMix64.
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word &>> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word &>> 31)
    }

    /// A number from 0 up to and without 1.
    @inlinable public mutating func nextFraction() -> Double {
        Double(self.next() &>> 11) * 0x1p-53
    }
}
