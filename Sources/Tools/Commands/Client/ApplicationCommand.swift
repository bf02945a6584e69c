import ArgumentParser
import ClusterModel
import Glibc

/// `heddle application`: lists, shows, kills, moves and changes applications, as `yarn application` does.
struct ApplicationCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "application",
        abstract: "List, show, kill, move and change applications.",
        aliases: ["app"]
    )
    static var options: [DashedOptions.Option] { ApplicationOperations.options }
    static var helpExitCode: Int32 { CommandResult.refused }

    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []

    func perform(_ options: DashedOptions, _ session: ClientSession) async throws -> CommandResult? {
        let json = options.has("json")
        if let id = try options.value("status").map(applicationID) {
            return try await session.withClient { try await ApplicationOperations.status($0, id, json: json) }
        }
        if options.has("list") {
            let filter = try ApplicationFilter(
                types: options.list("appTypes"),
                states: options.list("appStates"),
                tags: options.list("appTags")
            )
            return try await session.withClient { try await ApplicationOperations.list($0, filter, json: json) }
        }
        if options.has("kill") {
            let ids = try options.all("kill").map(applicationID)
            return try await session.withClient { try await ApplicationOperations.kill($0, ids) }
        }
        if let text = options.value("movetoqueue"), let queue = options.value("queue") {
            let id = try applicationID(text)
            return try await session.withClient { try await ApplicationOperations.move($0, id, to: queue) }
        }
        guard let id = try options.value("appId").map(applicationID) else { return nil }
        return try await self.change(id, options, session)
    }

    private func change(_ id: ApplicationID, _ options: DashedOptions, _ session: ClientSession) async throws
        -> CommandResult?
    {
        if let queue = options.value("changeQueue") {
            return try await session.withClient { try await ApplicationOperations.move($0, id, to: queue) }
        }
        if let text = options.value("updatePriority") {
            guard let priority = Int32(text) else { throw CommandFailure("Not a priority: \(text)") }
            return try await session.withClient { try await ApplicationOperations.updatePriority($0, id, priority) }
        }
        if let text = options.value("updateLifetime") {
            guard let seconds = Int64(text), seconds > 0, seconds < Self.lifetimeMaximum else {
                throw CommandFailure("Not a lifetime in seconds: \(text)")
            }
            let expiry = (currentMilliseconds() + seconds * 1000)
            return try await session.withClient {
                try await ApplicationOperations.updateLifetime($0, id, expiry: expiry)
            }
        }
        return nil
    }

    /// A hundred years in seconds: far below what would overflow milliseconds.
    private static let lifetimeMaximum: Int64 = 3_155_760_000
}

/// `heddle applicationattempt`.
struct ApplicationAttemptCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "applicationattempt",
        abstract: "List, show and fail the attempts of an application."
    )
    static var options: [DashedOptions.Option] { AttemptOperations.options }

    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []

    func perform(_ options: DashedOptions, _ session: ClientSession) async throws -> CommandResult? {
        let json = options.has("json")
        if let id = try options.value("status").map(attemptID) {
            return try await session.withClient { try await AttemptOperations.status($0, id, json: json) }
        }
        if let id = try options.value("list").map(applicationID) {
            return try await session.withClient { try await AttemptOperations.list($0, id, json: json) }
        }
        guard let id = try options.value("fail").map(attemptID) else { return nil }
        return try await session.withClient { try await AttemptOperations.fail($0, id) }
    }
}

/// `heddle container`.
struct ContainerCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "container",
        abstract: "List, show and signal containers."
    )
    static var options: [DashedOptions.Option] { ContainerOperations.options }

    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []

    func perform(_ options: DashedOptions, _ session: ClientSession) async throws -> CommandResult? {
        let json = options.has("json")
        if let id = try options.value("status").map(containerID) {
            return try await session.withClient { try await ContainerOperations.status($0, id, json: json) }
        }
        if let id = try options.value("list").map(attemptID) {
            return try await session.withClient { try await ContainerOperations.list($0, id, json: json) }
        }
        let signal = options.all("signal")
        guard let text = signal.first, signal.count <= 2 else { return nil }
        let id = try containerID(text)
        let name = signal.dropFirst().first ?? SignalContainerCommand.outputThreadDump.name
        guard let command = SignalContainerCommand.allCases.first(where: { $0.name == name }) else {
            throw CommandFailure(
                "No such signal command: \(name). It is one of "
                    + SignalContainerCommand.allCases.map(\.name).joined(separator: ", ")
            )
        }
        return try await session.withClient { try await ContainerOperations.signal($0, id, command) }
    }
}

func applicationID(_ text: String) throws(CommandFailure) -> ApplicationID {
    guard let id = ApplicationID(text) else { throw CommandFailure("Invalid ApplicationId: \(text)") }
    return id
}

private func attemptID(_ text: String) throws(CommandFailure) -> ApplicationAttemptID {
    guard let id = ApplicationAttemptID(text) else { throw CommandFailure("Invalid AppAttemptId: \(text)") }
    return id
}

func containerID(_ text: String) throws(CommandFailure) -> ContainerID {
    guard let id = ContainerID(text) else { throw CommandFailure("Invalid ContainerId: \(text)") }
    return id
}

/// The wall clock, in milliseconds since the epoch.
func currentMilliseconds() -> Int64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
}
