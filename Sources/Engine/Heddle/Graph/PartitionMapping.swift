/// A partition of one of a dataset's parents.
@usableFromInline struct PartitionOrigin: Hashable, Sendable {
    @usableFromInline var parent: Int
    @usableFromInline var partition: Int
}

/// Which partitions of its parents a partition is made of.
@usableFromInline enum PartitionMapping: Hashable, Codable, Sendable {
    /// The one of the same number, of every parent.
    case same(parents: Int)
    /// The parents' partitions one after the other; how many each has.
    case concatenated([Int])
    /// Groups of partitions of one parent.
    case grouped([[Int]])
    /// Every partition of the first with every one of the second, which has so many.
    case product(Int)

    func origins(of partition: Int) -> [PartitionOrigin] {
        switch self {
        case .same(let parents):
            return (0..<parents).map { PartitionOrigin(parent: $0, partition: partition) }
        case .concatenated(let counts):
            var rest = partition
            for (parent, count) in counts.enumerated() {
                if rest < count { return [PartitionOrigin(parent: parent, partition: rest)] }
                rest -= count
            }
            return []
        case .grouped(let groups):
            return groups[partition].map { PartitionOrigin(parent: 0, partition: $0) }
        case .product(let right):
            return [
                PartitionOrigin(parent: 0, partition: partition / right),
                PartitionOrigin(parent: 1, partition: partition % right),
            ]
        }
    }
}
