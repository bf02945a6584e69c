import ArgumentParser
import Glibc
import HadoopConfig

/// `heddle conf`: effective configuration values and where they come from.
struct ConfCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conf",
        abstract: "Print the effective configuration, with the file and line of each value, or check it.",
        usage: "heddle conf [-get KEY | -list | -check] [--conf-dir DIR]"
    )

    @Option(
        name: [.customLong("get", withSingleDash: true), .customLong("get")],
        help: ArgumentHelp(
            "Print one value on standard output, and where it comes from on standard error.",
            valueName: "key"
        )
    )
    var key: String?
    @Flag(
        name: [.customLong("list", withSingleDash: true), .customLong("list")],
        help: "Print every value that is set or has a default. This is what conf does without any of these."
    )
    var lists = false
    @Flag(
        name: [.customLong("check", withSingleDash: true), .customLong("check")],
        help: "Print every mistake with its file, line and remedy; the exit code is 1 if a daemon would not start."
    )
    var checks = false
    @Option(
        name: [.customLong("conf-dir"), .customLong("config"), .customLong("config", withSingleDash: true)],
        help: ArgumentHelp(
            "The configuration folder; by default what HADOOP_CONF_DIR or YARN_CONF_DIR names.",
            valueName: "dir"
        )
    )
    var folder: String?

    func validate() throws {
        let count = (self.key == nil ? 0 : 1) + (self.lists ? 1 : 0) + (self.checks ? 1 : 0)
        guard count <= 1 else { throw ValidationError("-get, -list and -check exclude each other") }
    }

    func run() async throws {
        let environment = ConfigurationEnvironment.process
        let folder = ConfigurationFolder(commandLine: self.folder, environment: environment)
        let report = ConfReport(folder: folder, environment: environment)
        let result =
            if let key = self.key {
                report.value(of: key)
            } else {
                self.checks ? report.check() : report.list()
            }
        writeText(result.output, to: STDOUT_FILENO)
        writeText(result.errors, to: STDERR_FILENO)
        guard result.exitCode == 0 else { throw ExitCode(result.exitCode) }
    }
}
