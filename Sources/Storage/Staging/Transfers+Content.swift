extension Transfers {
    /// The SHA-256 that a resource's server states for it, in lower-case hexadecimal digits and unproved; nil for other
    /// servers than Heddle's, and when it cannot be asked. Tried once: it saves work, and nothing depends on it.
    package func contentHash(
        of location: ResourceLocation,
        user: String?,
        cancellation: Cancellation
    ) -> String? {
        var once = self
        once.settings.attemptsMaximum = 1
        guard let (files, mapped) = try? once.files(location, as: nil, user: user, cancellation) else { return nil }
        return try? files.status(mapped).contentHash
    }
}
