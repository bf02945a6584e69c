package import ClusterModel

extension SchedulerSettings {
    /// The size of the container that answers an ask of this size: at least the minimum, in steps of the minimum, never
    /// above the maximum. Where only memory counts, every container has the minimum's vcores.
    package func normalised(_ ask: ResourceVector) -> ResourceVector {
        let rounded =
            ask.maximum(self.minimumAllocation)
            .roundedUp(toMultipleOf: self.minimumAllocation)
            .minimum(self.maximumAllocation)
        switch self.resourceCalculator {
        case .memoryOnly:
            return ResourceVector(memoryMiB: rounded.memoryMiB, vcores: max(1, self.minimumAllocation.vcores))
        case .dominant:
            return rounded
        }
    }
}

extension ResourceCalculator {
    /// True when `ask` fits into `room`, by the components that count.
    package func fits(_ ask: ResourceVector, in room: ResourceVector) -> Bool {
        switch self {
        case .memoryOnly: ask.memoryMiB <= room.memoryMiB
        case .dominant: ask.fits(in: room)
        }
    }

    /// The largest share that `part` has of any component of `whole`, in parts per million; a component of which there
    /// is nothing counts as full.
    package func share(_ part: ResourceVector, of whole: ResourceVector) -> Int64 {
        let memory = Self.share(part.memoryMiB, of: whole.memoryMiB)
        switch self {
        case .memoryOnly: return memory
        case .dominant: return max(memory, Self.share(part.vcores, of: whole.vcores))
        }
    }

    private static func share(_ part: Int64, of whole: Int64) -> Int64 {
        guard whole > 0 else { return part > 0 ? .max : 0 }
        let (scaled, overflow) = part.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? part / whole * 1_000_000 : scaled / whole
    }
}

extension ResourceVector {
    /// That many millionths of each component, rounded down.
    package func scaled(partsPerMillion parts: Int64) -> ResourceVector {
        ResourceVector(
            memoryMiB: Self.scale(self.memoryMiB, parts),
            vcores: Self.scale(self.vcores, parts)
        )
    }

    private static func scale(_ value: Int64, _ parts: Int64) -> Int64 {
        let wide = value.multipliedFullWidth(by: parts)
        let million: Int64 = 1_000_000
        // A product that does not fit is larger than any cluster: saturate.
        guard wide.high >= 0, wide.high < million else { return .max }
        return million.dividingFullWidth(wide).quotient
    }
}
