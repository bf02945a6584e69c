import ArgumentParser
import ClusterModel

/// `heddle node`.
struct NodeCommand: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "node", abstract: "List and show nodes.")
    static var options: [DashedOptions.Option] { NodeOperations.options }

    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []

    func perform(_ options: DashedOptions, _ session: ClientSession) async throws -> CommandResult? {
        let json = options.has("json")
        if let text = options.value("status") {
            guard let id = NodeID(text) else { throw CommandFailure("Invalid NodeId [\(text)]. Expected host:port") }
            return try await session.withClient { try await NodeOperations.status($0, id, json: json) }
        }
        guard options.has("list") else { return nil }
        let states = try NodeOperations.states(options.list("states"), all: options.has("all"))
        return try await session.withClient {
            try await NodeOperations.list($0, states, details: options.has("showDetails"), json: json)
        }
    }
}

/// `heddle queue`.
struct QueueCommand: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "queue", abstract: "List and show queues.")
    static var options: [DashedOptions.Option] { QueueOperations.options }

    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []

    func perform(_ options: DashedOptions, _ session: ClientSession) async throws -> CommandResult? {
        let json = options.has("json")
        if let name = options.value("status") {
            return try await session.withClient { try await QueueOperations.status($0, name, json: json) }
        }
        guard let parent = options.value("list") else { return nil }
        return try await session.withClient { try await QueueOperations.list($0, parent, json: json) }
    }
}
