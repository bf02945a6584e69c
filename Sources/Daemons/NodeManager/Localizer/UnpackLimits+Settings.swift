import Settings
import Staging

extension UnpackLimits {
    /// What the configuration says of archives; paths and depths are the same everywhere.
    init(_ settings: ArchiveSettings) {
        self.init(
            entriesMaximum: settings.entriesMaximum,
            totalBytesMaximum: Int64(settings.bytesMaximum),
            ratioMaximum: Int64(settings.ratioMaximum)
        )
    }
}
