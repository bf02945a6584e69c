/// One property as a file gives it.
package struct ConfigurationEntry: Hashable, Sendable {
    package var key: String
    /// The text in the file, before substitution and with the space around it.
    package var rawValue: String
    /// True where later files may not change it.
    package var isFinal: Bool
    package var origin: ConfigurationOrigin

    package init(key: String, rawValue: String, isFinal: Bool = false, origin: ConfigurationOrigin) {
        self.key = key
        self.rawValue = rawValue
        self.isFinal = isFinal
        self.origin = origin
    }
}

/// One property with its effective value, as Hadoop's `/conf` shows it.
package struct EffectiveProperty: Hashable, Sendable {
    package var key: String
    /// After substitution; a secret's place holds `<redacted>`.
    package var value: String
    package var isFinal: Bool
    /// The name of the file it comes from, without its folder.
    package var resource: String
    package var origin: ConfigurationOrigin
}
