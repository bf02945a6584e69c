extension Configuration {
    /// The value of a key that has a default or must be set.
    /// - Throws: when the text is not of the key's form, or is missing; the error names file, line, key, value and what
    ///   is accepted.
    package func value<Value>(of key: ConfigurationKey<Value>) throws(ConfigurationError) -> Value {
        if let value = try self.optionalValue(of: key) {
            return value
        }
        // Nothing between the tags is a value for a list or a text.
        if self.rawValue(of: key) != nil, let value = key.read("") {
            return value
        }
        throw ConfigurationError(
            ConfigurationProblem(.error, key: key.name, "must be set; accepted: \(key.accepted)")
        )
    }

    /// The value of a key that may be unset; nil then, and when only space stands there.
    package func optionalValue<Value>(of key: ConfigurationKey<Value>) throws(ConfigurationError) -> Value? {
        let entry = self.entry(key.name)
        guard let raw = self.rawValue(of: key) else { return nil }
        let text: String
        do {
            text = try self.substitute(raw)
        } catch {
            throw ConfigurationError(self.problem(key, entry, raw, error.message))
        }
        if key.form.trims, text.trimmingHadoopSpace.isEmpty {
            return nil
        }
        guard let value = key.read(text) else {
            let expansion = text == raw ? "" : " (after substitution \"\(text)\")"
            throw ConfigurationError(
                self.problem(key, entry, raw, "not accepted\(expansion); accepted: \(key.accepted)")
            )
        }
        return value
    }

    private func rawValue(of key: some AnyConfigurationKey) -> String? {
        self.entry(key.name)?.rawValue ?? key.defaultValue
    }

    private func problem(
        _ key: some AnyConfigurationKey,
        _ entry: ConfigurationEntry?,
        _ raw: String,
        _ message: String
    ) -> ConfigurationProblem {
        ConfigurationProblem(
            .error,
            origin: entry?.origin ?? .defaultValue(resource: key.resource),
            key: entry?.key ?? key.name,
            value: raw,
            message
        )
    }

    /// True when a file or a program sets the key, even to its default.
    package func isSet(_ key: some AnyConfigurationKey) -> Bool { self.entry(key.name) != nil }
}
