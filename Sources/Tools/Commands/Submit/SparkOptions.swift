/// The options of spark-submit that mean something for Spark alone: they are handed over with a script or a jar.
///
/// From spark-submit of Spark 3.5 and 4.0 (`SparkSubmitOptionParser`).
enum SparkOptions {
    /// What follows each of these is its value.
    static let withValue: Set<String> = [
        "driver-class-path", "driver-default-class-path", "driver-java-options", "driver-library-path",
        "exclude-packages", "jars", "keytab", "packages", "principal", "proxy-user", "py-files", "remote",
        "repositories", "total-executor-cores",
    ]

    static let switches: Set<String> = ["load-spark-defaults", "supervise", "usage-error"]

    /// Whether a resource is run by Spark: a script in Python, or a jar.
    static func run(_ resource: String) -> Bool { resource.hasSuffix(".py") || resource.hasSuffix(".jar") }
}
