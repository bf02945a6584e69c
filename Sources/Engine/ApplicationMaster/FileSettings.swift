package import HadoopConfig
package import HadoopWire

/// The part of a configuration by which file systems are reached: an application's processes have it from whoever submitted
/// the application, since nodes have configurations of their own. It travels in the containers' credentials, because it may
/// hold keys to object stores.
package struct FileSettings: Sendable {
    /// The credentials' alias.
    private static let alias = "heddle.file-settings"
    private static let prefixes = ["fs.", "dfs.", "heddle.transfer."]

    private let values: EngineProperties

    /// What is set in a configuration.
    package init(_ configuration: Configuration) throws {
        var values: [String: String] = [:]
        for entry in configuration.setEntries where Self.prefixes.contains(where: { entry.key.hasPrefix($0) }) {
            values[entry.key] = try configuration.text(of: entry.key)
        }
        self.values = EngineProperties(values)
    }

    /// - Returns: nil where credentials hold none.
    package init?(_ credentials: Credentials) {
        guard let entry = credentials.secrets.first(where: { $0.alias == Self.alias }) else { return nil }
        self.values = EngineProperties(text: String(decoding: entry.bytes, as: UTF8.self))
    }

    package func add(to credentials: inout Credentials) {
        credentials.secrets.removeAll { $0.alias == Self.alias }
        credentials.secrets.append(Credentials.SecretEntry(alias: Self.alias, bytes: Array(self.values.text.utf8)))
    }

    package func apply(to configuration: inout Configuration) {
        for (key, value) in self.values.values.sorted(by: { $0.key < $1.key }) {
            configuration.set(key, value, source: "the application's submission")
        }
    }
}

extension EngineProperties {
    /// Spark's prefix for keys of Hadoop's configuration.
    private static let hadoopPrefix = "spark.hadoop."

    /// Sets the keys of Hadoop's that `spark.hadoop.KEY` names.
    package func applyHadoopKeys(to configuration: inout Configuration) {
        for (name, value) in self.values.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Self.hadoopPrefix) {
            configuration.set(String(name.dropFirst(Self.hadoopPrefix.count)), value, source: name)
        }
    }

    /// What may stand in a container's environment: keys of Hadoop's may be secrets, and travel as `FileSettings`.
    package var withoutHadoopKeys: EngineProperties {
        EngineProperties(self.values.filter { !$0.key.hasPrefix(Self.hadoopPrefix) })
    }
}
