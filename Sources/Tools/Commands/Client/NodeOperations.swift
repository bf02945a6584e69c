package import ClusterModel
package import HadoopProtos
import ModelConversion

/// `node`.
package enum NodeOperations {
    package static let options: [DashedOptions.Option] = [
        .init("all", help: "Works with -list to list all nodes."),
        .init("help", help: "Displays help for all commands."),
        .init("json", help: "Prints JSON instead of a table."),
        .init("list", help: "List all running nodes, or those that -states and -all choose."),
        .init("showDetails", help: "Works with -list to show more details about each node."),
        .init(
            "states",
            .one,
            placeholder: "States",
            help: "Works with -list to filter nodes based on input comma-separated list of node states. " + validStates
        ),
        .init("status", .one, placeholder: "NodeId", help: "Prints the status report of the node."),
    ]

    private static let validStates =
        "The valid node state can be one of the following: "
        + NodeState.allCases.map(\.name).joined(separator: ",") + "."

    /// The states that `-states` and `-all` mean; running nodes without either.
    /// - Throws: Hadoop's text, when a state is none.
    package static func states(_ names: [String], all: Bool) throws(CommandFailure) -> [NodeState] {
        if all { return NodeState.allCases }
        if names.isEmpty { return [.running] }
        var wanted: [NodeState] = []
        for name in names {
            guard let state = NodeState(name: name) else {
                throw CommandFailure(
                    "The node state \(name) is invalid.\n" + Self.validStates,
                    exitCode: CommandResult.refused
                )
            }
            wanted.append(state)
        }
        return NodeState.allCases.filter(wanted.contains)
    }

    package static func list(_ client: ClusterClient, _ states: [NodeState], details: Bool, json: Bool) async throws
        -> CommandResult
    {
        let nodes = try await client.nodes(states)
        return CommandResult(
            output: json
                ? JSONText.array(nodes.map(\.json)).text + "\n" : NodeText.list(nodes, details: details)
        )
    }

    package static func status(_ client: ClusterClient, _ id: NodeID, json: Bool) async throws -> CommandResult {
        let nodes = try await client.nodes(NodeState.allCases)
        guard let node = nodes.first(where: { $0.nodeID.host == id.host && $0.nodeID.port == id.port }) else {
            return CommandResult(output: "Could not find the node report for node id : \(id)\n")
        }
        return CommandResult(output: json ? node.json.text + "\n" : NodeText.status(node))
    }
}

extension ClusterClient {
    package func nodes(_ states: [NodeState]) async throws -> [NodeReportProto] {
        var request = GetClusterNodesRequestProto()
        request.nodeStates = states.map(\.proto)
        return try await self.call("getClusterNodes", request, returning: GetClusterNodesResponseProto.self).nodeReports
    }
}

/// `queue`.
package enum QueueOperations {
    package static let options: [DashedOptions.Option] = [
        .init("help", help: "Displays help for all commands."),
        .init("json", help: "Prints JSON instead of a table."),
        .init(
            "list",
            .one,
            placeholder: "Parent Queue Name",
            help: "All child queues are displayed according to the parent queue. If the value is all, all queues are "
                + "displayed."
        ),
        .init("status", .one, placeholder: "Queue Name", help: "List queue information about given queue."),
    ]

    package static func status(_ client: ClusterClient, _ name: String, json: Bool) async throws -> CommandResult {
        guard let queue = try await client.queue(name, children: false) else {
            return CommandResult(
                output: "Cannot get queue from RM by queueName = \(name), please check.\n",
                exitCode: CommandResult.refused
            )
        }
        return CommandResult(output: json ? queue.json.text + "\n" : QueueText.status(queue))
    }

    package static func list(_ client: ClusterClient, _ parent: String, json: Bool) async throws -> CommandResult {
        guard let queue = try await client.queue(parent == "all" ? "root" : parent, children: true) else {
            return CommandResult(
                output: "Cannot get any queues under \(parent) from RM,please check.\n",
                exitCode: CommandResult.refused
            )
        }
        return CommandResult(output: json ? queue.json.text + "\n" : QueueText.list(below: queue))
    }
}

extension ClusterClient {
    /// nil when there is no such queue.
    fileprivate func queue(_ name: String, children: Bool) async throws -> QueueInfoProto? {
        var request = GetQueueInfoRequestProto()
        request.queueName = name
        request.includeApplications = !children
        request.includeChildQueues = children
        request.recursive = children
        let response = try await self.call("getQueueInfo", request, returning: GetQueueInfoResponseProto.self)
        return response.hasQueueInfo ? response.queueInfo : nil
    }
}
