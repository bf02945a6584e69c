/// Versions that this build names itself by.
package enum HeddleVersion {
    /// Heddle's own version (CHANGELOG.md).
    package static let current = "0.1.0"

    /// The Hadoop release whose protocols and REST answers this build follows; clients and NodeManagers see it where
    /// they expect a Hadoop version.
    package static let hadoopCompatibility = "3.4.1"
}
