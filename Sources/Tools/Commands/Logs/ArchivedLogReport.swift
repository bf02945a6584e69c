import AggregatedLogs
import ClusterModel
import HadoopHTTP
import HadoopWire
import Staging

/// Writes what was aggregated of an application. Blocks.
struct ArchivedLogReport: Sendable {
    let archive: LogArchive
    let application: ApplicationID
    let owner: String
    let selection: LogSelection
    /// Who reads.
    let user: String
    let access: ApplicationAccessRules

    /// A node's file with what is wanted of it.
    private struct Found {
        var file: LogArchive.NodeFile
        var entries: [AggregatedLog.Entry]
    }

    /// The files of the nodes that were asked for.
    /// - Throws: `LogRefusal` when there is no folder, or none that the user may see.
    func files() throws -> [LogArchive.NodeFile] {
        let folder = self.archive.folder(of: self.application, owner: self.owner)
        do {
            guard let all = try self.archive.files(of: self.application, owner: self.owner, as: self.user) else {
                throw LogRefusal(
                    "\(folder) does not exist.",
                    "Log aggregation has not completed or is not enabled.",
                    self.absence
                )
            }
            return all.filter(self.selection.includes)
        } catch let failure as TransferFailure where failure.status == 403 || failure.status == 401 {
            throw LogRefusal(
                "Guessed logs' owner is \(self.owner) and current user \(self.user) does not have permission to access "
                    + "\(folder). Error message found: \(failure)",
                self.absence
            )
        }
    }

    private var absence: String {
        "Can not find the logs for the application: \(self.application) with the appOwner: \(self.owner)"
    }

    /// `host_port` of each node, one a line.
    func nodes() throws -> String {
        let files = try self.files()
        guard !files.isEmpty else {
            throw LogRefusal("No nodes found that aggregated logs for the application: \(self.application)")
        }
        return files.map { $0.name + "\n" }.joined() + "\n"
    }

    /// The containers that have logs.
    func containers() throws -> String {
        var text = "Application State: Completed.\n"
        var count = 0
        for found in try self.found() {
            var begun: Set<String> = []
            for entry in found.entries where begun.insert(entry.container).inserted {
                text += LogTexts.title(container: entry.container, node: found.file.name) + "\n"
                count += 1
            }
        }
        guard count > 0 else {
            throw LogRefusal(
                self.selection.node.map { "Can not find information for any containers on \($0)" }
                    ?? "Can not find any container information for the application: \(self.application)"
            )
        }
        return text
    }

    /// Names, lengths and times of the logs.
    func table() throws -> String {
        var text = ""
        for found in try self.found() {
            let changed = HadoopFormat.listTime(found.file.status.modificationTime ?? 0)
            var begun: Set<String> = []
            for entry in found.entries {
                if begun.insert(entry.container).inserted {
                    text += LogTexts.tableHead(
                        title: LogTexts.title(container: entry.container, node: found.file.name)
                    )
                }
                text += LogTexts.row(entry.name, "\(entry.length)", changed, "AGGREGATED")
            }
        }
        guard !text.isEmpty else { throw self.nothing("Can not find log metadata for") }
        return text
    }

    private func nothing(_ what: String) -> LogRefusal {
        let container = self.selection.containers?.sorted().joined(separator: ", ")
        switch (container, self.selection.node) {
        case (let container?, let node?):
            return LogRefusal("The container \(container) couldn't be found on the node specified: \(node)")
        case (nil, let node?): return LogRefusal("\(what) any containers on \(node)")
        case (let container?, nil): return LogRefusal("\(what) container: \(container)")
        case (nil, nil): return LogRefusal("\(what) any container of the application: \(self.application)")
        }
    }

