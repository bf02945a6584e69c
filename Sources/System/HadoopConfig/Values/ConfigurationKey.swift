/// A property that Heddle reads: its name, its default and the form of its value.
///
/// All of them stand in `Keys/`; nothing else names a property by a string.
package struct ConfigurationKey<Value: Sendable>: Sendable, AnyConfigurationKey {
    package let name: String
    /// As it would stand in a file, `${...}` included; nil where unset means "none" or must be set.
    package let defaultValue: String?
    package let form: ValueForm<Value>
    /// The default's file in Hadoop.
    package let resource: String

    package init(_ name: String, default defaultValue: String?, _ form: ValueForm<Value>, resource: String? = nil) {
        self.name = name
        self.defaultValue = defaultValue
        self.form = form
        self.resource = resource ?? Self.defaultResource(of: name)
    }

    private static func defaultResource(of name: String) -> String {
        if name.hasPrefix("yarn.") {
            return "yarn-default.xml"
        }
        return name.hasPrefix("heddle.") ? "heddle-default.xml" : "core-default.xml"
    }

    /// The same property of one member of a group: `yarn.resourcemanager.address` and `rm1` give
    /// `yarn.resourcemanager.address.rm1`. It has no default of its own.
    package func of(_ member: String) -> ConfigurationKey<Value> {
        ConfigurationKey("\(self.name).\(member)", default: nil, self.form, resource: self.resource)
    }

    package var accepted: String { self.form.accepted }

    package func accepts(_ text: String) -> Bool { self.read(text) != nil }

    func read(_ text: String) -> Value? {
        self.form.parse(self.form.trims ? String(text.trimmingHadoopSpace) : text)
    }
}

/// What can be asked of a key without knowing its value's type.
package protocol AnyConfigurationKey: Sendable {
    var name: String { get }
    var defaultValue: String? { get }
    var resource: String { get }
    /// What its values look like, for an error's text.
    var accepted: String { get }
    /// - Parameter text: a value after substitution.
    func accepts(_ text: String) -> Bool
}
