import AggregatedLogs
import ClusterModel
import Glibc
import HadoopConfig
import HadoopProtos
import HadoopRPC
import HadoopWire
import Settings
import Staging

/// Finds out where the logs are that a command line asks for, and writes them.
struct LogInquiry: Sendable {
    private var request: LogRequest
    private let session: ClientSession
    private let archive: LogArchive
    private let transfers: Transfers
    private let access: ApplicationAccessRules
    private let cluster: ClusterLogs

    init(request: LogRequest, session: ClientSession, configuration: Configuration) throws {
        self.request = request
        self.session = session
        var transfers = Transfers(try TransferLimits(configuration))
        transfers.tokens = DelegationTokens(try Credentials.shown(ConfigurationEnvironment.process.variables))
        self.transfers = transfers
        self.archive = try LogArchive(try LogAggregationSettings(configuration), transfers: self.transfers)
        self.access = try WebSettings(configuration).access
        self.cluster = ClusterLogs(session: session, application: request.application)
    }

    private var nodes: NodeAccess {
        NodeAccess(user: self.session.user, retries: self.request.retries, transfers: self.transfers)
    }

    /// - Returns: what is left to be said on standard output.
    func answer(_ output: inout LogOutput) async throws -> String {
        var inquiry = self
        let report = try await self.report()
        if let report, [.new, .newSaving, .submitted].contains(report.yarnApplicationState) {
            throw LogRefusal("Logs are not available right now.")
        }
        let isOver = report.map(ClusterLogs.isFinal) ?? true
        if let masters = self.request.masters {
            inquiry.request.selection.containers = try masters.containers(of: try await self.cluster.masters())
        }
        let owner = try await self.owner(report)
        if isOver { return try await inquiry.answerOfEnded(owner, report, &output) }
        return try await inquiry.answerOfRunning(owner, &output)
    }

    /// What the ResourceManager knows; nil when it does not, so that the application is taken for ended.
    private func report() async throws -> ApplicationReportProto? {
        do {
            return try await self.session.withClient { try await $0.report(self.request.application) }
        } catch let failure as RPCFailure {
            guard failure.exceptionName == "ApplicationNotFoundException" else { throw failure }
            writeText(
                "Unable to get ApplicationState. Attempting to fetch logs directly from the filesystem.\n",
                to: STDERR_FILENO
            )
            return nil
        }
    }

    private func owner(_ report: ApplicationReportProto?) async throws -> String {
        if let owner = self.request.owner, !owner.isEmpty { return owner }
        if let report { return report.user }
        let (archive, application, user) = (self.archive, self.request.application, self.session.user)
        let found = try await BlockingThreads(threadsMaximum: 1).run { _ throws(TransferFailure) -> String? in
            if try archive.files(of: application, owner: user, as: user) != nil { return user }
            return try archive.owner(of: application, as: user)
        }
        guard let found else {
            throw LogRefusal(
                "Can not find the appOwner. Please specify the correct appOwner",
                "Could not locate application logs for \(application)"
            )
        }
        return found
    }

    private func archived(_ owner: String) -> ArchivedLogReport {
        ArchivedLogReport(
            archive: self.archive,
            application: self.request.application,
            owner: owner,
            selection: self.request.selection,
            user: self.session.user,
            access: self.access
        )
    }

    // MARK: Ended

    private func answerOfEnded(
        _ owner: String,
        _ report: ApplicationReportProto?,
        _ output: inout LogOutput
    ) async throws -> String {
        let archived = self.archived(owner)
        do {
            switch self.request.wish {
            case .nodes: return try archived.nodes()
            case .containers: return try archived.containers()
            case .files: return try archived.table()
            case .contents, .follow:
                try archived.write(&output, limit: self.request.sizeLimit)
                return ""
            }
        } catch let refusal as LogRefusal {
            // What was not aggregated may still be on the nodes.
            guard report != nil, self.request.wish != .nodes, let left = try? await self.left(), !left.isEmpty else {
                throw refusal
            }
            return try await self.answer(from: left, &output)
        }
    }

    /// The containers of an ended application that nodes have logs of: of those that are asked for, else of the attempts'
    /// first, which are all that the ResourceManager remembers.
    private func left() async throws -> [PlacedContainer] {
        let wanted: Set<String>
        if let containers = self.request.selection.containers {
            wanted = containers
        } else {
            wanted = Set(try await self.cluster.masters())
        }
        return try await self.search(wanted)
    }

    private func includes(_ container: PlacedContainer) -> Bool {
        self.request.selection.includes(container: container.id.description)
            && self.request.selection.includes(node: container.node)
    }

    private func answer(from containers: [PlacedContainer], _ output: inout LogOutput) async throws -> String {
        let report = RunningLogReport(request: self.request, containers: containers, nodes: self.nodes)
        switch self.request.wish {
        case .containers: return try report.list()
        case .files: return try await report.table()
        case .nodes, .contents, .follow:
            try await report.write(&output)
            return ""
        }
    }

    // MARK: Running

    private func answerOfRunning(_ owner: String, _ output: inout LogOutput) async throws -> String {
        if self.request.wish == .nodes {
            throw LogRefusal("The -list_nodes command can be only used with finished applications")
        }
        var containers = try await self.cluster.containers().filter(self.includes)
        if containers.isEmpty, let wanted = self.request.selection.containers {
            containers = try await self.search(wanted)
        }
        if self.request.wish == .follow {
            var follower = LogFollower(
                request: self.request,
                cluster: self.cluster,
                nodes: self.nodes,
                archive: self.archived(owner),
                containers: self.request.selection.containers,
                known: containers
            )
            try await follower.run(&output)
            return ""
        }
        guard !containers.isEmpty else { return try await self.answerOfForgotten(owner, &output) }
        return try await self.answer(from: containers, &output)
    }

    /// The ResourceManager forgets containers that ended; their nodes remember them.
    private func search(_ wanted: Set<String>) async throws -> [PlacedContainer] {
        var missing = wanted.compactMap { ContainerID($0) }.sorted()
        var found: [PlacedContainer] = []
        for (node, webAddress) in try await self.cluster.nodes() where self.request.selection.includes(node: node) {
            for id in missing {
                let placed = PlacedContainer(id: id, node: node, webAddress: webAddress)
                guard let files = try? await self.nodes.logs(on: placed).files(of: id), !files.isEmpty else { continue }
                found.append(placed)
                missing.removeAll { $0 == id }
            }
            if missing.isEmpty { break }
        }
        return found.sorted { $0.id < $1.id }
    }

    /// No node has logs of what was asked for; with rolling aggregation some may be aggregated already.
    private func answerOfForgotten(_ owner: String, _ output: inout LogOutput) async throws -> String {
        let archived = self.archived(owner)
        do {
            switch self.request.wish {
            case .containers: return try archived.containers()
            case .files: return try archived.table()
            case .nodes, .contents, .follow:
                try archived.write(&output, limit: self.request.sizeLimit)
                return ""
            }
        } catch is LogRefusal {
            let id = self.request.application
            guard let containers = self.request.selection.containers?.sorted().joined(separator: ", ") else {
                throw LogRefusal("Can not find any containers for the application:\(id).")
            }
            throw LogRefusal(
                "Unable to get logs for this container:\(containers) for the application:\(id) with the appOwner: \(owner)",
                "The application: \(id) is still running, and no NodeManager that answers has logs of the container: "
                    + "\(containers). Please try later or after the application finishes."
            )
        }
    }
}
