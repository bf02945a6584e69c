import ClusterModel
import Glibc
import Staging

/// `heddle logs -follow`: writes what containers write, until they have ended.
struct LogFollower {
    let request: LogRequest
    let cluster: ClusterLogs
    let nodes: NodeAccess
    /// What was aggregated, where a node has no more.
    let archive: ArchivedLogReport
    /// nil: all of the application's, also those that start later.
    let containers: Set<String>?

    private var known: [ContainerID: PlacedContainer] = [:]
    private var done: Set<ContainerID> = []
    private var looked: Set<ContainerID> = []
    private var logs: FollowedLogs

    private static let pause: Duration = .milliseconds(500)
    /// Nodes are asked in each round, the ResourceManager, which has more askers, less often.
    private static let roundsBetweenQuestions = 4

    init(
        request: LogRequest,
        cluster: ClusterLogs,
        nodes: NodeAccess,
        archive: ArchivedLogReport,
        containers: Set<String>?,
        known: [PlacedContainer]
    ) {
        self.request = request
        self.cluster = cluster
        self.nodes = nodes
        self.archive = archive
        self.containers = containers
        for container in known { self.known[container.id] = container }
        let selection = request.selection
        let isOne = containers?.count == 1 && selection.names.count == 1 && selection.patterns.isEmpty
        self.logs = FollowedLogs(hasTitles: !isOne, tail: selection.size == .max ? nil : -selection.size)
    }

    mutating func run(_ output: inout LogOutput) async throws {
        var isWaiting = false
        var isOver = false
        for round in 0... {
            if round.isMultiple(of: Self.roundsBetweenQuestions) {
                // Asked first: what the containers of an ended application wrote is all there.
                isOver = try await self.cluster.isOver()
                for container in try await self.cluster.containers() where self.isWanted(container) {
                    if self.known[container.id] == nil { self.known[container.id] = container }
                }
            }
            for container in self.known.values.sorted(by: { $0.id < $1.id }) where !self.done.contains(container.id) {
                if try await self.followIfItAnswers(container, &output) { self.done.insert(container.id) }
            }
            if isOver, self.done.count == self.known.count { return try self.finish(&output) }
            if let containers, !self.done.isEmpty, self.done.count == containers.count { return }
            if self.known.isEmpty, !isWaiting {
                isWaiting = true
                writeText("Waiting for containers of \(self.request.application).\n", to: STDERR_FILENO)
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    private func isWanted(_ container: PlacedContainer) -> Bool {
        (self.containers?.contains(container.id.description) ?? true)
            && self.request.selection.includes(node: container.node)
    }

    /// A node that gives nothing, however long it was asked, has no more of a container's logs.
    private mutating func followIfItAnswers(
        _ container: PlacedContainer,
        _ output: inout LogOutput
    ) async throws -> Bool {
        do {
            return try await self.follow(container, &output)
        } catch let failure as NodeLogs.Failure {
            writeText("\(container.id) on \(container.node): \(failure)\n", to: STDERR_FILENO)
            try self.drain(container, &output)
            return true
        }
    }

    /// Writes what is new of a container's logs.
    /// - Returns: whether no more will come.
    private mutating func follow(_ container: PlacedContainer, _ output: inout LogOutput) async throws -> Bool {
        // The state is asked first: what is read after the end is all.
        let state = try await self.nodes.patiently(container) { try await $0.state(of: container.id) }
        guard let files = try await self.nodes.patiently(container, { try await $0.files(of: container.id) }) else {
            // Its logs left the node, or it never had any.
            if state != .running { try self.drain(container, &output) }
            return state != .running
        }
        let isFirst = self.looked.insert(container.id).inserted
        for file in files where self.request.selection.includes(file: file.name) {
            let range: Range<Int64>
            switch self.logs.step(container.id, file.name, length: file.length, isFirstLook: isFirst) {
            case .nothing: continue
            case .read(let part): range = part
            case .cut(let part):
                writeText("\(container.id) \(file.name): file truncated\n", to: STDERR_FILENO)
                range = part
            }
            var logs = self.logs
            try await self.nodes.copy(file.name, of: container, range) { bytes in
                try output.write(logs.take(container.id, file.name, bytes))
            }
            self.logs = logs
        }
        guard state != .running else { return false }
        // The folder may have gone while it was read; what is aggregated says whether something is missing.
        if try await self.nodes.patiently(container, { try await $0.files(of: container.id) }) == nil {
            try self.drain(container, &output)
        }
        return true
    }

    /// Writes what a node no longer has of a container's logs from what was aggregated.
    private mutating func drain(_ container: PlacedContainer, _ output: inout LogOutput) throws {
        let offsets = self.logs.offsets(of: container.id)
        var logs = self.logs
        do {
            try self.archive.remainders(of: container.id.description, node: container.node, after: offsets) {
                file,
                bytes in
                try output.write(logs.take(container.id, file, bytes))
            }
        } catch let refusal as LogRefusal {
            writeText("\(container.id): its logs left \(container.node). \(refusal)\n", to: STDERR_FILENO)
        }
        self.logs = logs
    }

    /// The application is over: what was aggregated has also containers that ended before they were seen.
    private mutating func finish(_ output: inout LogOutput) throws {
        guard self.containers == nil else { return }
        let seen = Set(self.known.keys.map(\.description))
        for container in try self.archive.placements() where !seen.contains(container.id.description) {
            try self.drain(container, &output)
        }
    }
}
