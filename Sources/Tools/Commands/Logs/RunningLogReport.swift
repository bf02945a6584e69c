import ClusterModel
import Staging

/// Writes the logs of containers from their nodes: of an application that runs, or whose logs were not aggregated.
struct RunningLogReport: Sendable {
    let request: LogRequest
    let containers: [PlacedContainer]
    let nodes: NodeAccess

    private var selection: LogSelection { self.request.selection }

    /// - Throws: `LogRefusal` when there is none.
    func list() throws -> String {
        guard !self.containers.isEmpty else {
            throw LogRefusal("Can not find any containers for the application:\(self.request.application).")
        }
        return "Application State: Running.\n"
            + self.containers.map { LogTexts.title(container: "\($0.id)", node: $0.node) + "\n" }.joined()
    }

    /// Names, lengths and times.
    func table() async throws -> String {
        var text = ""
        for container in self.containers {
            guard let files = try await self.files(of: container) else { continue }
            text += LogTexts.tableHead(title: LogTexts.title(container: "\(container.id)", node: container.node))
            for file in files { text += LogTexts.row(file.name, "\(file.length)", file.changed, "LOCAL") }
        }
        guard !text.isEmpty else {
            throw LogRefusal("Can not find any matched containers for the application: \(self.request.application)")
        }
        return text
    }

    /// - Returns: nil when the node has nothing of it or does not answer, which is said on standard error.
    private func files(of container: PlacedContainer) async throws -> [NodeLogs.File]? {
        do {
            guard let files = try await self.nodes.patiently(container, { try await $0.files(of: container.id) }) else {
                return nil
            }
            return files.filter { self.selection.includes(file: $0.name) }
        } catch let failure as NodeLogs.Failure {
            writeText(
                "Can not get the logs for the container: \(container.id) from the NodeManager: \(container.node). "
                    + "\(failure)\n",
                to: 2
            )
            return nil
        }
    }

    /// Writes the logs as they are at this moment.
    /// - Throws: `LogRefusal` when nothing fits, or all is more than the limit, before anything is written.
    func write(_ output: inout LogOutput) async throws {
        var limit = self.request.sizeLimit
        var all: [(container: PlacedContainer, files: [NodeLogs.File])] = []
        for container in self.containers {
            guard let files = try await self.files(of: container) else { continue }
            for file in files {
                let part = self.selection.part(of: file.length)
                try limit.add(part.upperBound - part.lowerBound)
            }
            all.append((container, files))
        }
        guard all.contains(where: { !$0.files.isEmpty }) else {
            throw LogRefusal(
                "Can not find any log file matching the pattern: \(self.selection.filesText) within the application: "
                    + "\(self.request.application)"
            )
        }
        for (container, files) in all {
            let isRunning =
                try await self.nodes.patiently(container) { try await $0.state(of: container.id) } == .running
            for file in files { try await self.write(file, of: container, isRunning: isRunning, &output) }
        }
    }

    private func write(
        _ file: NodeLogs.File,
        of container: PlacedContainer,
        isRunning: Bool,
        _ output: inout LogOutput
    ) async throws {
        try output.begin(
            container: "\(container.id)",
            node: RemoteLogFolders.fileName(ofNode: container.node)
        )
        try output.write(
            LogTexts.head(
                title: LogTexts.title(container: "\(container.id)", node: container.node),
                file: file.name,
                length: file.length,
                changed: file.changed,
                isLocal: true
            )
        )
        let part = self.selection.part(of: file.length)
        try await self.nodes.copy(file.name, of: container, part) { try output.write($0) }
        try output.write(LogTexts.localFoot(file: file.name, running: isRunning ? "\(container.id)" : nil))
    }
}

/// How NodeManagers are asked: patiently, since one may be starting anew.
struct NodeAccess: Sendable {
    let user: String
    let retries: NodeRetries
    let transfers: Transfers
    let threads = BlockingThreads(threadsMaximum: 4)

    func logs(on container: PlacedContainer) -> NodeLogs {
        NodeLogs(address: container.webAddress, user: self.user, transfers: self.transfers, threads: self.threads)
    }

    /// Asks again while the NodeManager does not answer, for as long as the command line says.
    func patiently<Value>(
        _ container: PlacedContainer,
        _ question: (NodeLogs) async throws -> Value
    ) async throws -> Value {
        let node = self.logs(on: container)
        var tries: Int64 = 0
        while true {
            do {
                return try await question(node)
            } catch let failure as NodeLogs.Failure {
                guard case .noAnswer(let reason) = failure, tries != self.retries.maximum else { throw failure }
                if tries == 0 {
                    writeText(
                        "The NodeManager \(container.node) does not answer (\(reason)); asking again every "
                            + "\(self.retries.pause) (-client_max_retries, -client_retry_interval_ms).\n",
                        to: 2
                    )
                }
                tries += 1
                try await Task.sleep(for: self.retries.pause)
            }
        }
    }

    /// Hands out a part of a log in pieces; less when the file became shorter.
    func copy(
        _ file: String,
        of container: PlacedContainer,
        _ part: Range<Int64>,
        into put: ([UInt8]) throws -> Void
    ) async throws {
        var offset = part.lowerBound
        while offset < part.upperBound {
            let piece = offset..<min(part.upperBound, offset + Self.pieceBytes)
            guard
                let bytes = try await self.patiently(
                    container,
                    { try await $0.bytes(file, of: container.id, piece) }
                ), !bytes.isEmpty
            else { return }
            try put(bytes)
            offset += Int64(bytes.count)
        }
    }

    private static let pieceBytes: Int64 = 1 << 20
}
