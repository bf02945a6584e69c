/// What an archive among a container's resources may unpack to, which Hadoop does not limit. Archives come from users: a
/// few kilobytes can claim to be petabytes.
package enum ArchiveKeys {
    /// Files, folders and links in one archive. A Python environment has some 50,000.
    package static let entriesMaximum = ConfigurationKey<Int>(
        "heddle.nodemanager.archive.entries-maximum",
        default: "1000000",
        .integer(1...Int(Int32.max))
    )
    /// Bytes of all its files together.
    package static let bytesMaximum = ConfigurationKey<Int>(
        "heddle.nodemanager.archive.bytes-maximum",
        default: "64g",
        .bytes(1...Int.max)
    )
    /// Bytes that may come out for each byte of the archive, once it has unpacked to more than a gigabyte. Text reaches
    /// 20, logs 100; a bomb 1,000 and more.
    package static let ratioMaximum = ConfigurationKey<Int>(
        "heddle.nodemanager.archive.ratio-maximum",
        default: "200",
        .integer(1...Int(Int32.max))
    )

    /// Every key of this group.
    package static let all: [any AnyConfigurationKey] = [entriesMaximum, bytesMaximum, ratioMaximum]
}
