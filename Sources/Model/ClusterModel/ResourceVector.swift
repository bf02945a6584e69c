/// An amount of each resource type: what a node has, a container uses, a queue is owed.
///
/// Components may go below zero in a difference; whoever hands a vector out checks `isNonNegative`.
package struct ResourceVector: Hashable, Sendable, CustomStringConvertible {
    /// Memory in MiB (`memory-mb`).
    package var memoryMiB: Int64
    /// Virtual cores (`vcores`).
    package var vcores: Int64

    package init(memoryMiB: Int64, vcores: Int64) {
        self.memoryMiB = memoryMiB
        self.vcores = vcores
    }

    package static let zero = ResourceVector(memoryMiB: 0, vcores: 0)

    package var isZero: Bool { self == .zero }
    package var isNonNegative: Bool { self.memoryMiB >= 0 && self.vcores >= 0 }

    /// True when every component is at most that of `other`.
    package func fits(in other: ResourceVector) -> Bool {
        self.memoryMiB <= other.memoryMiB && self.vcores <= other.vcores
    }

    package static func + (left: ResourceVector, right: ResourceVector) -> ResourceVector {
        ResourceVector(memoryMiB: left.memoryMiB + right.memoryMiB, vcores: left.vcores + right.vcores)
    }

    package static func - (left: ResourceVector, right: ResourceVector) -> ResourceVector {
        ResourceVector(memoryMiB: left.memoryMiB - right.memoryMiB, vcores: left.vcores - right.vcores)
    }

    package static func * (left: ResourceVector, count: Int64) -> ResourceVector {
        ResourceVector(memoryMiB: left.memoryMiB * count, vcores: left.vcores * count)
    }

    package static func += (left: inout ResourceVector, right: ResourceVector) { left = left + right }
    package static func -= (left: inout ResourceVector, right: ResourceVector) { left = left - right }

    /// The larger of each component.
    package func maximum(_ other: ResourceVector) -> ResourceVector {
        ResourceVector(memoryMiB: max(self.memoryMiB, other.memoryMiB), vcores: max(self.vcores, other.vcores))
    }

    /// The smaller of each component.
    package func minimum(_ other: ResourceVector) -> ResourceVector {
        ResourceVector(memoryMiB: min(self.memoryMiB, other.memoryMiB), vcores: min(self.vcores, other.vcores))
    }

    /// Each component raised to the next multiple of that of `step`; a step of 0 leaves its component alone.
    package func roundedUp(toMultipleOf step: ResourceVector) -> ResourceVector {
        ResourceVector(
            memoryMiB: Self.roundUp(self.memoryMiB, step.memoryMiB),
            vcores: Self.roundUp(self.vcores, step.vcores)
        )
    }

    private static func roundUp(_ value: Int64, _ step: Int64) -> Int64 {
        step <= 0 ? value : (value + step - 1) / step * step
    }

    /// YARN's text for an amount, as it stands in diagnostics.
    package var description: String { "<memory:\(self.memoryMiB), vCores:\(self.vcores)>" }
}
