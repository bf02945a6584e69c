import AggregatedLogs
import ArgumentParser
import ClusterModel
import Glibc
import HadoopConfig
import HadoopProtos
import HadoopRPC
import Settings
import Staging

/// `heddle logs`: shows the logs of an application, as `yarn logs` does: from their nodes while it runs, from where they
/// were aggregated when it has ended.
struct LogsCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show the logs of an application, running or ended."
    )
    static let wrongUsage = "Both applicationId and containerId are missing,  one of them must be specified."
    static let options: [DashedOptions.Option] = [
        .init(
            "am",
            .one,
            placeholder: "AM Containers",
            help: "The logs of the attempts' ApplicationMasters: numbers from 1 on, negative from the last, or ALL."
        ),
        .init("applicationId", .one, placeholder: "Application ID", help: "The application."),
        .init("appOwner", .one, placeholder: "Application Owner", help: "Whose it is, when nobody remembers it."),
        .init(
            "client_max_retries",
            .one,
            placeholder: "Max Retries",
            help: "How often a NodeManager that does not answer is asked again (30); negative: for ever."
        ),
        .init(
            "client_retry_interval_ms",
            .one,
            placeholder: "Retry Interval",
            help: "Milliseconds between those questions (1000)."
        ),
        .init("containerId", .one, placeholder: "Container ID", help: "The logs of one container."),
        .init("follow", help: "Go on while the containers write; with -size -N from the last N bytes on."),
        .init("help", help: "Displays help for all commands."),
        .init("list_nodes", help: "The nodes that logs were aggregated from; for ended applications."),
        .init("log_files", .one, placeholder: "Log File Name", help: "Names of files, by commas, or ALL."),
        .init(
            "log_files_pattern",
            .one,
            placeholder: "Log File Pattern",
            help: "Regular expressions that a name has a match of, by commas."
        ),
        .init("nodeAddress", .one, placeholder: "Node Address", help: "The logs of one node, as host or host:port."),
        .init("out", .one, placeholder: "Local Directory", help: "Write a file for each container into this folder."),
        .init("show_application_log_info", help: "The containers that have logs."),
        .init("show_container_log_info", help: "The names and lengths of the logs."),
        .init("size", .one, placeholder: "size", help: "Only the first bytes of each file; negative: the last."),
        .init(
            "size_limit_mb",
            .one,
            placeholder: "Size Limit",
            help: "More than so many MiB in all are not fetched (10240); -1: no limit."
        ),
    ]

    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []

    func perform(_ options: DashedOptions, _ session: ClientSession) async throws -> CommandResult? {
        do {
            guard let request = try LogRequest(options) else { return nil }
            let configuration = try Configuration.load(
                commandLineDirectory: options.value("config"),
                environment: .process
            )
            var output = try LogOutput(folder: request.folder)
            return CommandResult(
                output: try await LogInquiry(request: request, session: session, configuration: configuration)
                    .answer(&output)
            )
        } catch let refusal as LogRefusal {
            return CommandResult(errors: "\(refusal)\n", exitCode: CommandResult.refused)
        } catch is LogOutput.ReaderGone {
            return CommandResult()
        }
    }
}
