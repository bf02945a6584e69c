import Foundation
import HadoopConfig

/// A folder of configuration files that goes away with its test.
final class ConfigurationFolder: Sendable {
    let path: String

    init(_ files: KeyValuePairs<String, String> = [:]) throws {
        self.path = NSTemporaryDirectory() + "/heddle-config-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
        for (name, text) in files {
            try self.write(name, text)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func write(_ name: String, _ text: String) throws { try self.write(name, bytes: Array(text.utf8)) }

    func write(_ name: String, bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: self.file(name)))
    }

    func file(_ name: String) -> String { "\(self.path)/\(name)" }

    func load(_ environment: ConfigurationEnvironment = ConfigurationEnvironment()) throws -> Configuration {
        try Configuration.load(directory: self.path, environment: environment)
    }

    /// The error that loading ends in; nil when it does not.
    func failure(limits: ConfigurationLimits = ConfigurationLimits()) -> ConfigurationError? {
        do {
            _ = try Configuration.load(
                directory: self.path,
                environment: ConfigurationEnvironment(),
                limits: limits
            )
            return nil
        } catch {
            return error
        }
    }
}

/// A file with these properties, one a line.
func site(_ properties: KeyValuePairs<String, String>) -> String {
    let lines = properties.map { "<property><name>\($0)</name><value>\($1)</value></property>" }
    return "<configuration>\n" + lines.joined(separator: "\n") + "\n</configuration>\n"
}
