internal import EngineLink
internal import Synchronization

/// Finds what map tasks of other executors wrote. Blocks the task that asks.
final class OutputFetcher: RemoteOutputs {
    private struct Known {
        var version: Int
        var executors: [Int: Int]
        var servers: [Int: OutputPlaces.Server]
    }

    private let own: Int
    private let inFlight: Int64
    private let blocks: BlockClient
    private let ask: @Sendable (Digest) throws -> OutputPlaces
    private let known = Mutex<[Digest: Known]>([:])

    /// - Parameters:
    ///   - own: this executor's number.
    ///   - inFlight: how many bytes a task has of all executors' answers together. Each may send its part of that at a time, but
    ///     enough to be worth asking for.
    ///   - ask: asks the driver.
    init(own: Int, inFlight: Int64, blocks: BlockClient, ask: @escaping @Sendable (Digest) throws -> OutputPlaces) {
        self.own = own
        self.inFlight = inFlight
        self.blocks = blocks
        self.ask = ask
    }

    func forget(_ shuffle: Digest) { self.known.withLock { $0[shuffle] = nil } }

    static let answerMinimum: Int64 = 1 << 20

    func bundle(of name: BlockName.Kept, from server: OutputPlaces.Server) throws -> OutputBundle {
        try OutputBundle(
            self.blocks.fetch(name.text, from: server.host, port: server.port, isPatient: false),
            from: server.executor
        )
    }

    func bundle(
        of shuffle: Digest,
        with mapTask: Int,
        from frame: Int,
        partition: Int,
        version: Int
    ) throws -> OutputBundle? {
        let places = try self.places(of: shuffle, mapTask, version)
        guard let executor = places.executors[mapTask] else { return nil }
        let name = BlockName.Shuffle(
            shuffle,
            partition: partition,
            mapTask: mapTask,
            frame: frame,
            limit: max(Self.answerMinimum, self.inFlight / Int64(max(1, places.servers.count)))
        )
        do {
            return try self.bundle(name, places)
        } catch {
            // An executor that leaves hands over to a service: what was learned before is out of date then.
            self.forget(shuffle)
            guard let current = try? self.places(of: shuffle, mapTask, version),
                current.executors[mapTask] == executor, current.servers[executor] != places.servers[executor]
            else { throw error }
            return try self.bundle(name, current)
        }
    }

    /// - Throws: `TaskFault.fetchFailed`.
    private func bundle(_ name: BlockName.Shuffle, _ places: Known) throws -> OutputBundle {
        let (shuffle, mapTask) = (name.digest, name.mapTask)
        let executor = places.executors[mapTask]
        func lost(_ reason: String) -> TaskFault {
            .fetchFailed(shuffle: shuffle, mapTask: mapTask, executor: executor, reason: reason)
        }
        guard let executor, executor != self.own, let server = places.servers[executor] else {
            throw lost("\(executor.map { "executor \($0)" } ?? "nobody") has it no longer")
        }
        let bundle: OutputBundle
        do {
            let bytes = try self.blocks.fetch(server.folder + name.text, from: server.host, port: server.port)
            bundle = try OutputBundle(bytes, from: executor)
        } catch let damage as FrameDamage {
            throw lost(OutputBundle.damaged(damage, from: executor))
        } catch {
            throw lost("\(error)")
        }
        guard bundle.parts[mapTask] != nil else {
            throw lost("executor \(executor) at \(server.host):\(server.port) has it no longer")
        }
        return bundle
    }

    private func places(of shuffle: Digest, _ mapTask: Int, _ version: Int) throws -> Known {
        if let known = self.known.withLock({ $0[shuffle] }), known.version >= version { return known }
        let answer: OutputPlaces
        do {
            answer = try self.ask(shuffle)
        } catch {
            throw TaskFault.fetchFailed(shuffle: shuffle, mapTask: mapTask, executor: nil, reason: "\(error)")
        }
        guard answer.isComplete else {
            throw TaskFault.fetchFailed(
                shuffle: shuffle,
                mapTask: mapTask,
                executor: nil,
                reason: "the driver knows no complete output"
            )
        }
        var known = Known(version: version, executors: [:], servers: [:])
        for place in answer.places { known.executors[place.mapTask] = place.executor }
        for server in answer.servers { known.servers[server.executor] = server }
        self.known.withLock { $0[shuffle] = known }
        return known
    }
}
