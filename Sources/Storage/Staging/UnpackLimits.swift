/// What an archive may unpack to. Archives come from users: a few kilobytes can claim to be petabytes.
package struct UnpackLimits: Sendable, Hashable {
    /// Files, folders and links in one archive. A Python environment has some 50,000.
    package var entriesMaximum: Int
    /// Bytes of all files together.
    package var totalBytesMaximum: Int64
    /// Bytes that come out for each byte of the archive. Text reaches 20, logs 100; a bomb 1,000 and more.
    package var ratioMaximum: Int64
    /// Up to here the ratio does not matter: a small archive of empty tables is nobody's harm.
    package var ratioExemptBytes: Int64
    /// Bytes in an entry's whole path, and folders above it.
    package var pathBytesMaximum: Int
    package var depthMaximum: Int

    package init(
        entriesMaximum: Int = 1_000_000,
        totalBytesMaximum: Int64 = 64 << 30,
        ratioMaximum: Int64 = 200,
        ratioExemptBytes: Int64 = 1 << 30,
        pathBytesMaximum: Int = 4096,
        depthMaximum: Int = 128
    ) {
        self.entriesMaximum = entriesMaximum
        self.totalBytesMaximum = totalBytesMaximum
        self.ratioMaximum = ratioMaximum
        self.ratioExemptBytes = ratioExemptBytes
        self.pathBytesMaximum = pathBytesMaximum
        self.depthMaximum = depthMaximum
    }
}
