package import ArgumentParser
import ClusterModel
import Glibc

/// `heddle`: every daemon and command of the cluster is one of its subcommands.
package struct HeddleCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "heddle",
        abstract: "A cluster manager that speaks Apache Hadoop YARN's protocols.",
        version: "Heddle \(HeddleVersion.current), compatible with Hadoop \(HeddleVersion.hadoopCompatibility)",
        groupedSubcommands: [
            CommandGroup(name: "A cluster on this machine", subcommands: [UpCommand.self, DownCommand.self]),
            CommandGroup(name: "Programs", subcommands: [SubmitCommand.self]),
            CommandGroup(
                name: "Applications and nodes",
                subcommands: [
                    ApplicationCommand.self, ApplicationAttemptCommand.self, ContainerCommand.self, NodeCommand.self,
                    QueueCommand.self, LogsCommand.self, AdministrationCommand.self,
                ]
            ),
            CommandGroup(name: "Files", subcommands: [FileSystemCommand.self]),
            CommandGroup(
                name: "Daemons",
                subcommands: [ResourceManagerCommand.self, NodeManagerCommand.self, StagingCommand.self]
            ),
            CommandGroup(
                name: "Configuration",
                subcommands: [ConfCommand.self, DoctorCommand.self]
            ),
            CommandGroup(name: "About", subcommands: [VersionCommand.self]),
        ]
    )

    package init() {}

    /// The whole program: reads the command line, runs the command, ends the process with its exit code if that is not 0.
    package static func runProcess() async { await Self.main() }
}

/// `heddle version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print versions.")

    func run() {
        writeText(
            "Heddle \(HeddleVersion.current)\nCompatible with Hadoop \(HeddleVersion.hadoopCompatibility)\n",
            to: STDOUT_FILENO
        )
    }
}
