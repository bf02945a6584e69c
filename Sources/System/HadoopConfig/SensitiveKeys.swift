/// Keys whose values are secrets; Hadoop hides them wherever it shows a configuration.
package enum SensitiveKeys {
    /// What stands in a secret's place, as in Hadoop.
    package static let redaction = "<redacted>"

    /// Ends of names, lower case.
    private static let ends = ["secret", "password", "credential", "keystore.pass", "access.key", "secret.key"]

    /// - Parameter name: a key; letter case does not count.
    package static func contains(_ name: String) -> Bool {
        let name = name.lowercased()
        if Self.ends.contains(where: name.hasSuffix) {
            return true
        }
        let isOAuth = name.contains("oauth") && (name.contains("secret") || name.contains("token"))
        let isS3Key = name.hasPrefix("fs.s3") && (name.contains("encryption") || name.contains("session.token"))
        return isOAuth || isS3Key || name.hasPrefix("fs.azure.account.key")
    }
}
