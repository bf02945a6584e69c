/// Hadoop's configuration: ordered keys with where each comes from, and typed values of the keys that Heddle knows.
///
/// A later file's value wins unless an earlier one was `final`. `${other.key}`, `${env.NAME}` and system properties are
/// replaced when a value is read, so a file may refer to a key that a later file sets.
package struct Configuration: Sendable {
    package var environment: ConfigurationEnvironment
    /// The folder that was read; nil when there was none.
    package private(set) var directory: String?
    /// The files that were read, in order, included ones not counted.
    package private(set) var files: [String] = []
    /// What is odd about the files but keeps nothing from starting: final keys set again, deprecated names.
    package private(set) var warnings: [ConfigurationProblem] = []

    let limits: ConfigurationLimits
    private var entries: [ConfigurationEntry] = []
    private var indices: [String: Int] = [:]

    /// An empty one: every key has Hadoop's default.
    package init(environment: ConfigurationEnvironment = .process, limits: ConfigurationLimits = ConfigurationLimits())
    {
        self.environment = environment
        self.limits = limits
    }

    /// One with the given values, for tests and for programs that make a configuration.
    package init(
        _ properties: KeyValuePairs<String, String>,
        environment: ConfigurationEnvironment = .process,
        source: String = "program"
    ) {
        self.init(environment: environment)
        for (key, value) in properties {
            self.set(key, value, source: source)
        }
    }

    /// Sets a property over all files, `final` or not.
    package mutating func set(_ key: String, _ value: String, source: String) {
        for name in DeprecatedKeys.currentNames[key] ?? [key] {
            self.put(ConfigurationEntry(key: name, rawValue: value, origin: .program(source)))
        }
    }

    /// Every property that is set, in the order of its first appearance, before substitution.
    package var setEntries: [ConfigurationEntry] { self.entries }

    /// The property as it is set; nil when it has its default.
    package func entry(_ key: String) -> ConfigurationEntry? {
        let names = DeprecatedKeys.currentNames[key] ?? [key]
        return names.lazy.compactMap { self.indices[$0] }.first.map { self.entries[$0] }
    }

    /// Where the value of `key` comes from.
    package func origin(of key: String) -> ConfigurationOrigin {
        self.entry(key)?.origin ?? .defaultValue(resource: KnownKeys.byName[key]?.resource ?? "not set")
    }

    /// The text in the file, or the default's; nil when there is neither.
    package func rawValue(of key: String) -> String? {
        self.entry(key)?.rawValue ?? KnownKeys.byName[key]?.defaultValue
    }

    /// The effective value after substitution; nil when the key is not set and has no default.
    package func text(of key: String) throws(ConfigurationError) -> String? {
        guard let raw = self.rawValue(of: key) else { return nil }
        do {
            return try self.substitute(raw)
        } catch {
            throw ConfigurationError(self.problem(key, raw, error.message))
        }
    }

    /// Every property that is set and every default that Heddle knows, with effective values, sorted by key. A value
    /// whose substitution fails stands as it is in its file, and a secret is hidden.
    package var effectiveProperties: [EffectiveProperty] {
        let defaults = KnownKeys.all.filter { $0.defaultValue != nil && self.indices[$0.name] == nil }.map {
            ConfigurationEntry(
                key: $0.name,
                rawValue: $0.defaultValue ?? "",
                origin: .defaultValue(resource: $0.resource)
            )
        }
        return (self.entries + defaults).sorted { $0.key < $1.key }.map(self.effective)
    }

    /// One of `effectiveProperties`; nil when the key is neither set nor has a default.
    package func effectiveProperty(_ key: String) -> EffectiveProperty? {
        if let entry = self.entry(key) {
            return self.effective(entry)
        }
        guard let known = KnownKeys.byName[key], let value = known.defaultValue else { return nil }
        return self.effective(
            ConfigurationEntry(key: key, rawValue: value, origin: .defaultValue(resource: known.resource))
        )
    }

    private func effective(_ entry: ConfigurationEntry) -> EffectiveProperty {
        let isSecret = SensitiveKeys.contains(entry.key)
        return EffectiveProperty(
            key: entry.key,
            value: isSecret ? SensitiveKeys.redaction : (try? self.substitute(entry.rawValue)) ?? entry.rawValue,
            isFinal: entry.isFinal,
            resource: entry.origin.resource,
            origin: entry.origin
        )
    }

    /// An error about a property, naming where it stands.
    package func problem(_ key: String, _ value: String?, _ message: String) -> ConfigurationProblem {
        ConfigurationProblem(.error, origin: self.origin(of: key), key: key, value: value, message)
    }

    // MARK: - Loading

    mutating func noteFile(_ path: String) { self.files.append(path) }

    mutating func noteDirectory(_ path: String) { self.directory = path }

    mutating func warn(_ problem: ConfigurationProblem) { self.warnings.append(problem) }

    /// Takes a property from a file by Hadoop's rules: old names set their new ones, final values stay.
    mutating func merge(_ entry: ConfigurationEntry) {
        guard let names = DeprecatedKeys.currentNames[entry.key] else {
            self.mergeCurrent(entry)
            return
        }
        self.warn(
            ConfigurationProblem(
                .warning,
                origin: entry.origin,
                key: entry.key,
                "this name is deprecated; use \(names.joined(separator: ", "))"
            )
        )
        for name in names {
            var renamed = entry
            renamed.key = name
            self.mergeCurrent(renamed)
        }
    }

    private mutating func mergeCurrent(_ entry: ConfigurationEntry) {
        if let index = self.indices[entry.key], self.entries[index].isFinal {
            guard self.entries[index].rawValue != entry.rawValue else { return }
            self.warn(
                ConfigurationProblem(
                    .warning,
                    origin: entry.origin,
                    key: entry.key,
                    value: entry.rawValue,
                    "ignored, since \(self.entries[index].origin) sets it final"
                )
            )
            return
        }
        self.put(entry)
    }

    private mutating func put(_ entry: ConfigurationEntry) {
        if let index = self.indices[entry.key] {
            self.entries[index] = entry
        } else {
            self.indices[entry.key] = self.entries.count
            self.entries.append(entry)
        }
    }
}
