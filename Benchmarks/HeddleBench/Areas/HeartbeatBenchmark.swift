/// The ResourceManager's own CPU for a NodeManager's heartbeat, over as many connections as there are nodes.
enum HeartbeatBenchmark {
    static func run(_ session: Session) async throws {
        let resourceManager = try await MeasuredResourceManager()
        let nodes = try await resourceManager.nodes(session.size(1000, tiny: 5))
        _ = try await Self.beat(nodes, rounds: 2, every: .zero)
        try await Self.measure(session, resourceManager, nodes, "paced", session.size(10, tiny: 2), .seconds(1))
        try await Self.measure(session, resourceManager, nodes, "saturated", session.size(20, tiny: 2), .zero)
        try await resourceManager.stop()
    }

    private static func measure(
        _ session: Session,
        _ resourceManager: MeasuredResourceManager,
        _ nodes: [SimulatedNode],
        _ name: String,
        _ rounds: Int,
        _ interval: Duration
    ) async throws {
        let before = resourceManager.daemon.cpuSeconds
        let watch = Stopwatch()
        try await Self.beat(nodes, rounds: rounds, every: session.isTiny ? .zero : interval)
        let wall = watch.wallSeconds
        let heartbeats = Double(rounds * nodes.count)
        session.print("heartbeat.\(name).rate", heartbeats / wall, "heartbeats/s")
        let cpu = (resourceManager.daemon.cpuSeconds - before) / heartbeats
        let bare = try BareEcho.cpuSeconds(
            connections: nodes.count,
            rounds: rounds,
            every: session.isTiny ? .zero : interval
        )
        session.print("heartbeat.\(name).cpu", cpu * 1e6, "us")
        session.print("heartbeat.\(name).bare-loop", bare * 1e6, "us")
        session.print("heartbeat.\(name).times-bare-loop", cpu / bare, "ratio")
    }

    /// Every node beats once an interval, each at a moment of its own; without one, as soon as it is answered.
    private static func beat(_ nodes: [SimulatedNode], rounds: Int, every interval: Duration) async throws {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for (number, node) in nodes.enumerated() {
                tasks.addTask {
                    let offset = interval * number / nodes.count
                    for round in 0..<rounds {
                        if interval > .zero {
                            try await Task.sleep(until: start + offset + interval * round, clock: .continuous)
                        }
                        try await node.heartbeat()
                    }
                }
            }
            try await tasks.waitForAll()
        }
    }
}
