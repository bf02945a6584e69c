import HadoopProtos

/// Round trips of an ApplicationMaster with a ResourceManager in another process, one call at a time.
enum AllocateBenchmark {
    static func run(_ session: Session) async throws {
        let resourceManager = try await MeasuredResourceManager()
        _ = try await resourceManager.nodes(4)
        try await Self.register(session, resourceManager)
        try await Self.allocate(session, resourceManager)
        try await resourceManager.stop()
    }

    /// Every application registers once, on a connection that it opens for that: DIGEST-MD5 exchange included.
    private static func register(_ session: Session, _ resourceManager: MeasuredResourceManager) async throws {
        var times = Series()
        for _ in 0..<session.size(200, tiny: 3) {
            let master = try await SimulatedMaster(resourceManager)
            let watch = Stopwatch()
            try await master.register()
            times.append(watch.wallSeconds * 1000)
            try await master.finish()
        }
        session.print("allocate.register", times)
    }

    private static func allocate(_ session: Session, _ resourceManager: MeasuredResourceManager) async throws {
        var master = try await SimulatedMaster(resourceManager)
        try await master.register()
        for _ in 0..<session.size(200, tiny: 3) { _ = try await master.allocate() }
        var quiet = Series()
        for _ in 0..<session.size(5000, tiny: 10) {
            let watch = Stopwatch()
            _ = try await master.allocate()
            quiet.append(watch.wallSeconds * 1000)
        }
        session.print("allocate.nothing-asked", quiet)
        var granted = Series()
        for _ in 0..<session.size(3000, tiny: 10) {
            let watch = Stopwatch()
            let containers = try await master.containers(1)
            granted.append(watch.wallSeconds * 1000)
            _ = try await master.allocate(released: containers.map(\.id))
        }
        session.print("allocate.one-granted", granted)
        try await master.finish()
    }
}
