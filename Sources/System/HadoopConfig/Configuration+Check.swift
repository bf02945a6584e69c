extension Configuration {
    /// What is wrong or odd about the properties that are set, in the files' order: values that are not of their key's
    /// form, keys that nothing reads, references to nothing, and what loading found.
    package func check() -> [ConfigurationProblem] {
        var problems = self.warnings
        let members = (try? self.optionalValue(of: ResourceManagerKeys.highAvailabilityIDs)) ?? []
        for entry in self.setEntries {
            problems += self.check(entry, members: members)
        }
        return problems.sorted { Self.place($0) < Self.place($1) }
    }

    private func check(_ entry: ConfigurationEntry, members: [String]) -> [ConfigurationProblem] {
        func problem(_ severity: ConfigurationProblem.Severity, _ message: String) -> ConfigurationProblem {
            ConfigurationProblem(severity, origin: entry.origin, key: entry.key, value: entry.rawValue, message)
        }
        let text: String
        do {
            text = try self.substitute(entry.rawValue)
        } catch {
            return [problem(.error, error.message)]
        }
        var problems: [ConfigurationProblem] = []
        if let reference = self.undefinedReference(in: entry.rawValue) {
            problems.append(
                problem(.warning, "\(reference) is neither a key nor a system property, so it stays as it is")
            )
        }
        if let key = KnownKeys.byName[entry.key], !text.trimmingHadoopSpace.isEmpty, !key.accepts(text) {
            let expansion = text == entry.rawValue ? "" : " (after substitution \"\(text)\")"
            problems.append(problem(.error, "not accepted\(expansion); accepted: \(key.accepted)"))
        }
        if case .nobody(let nearest) = KnownKeys.reader(of: entry.key, members: members) {
            let suggestion = nearest.map { "; did you mean \($0)?" } ?? ""
            problems.append(
                ConfigurationProblem(
                    .warning,
                    origin: entry.origin,
                    key: entry.key,
                    "nothing reads this key\(suggestion)"
                )
            )
        }
        if entry.origin.resource == "core-site.xml", HadoopKeyNames.yarn.contains(entry.key) {
            problems.append(
                problem(
                    .warning,
                    "Hadoop's own programs read yarn-default.xml after core-site.xml, so they may not see this; "
                        + "set it in yarn-site.xml"
                )
            )
        }
        return problems
    }

    private static func place(_ problem: ConfigurationProblem) -> (String, Int) {
        switch problem.origin {
        case .file(let path, let line): (path, line)
        case .defaultValue(let name), .program(let name): (name, 0)
        case nil: ("", 0)
        }
    }
}
