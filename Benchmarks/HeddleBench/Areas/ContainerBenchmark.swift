import ClusterModel
import HadoopProtos
import ModelConversion

/// The ResourceManager's own CPU for a container's whole life, over RPC: asked for, granted with its token, reported
/// running by its node, released, cleaned up and reported complete there and to the ApplicationMaster.
enum ContainerBenchmark {
    static func run(_ session: Session) async throws {
        let resourceManager = try await MeasuredResourceManager()
        let nodes = try await resourceManager.nodes(session.size(10, tiny: 2))
        var master = try await SimulatedMaster(resourceManager)
        try await master.register()
        let batch = session.size(100, tiny: 4)
        for _ in 0..<session.size(10, tiny: 1) { try await Self.round(&master, nodes, batch) }
        let rounds = session.size(150, tiny: 2)
        let before = resourceManager.daemon.cpuSeconds
        let watch = Stopwatch()
        for _ in 0..<rounds { try await Self.round(&master, nodes, batch) }
        let wall = watch.wallSeconds
        let cpu = resourceManager.daemon.cpuSeconds - before
        let containers = Double(rounds * batch)
        session.print("container.rate", containers / wall, "containers/s")
        session.print("container.cpu", cpu / containers * 1e6, "us")
        try await master.finish()
        try await resourceManager.stop()
    }

    private static func round(_ master: inout SimulatedMaster, _ nodes: [SimulatedNode], _ count: Int) async throws {
        let containers = try await master.containers(count)
        let byNode = Dictionary(grouping: containers, by: \.nodeID.host)
        for node in nodes {
            for container in byNode[node.id.host] ?? [] {
                await node.run(try ContainerID(validating: container.id))
            }
        }
        try await Self.beat(nodes)
        _ = try await master.allocate(released: containers.map(\.id))
        // The first brings the order to clean up, the second the containers' ends.
        try await Self.beat(nodes)
        try await Self.beat(nodes)
    }

    private static func beat(_ nodes: [SimulatedNode]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for node in nodes { tasks.addTask { try await node.heartbeat() } }
            try await tasks.waitForAll()
        }
    }
}