    /// Writes the logs.
    /// - Throws: `LogRefusal` when nothing fits or all is more than the limit, before anything is written.
    func write(_ output: inout LogOutput, limit: LogSizeLimit) throws {
        var limit = limit
        let all = try self.found { entry in
            let part = self.selection.part(of: entry.length)
            try limit.add(part.upperBound - part.lowerBound)
        }
        guard all.contains(where: { !$0.entries.isEmpty }) else {
            let whose =
                self.selection.containers.map { " for the container: \($0.sorted().joined(separator: ", "))" } ?? ""
            throw LogRefusal(
                "Can not find any log file matching the pattern: \(self.selection.filesText)\(whose) within the "
                    + "application: \(self.application)"
            )
        }
        for found in all where !found.entries.isEmpty {
            let opened = try self.archive.open(found.file, as: self.user)
            let changed = HadoopFormat.listTime(found.file.status.modificationTime ?? 0)
            for entry in found.entries {
                try output.begin(container: entry.container, node: found.file.name)
                try output.write(
                    LogTexts.head(
                        title: LogTexts.title(container: entry.container, node: found.file.name),
                        file: entry.name,
                        length: entry.length,
                        changed: changed,
                        isLocal: false
                    )
                )
                var reader = opened.reader(entry, self.selection.part(of: entry.length))
                while let bytes = try reader.next() { try output.write(bytes) }
                try output.write(LogTexts.aggregatedFoot(file: entry.name))
            }
        }
    }

    /// Looks into the nodes' files.
    /// - Parameter check: called for each wanted log.
    private func found(
        check: (AggregatedLog.Entry) throws -> Void = { _ in }
    ) throws -> [Found] {
        var all: [Found] = []
        for file in try self.files() {
            let contents = try self.archive.open(file, as: self.user).contents {
                self.selection.includes(container: $0)
            }
            guard self.mayView(contents) else {
                writeText(
                    "User [\(self.user)] is not authorized to view the logs for \(self.application) in log file "
                        + "[\(file.name)]\n",
                    to: 2
                )
                continue
            }
            let entries = contents.entries.filter { self.selection.includes(file: $0.name) }
            for entry in entries { try check(entry) }
            all.append(Found(file: file, entries: entries))
        }
        return all
    }

    /// What the file says of its owner and viewers counts, as on Hadoop's pages.
    private func mayView(_ contents: AggregatedLog) -> Bool {
        guard self.access.isEnabled, self.user != contents.owner else { return true }
        return self.access.allows(
            self.user,
            groups: SystemGroups.groups(of: self.user),
            owner: contents.owner,
            list: contents.viewers
        )
    }

    /// Where the containers were whose logs were aggregated; none when nothing was.
    func placements() throws -> [PlacedContainer] {
        do {
            return try self.found().flatMap { found in
                var begun: Set<String> = []
                return found.entries.filter { begun.insert($0.container).inserted }
                    .compactMap { entry in
                        ContainerID(entry.container)
                            .map { PlacedContainer(id: $0, node: found.file.name, webAddress: "") }
                    }
            }
        } catch is LogRefusal {
            return []
        }
    }

    /// What was aggregated of one container's log beyond what was read of it already, as when it is followed.
    /// - Parameter offsets: how far each file was read, by name.
    func remainders(
        of container: String,
        node: String,
        after offsets: [String: Int64],
        _ put: (_ file: String, _ bytes: [UInt8]) throws -> Void
    ) throws {
        var passed: [String: Int64] = [:]
        for file in try self.files() where file.isOf(node: node) {
            let opened = try self.archive.open(file, as: self.user)
            let contents = try opened.contents { $0 == container }
            guard self.mayView(contents) else { continue }
            for entry in contents.entries where self.selection.includes(file: entry.name) {
                // With rolling aggregation one log comes in several files.
                let before = passed[entry.name, default: 0]
                passed[entry.name] = before + entry.length
                let start = max(0, min(entry.length, offsets[entry.name, default: 0] - before))
                var reader = opened.reader(entry, start..<entry.length)
                while let bytes = try reader.next() { try put(entry.name, bytes) }
            }
        }
    }
}
