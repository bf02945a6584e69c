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

    /// Spark's `MEMORY_ONLY_2`, and so on: another executor keeps a copy, on another host where there is one, so that nothing is
    /// computed again when one is lost. Copies have the binary form of shuffles.
    public static let memoryOnly2 = Self.memoryOnly.replicated(2)
    public static let memoryAndDisk2 = Self.memoryAndDisk.replicated(2)
    public static let diskOnly2 = Self.diskOnly.replicated(2)
    public static let diskOnly3 = Self.diskOnly.replicated(3)
    public static let memoryOnlySerialized2 = Self.memoryOnlySerialized.replicated(2)
    public static let memoryAndDiskSerialized2 = Self.memoryAndDiskSerialized.replicated(2)

    /// The same, kept by so many executors.
    public func replicated(_ count: Int) -> StorageLevel {
        var level = self
        level.replication = max(1, count)
        return level
    }
}
