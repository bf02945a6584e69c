import ArgumentParser
import Glibc
import HadoopConfig
import Settings

/// `heddle doctor`: looks at a configuration folder and the cluster that it leads to, and says what to change.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what keeps applications from running, and say what to change.",
        discussion: "The exit code is 1 when there is a problem, 0 when there are at most warnings."
    )

    @Option(
        name: [.customLong("conf-dir"), .customLong("config"), .customLong("config", withSingleDash: true)],
        help: ArgumentHelp(
            "The configuration folder; by default what HADOOP_CONF_DIR or YARN_CONF_DIR names.",
            valueName: "dir"
        )
    )
    var folder: String?

    func run() async throws {
        let environment = ConfigurationEnvironment.process
        let folder = ConfigurationFolder(commandLine: self.folder, environment: environment)
        let result = await Self.findings(folder, environment).result
        writeText(result.output, to: STDOUT_FILENO)
        guard result.exitCode == 0 else { throw ExitCode(result.exitCode) }
    }

    static func findings(
        _ folder: ConfigurationFolder?,
        _ environment: ConfigurationEnvironment
    ) async -> [Finding] {
        let (configuration, unread) = Configuration.survey(directory: folder?.path, environment: environment)
        var findings = FolderDiagnosis.findings(folder, configuration, unread: unread)
        findings += JavaDiagnosis.findings(environment)
        // A configuration that clients cannot use leads to no cluster; its problems are in the list already.
        if let settings = try? ClientSettings(configuration) {
            findings += await ClusterDiagnosis(configuration, settings).findings()
        }
        return findings
    }
}
