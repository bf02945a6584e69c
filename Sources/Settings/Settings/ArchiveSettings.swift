package import HadoopConfig

/// What an archive among a container's resources may unpack to (`heddle.nodemanager.archive.*`).
package struct ArchiveSettings: Hashable, Sendable {
    /// Files, folders and links.
    package var entriesMaximum: Int
    /// Bytes of all files together.
    package var bytesMaximum: Int
    /// Bytes that may come out for each byte of the archive.
    package var ratioMaximum: Int

    /// - Throws: the first problem, naming file, line, key, value and what is accepted.
    package init(_ configuration: Configuration) throws(ConfigurationError) {
        self.entriesMaximum = try configuration.value(of: ArchiveKeys.entriesMaximum)
        self.bytesMaximum = try configuration.value(of: ArchiveKeys.bytesMaximum)
        self.ratioMaximum = try configuration.value(of: ArchiveKeys.ratioMaximum)
    }
}
