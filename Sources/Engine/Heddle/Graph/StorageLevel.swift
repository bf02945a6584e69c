/// Where an executor keeps the partitions of a dataset that is used more than once. The names are Spark's.
public struct StorageLevel: Hashable, Codable, Sendable {
    /// Kept in memory as far as there is room.
    public var usesMemory: Bool
    /// Written to the executor's disk where memory has no room, or always without `usesMemory`.
    public var usesDisk: Bool
    /// Kept as values; otherwise in the binary form of shuffles, which takes less room and more time.
    public var isDeserialized: Bool
    /// How many executors keep a copy.
    public var replication: Int

    public static let memoryOnly = StorageLevel(usesMemory: true, usesDisk: false, isDeserialized: true, replication: 1)
    public static let memoryAndDisk = StorageLevel(
        usesMemory: true,
        usesDisk: true,
        isDeserialized: true,
        replication: 1
    )
    public static let diskOnly = StorageLevel(usesMemory: false, usesDisk: true, isDeserialized: false, replication: 1)
    public static let memoryOnlySerialized =
        StorageLevel(usesMemory: true, usesDisk: false, isDeserialized: false, replication: 1)
    public static let memoryAndDiskSerialized =
        StorageLevel(usesMemory: true, usesDisk: true, isDeserialized: false, replication: 1)
}
