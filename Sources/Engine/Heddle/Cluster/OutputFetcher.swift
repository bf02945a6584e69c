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
    private let blocks: BlockClient
    private let ask: @Sendable (Digest) throws -> OutputPlaces
    private let known = Mutex<[Digest: Known]>([:])

    /// - Parameters:
    ///   - own: this executor's number.
    ///   - ask: asks the driver.
    init(own: Int, blocks: BlockClient, ask: @escaping @Sendable (Digest) throws -> OutputPlaces) {
        self.own = own
        self.blocks = blocks
        self.ask = ask
    }

    func forget(_ shuffle: Digest) { self.known.withLock { $0[shuffle] = nil } }

    func bundle(of shuffle: Digest, with mapTask: Int, partition: Int, version: Int) throws -> [Int: TextBuffer]? {
        let places = try self.places(of: shuffle, mapTask, version)
        guard let executor = places.executors[mapTask] else { return nil }
        func lost(_ reason: String) -> TaskFault {
            .fetchFailed(shuffle: shuffle, mapTask: mapTask, executor: executor, reason: reason)
        }
        guard executor != self.own, let server = places.servers[executor] else {
            throw lost("executor \(executor) has it no longer")
        }
        let name = BlockName.shuffle(shuffle, partition: partition)
        let bytes: [UInt8]
        do {
            bytes = try self.blocks.fetch(name, from: server.host, port: server.port)
        } catch {
            throw lost("\(error)")
        }
        guard let segments = OutputBundle.segments(bytes), segments[mapTask] != nil else {
            throw lost("executor \(executor) at \(server.host):\(server.port) has it no longer")
        }
        return segments
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
