import ArgumentParser
import ClusterModel
import Glibc
import HadoopConfig
import HadoopProtos
import HadoopRPC
import HadoopWire
import ModelConversion
import NodeManager
import Settings
import Staging

/// `heddle logs`: shows the aggregated logs of an application, as `yarn logs` does.
struct LogsCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show the aggregated logs of an ended application."
    )
    static let options: [DashedOptions.Option] = [
        .init(
            "am",
            .one,
            placeholder: "AM Containers",
            help: "The logs of the attempts' ApplicationMasters: numbers from 1 on, negative from the last, or ALL."
        ),
        .init("applicationId", .one, placeholder: "Application ID", help: "The application."),
        .init("appOwner", .one, placeholder: "Application Owner", help: "Whose it is, when nobody remembers it."),
        .init("containerId", .one, placeholder: "Container ID", help: "The logs of one container."),
        .init("help", help: "Displays help for all commands."),
        .init("list_nodes", help: "The nodes that logs were aggregated from."),
        .init("log_files", .one, placeholder: "Log File Name", help: "Names of files, by commas, or ALL."),
        .init("log_files_pattern", .one, placeholder: "Log File Pattern", help: "Regular expressions of names."),
        .init("nodeAddress", .one, placeholder: "Node Address", help: "The logs of one node, as host or host:port."),
        .init("out", .one, placeholder: "Local Directory", help: "Write a file for each container into this folder."),
        .init("show_application_log_info", help: "The containers that have logs."),
        .init("show_container_log_info", help: "The names and lengths of the logs."),
        .init("size", .one, placeholder: "size", help: "Only the first bytes of each file; negative: the last."),
    ]

    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []

    func perform(_ options: DashedOptions, _ session: ClientSession) async throws -> CommandResult? {
        let container = try options.value("containerId").map(containerID)
        guard let id = try options.value("applicationId").map(applicationID) ?? container?.application else {
            return nil
        }
        if let container, container.application != id {
            throw CommandFailure("The application \(id) has no container \(container)")
        }
        var selection = LogSelection()
        selection.containers = container.map { [$0.description] }
        selection.node = options.value("nodeAddress")
        selection.names = options.list("log_files")
        selection.patterns = options.list("log_files_pattern")
        if let text = options.value("size") {
            guard let size = Int64(text) else { throw CommandFailure("Not a number of bytes: \(text)") }
            selection.size = size
        }
        if let text = options.value("am") { selection.containers = try await Self.masters(text, of: id, session) }
        let owner = try await Self.owner(of: id, options, session)
        let configuration = try Configuration.load(
            commandLineDirectory: options.value("config"),
            environment: .process
        )
        let settings = try LogAggregationSettings(configuration)
        let report = LogReport(
            logs: AggregatedLogs(
                transfers: Transfers(try TransferLimits(configuration)),
                folders: try RemoteLogFolders(settings.folder, suffix: settings.suffix),
                application: id,
                user: session.user
            ),
            owner: owner,
            selection: selection
        )
        let wish: LogReport.Wish =
            if options.has("list_nodes") {
                .nodes
            } else if options.has("show_application_log_info") {
                .containers
            } else if options.has("show_container_log_info") {
                .files
            } else {
                .contents(folder: options.value("out"))
            }
        return try await BlockingThreads(threadsMaximum: 1).run { _ in try report.write(wish) }
    }

    /// Whom the ResourceManager knows as the application's user; it may have forgotten the application.
    private static func owner(
        of id: ApplicationID,
        _ options: DashedOptions,
        _ session: ClientSession
    ) async throws -> String {
        if let owner = options.value("appOwner") { return owner }
        do {
            return try await session.withClient { try await $0.report(id) }.user
        } catch let failure as RPCFailure where failure.exceptionName == "ApplicationNotFoundException" {
            return session.user
        }
    }

    /// The first containers of the attempts that were asked for.
    private static func masters(
        _ text: String,
        of id: ApplicationID,
        _ session: ClientSession
    ) async throws -> Set<String> {
        var request = GetApplicationAttemptsRequestProto()
        request.applicationID = id.proto
        let asked = request
        let attempts = try await session.withClient {
            try await $0.call("getApplicationAttempts", asked, returning: GetApplicationAttemptsResponseProto.self)
        }.applicationAttempts
        var all: [String] = []
        for attempt in attempts where attempt.hasAmContainerID {
            all.append(try ContainerID(validating: attempt.amContainerID).description)
        }
        all.sort()
        if text.uppercased() == "ALL" { return Set(all) }
        var found: Set<String> = []
        for word in text.split(separator: ",") {
            guard let number = Int(word), number != 0, number.magnitude <= UInt(all.count) else {
                throw CommandFailure("Not the number of one of the \(all.count) attempts of \(id): \(word)")
            }
            found.insert(all[number > 0 ? number - 1 : all.count + number])
        }
        return found
    }
}
