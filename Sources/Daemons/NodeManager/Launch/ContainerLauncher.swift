import ClusterModel
import Glibc
import NodeManagerCore
import Staging
import Synchronization

/// Carries launch orders out: folders, links, files, then the process; and follows it to its end.
final class ContainerLauncher: Sendable {
    private let launcher: ContainerProcessLauncher
    private let accounts: ContainerAccounts
    private let tree: FolderTree
    private let cgroups: CgroupHierarchy?
    private let threads: BlockingThreads
    private let logs: ContainerLogTails
    private let killDelay: Duration
    private let processes = Mutex<[ContainerID: ContainerProcess]>([:])

    init(
        launcher: ContainerProcessLauncher,
        accounts: ContainerAccounts,
        tree: FolderTree,
        cgroups: CgroupHierarchy?,
        threads: BlockingThreads,
        logs: ContainerLogTails,
        killDelay: Duration
    ) {
        self.launcher = launcher
        self.accounts = accounts
        self.tree = tree
        self.cgroups = cgroups
        self.threads = threads
        self.logs = logs
        self.killDelay = killDelay
    }

    /// Containers that run now.
    var running: [ContainerProcess] { self.processes.withLock { Array($0.values) } }

    /// Starts a container; `post` gets its launch or failure, and later its end.
    func launch(_ order: LaunchOrder, post: @escaping @Sendable (Input) -> Void) async {
        do {
            let account = try self.accounts.account(of: order.user)
            let missing = try await self.prepare(order, account)
            guard missing.isEmpty else {
                post(.containerLaunchFailed(order.container, .resourcesMissing(missing)))
                return
            }
            let limits = CgroupLimits(virtualCores: Int(clamping: order.resource.vcores))
            let process = try await self.launcher.launch(
                ContainerProcessSpecification(
                    container: order.container,
                    workDirectory: order.workDirectory,
                    script: "\(order.workDirectory)/launch_container.sh",
                    environment: Dictionary(
                        order.environment.map { ($0.name, $0.value) },
                        uniquingKeysWith: { _, last in last }
                    ),
                    standardOutput: "\(order.logDirectory)/prelaunch.out",
                    standardError: "\(order.logDirectory)/prelaunch.err",
                    account: account,
                    stateDirectory: order.privateDirectory,
                    killDelay: self.killDelay,
                    cgroup: self.cgroups?.create(for: order.container, limits: limits)
                )
            )
            self.follow(process, logDirectory: order.logDirectory, post)
        } catch {
            post(.containerLaunchFailed(order.container, .failed("\(error)")))
        }
    }

    /// Follows a container of an earlier NodeManager.
    func adopt(_ order: AdoptionOrder, post: @escaping @Sendable (Input) -> Void) async {
        let adoption = await self.launcher.adopt(
            order.container,
            stateDirectory: order.privateDirectory,
            cgroup: self.cgroups?.existing(for: order.container)
        )
        switch adoption {
        case .running(let process):
            self.follow(process, logDirectory: order.logDirectory, post)
        case .exited(let exit):
            await self.ended(order.container, exit, logDirectory: order.logDirectory, post)
        case .unknown:
            let exit = ContainerExit(code: nil, message: "it was not running when the NodeManager came back.")
            await self.ended(order.container, exit, logDirectory: order.logDirectory, post)
        }
    }

    func signal(_ container: ContainerID, _ signal: ProcessSignal) {
        let process = self.processes.withLock { $0[container] }
        switch signal {
        case .quit: process?.signal(.threadDump)
        case .terminate: process?.signal(.terminate)
        case .kill: process?.signal(.kill)
        }
    }

    // MARK: - Start

    /// Makes everything that the script needs.
    /// - Returns: link targets that do not exist; then nothing is to be launched.
    private func prepare(
        _ order: LaunchOrder,
        _ account: OperatingSystemAccount?
    ) async throws(SystemError) -> [String] {
        try await self.threads.run { _ throws(SystemError) in
            let missing = order.links.map(\.target).filter { unsafe access($0, F_OK) != 0 }
            guard missing.isEmpty else { return missing }
            for directory in order.directories { try self.tree.make(directory, account: account) }
            let work = try self.tree.open(order.workDirectory)
            do throws(SystemError) {
                try Self.fill(work, order, account)
            } catch {
                throw error.below(order.workDirectory)
            }
            guard order.keepsScript else { return [] }
            let log = try self.tree.open(order.logDirectory)
            let listing = Self.listing(of: work, order)
            do throws(SystemError) {
                try Self.keep(order.script, as: "launch_container.sh", in: log, account)
                try Self.keep(listing, as: "directory.info", in: log, account)
            } catch {
                throw error.below(order.logDirectory)
            }
            return []
        }
    }

    /// Links, script and tokens.
    private static func fill(
        _ work: borrowing OwnedDescriptor,
        _ order: LaunchOrder,
        _ account: OperatingSystemAccount?
    ) throws(SystemError) {
        for link in order.links {
            try FolderFiles.link(link.name, to: link.target, in: work, account: account)
        }
        let script = Array(order.script.utf8)
        try FolderFiles.write(script, to: "launch_container.sh", in: work, mode: 0o700, account: account)
        try FolderFiles.write(order.tokens.bytes, to: "container_tokens", in: work, mode: 0o600, account: account)
    }

    /// Writes what explains a launch beside the container's own logs.
    private static func keep(
        _ text: String,
        as name: String,
        in log: borrowing OwnedDescriptor,
        _ account: OperatingSystemAccount?
    ) throws(SystemError) {
        try FolderFiles.write(Array(text.utf8), to: name, in: log, mode: 0o640, account: account)
    }

    /// What the container finds in its work directory, for whoever reads its logs.
    private static func listing(of work: borrowing OwnedDescriptor, _ order: LaunchOrder) -> String {
        let targets = Dictionary(order.links.map { ($0.name, $0.target) }, uniquingKeysWith: { first, _ in first })
        var text = "ls -l:\n"
        for name in FolderFiles.names(in: work) {
            text += targets[name].map { "\(name) -> \($0)\n" } ?? "\(name)\n"
        }
        for link in order.links where link.name.contains("/") { text += "\(link.name) -> \(link.target)\n" }
        return text
    }

    // MARK: - End

    private func follow(
        _ process: ContainerProcess,
        logDirectory: String,
        _ post: @escaping @Sendable (Input) -> Void
    ) {
        let container = process.container
        self.processes.withLock { $0[container] = process }
        post(.containerLaunched(container, process: process.script.number))
        process.whenExited { exit in
            self.processes.withLock { $0[container] = nil }
            Task { await self.ended(container, exit, logDirectory: logDirectory, post) }
        }
    }

    private func ended(
        _ container: ContainerID,
        _ exit: ContainerExit,
        logDirectory: String,
        _ post: @Sendable (Input) -> Void
    ) async {
        let logs = exit.code == 0 ? LogTails() : await self.threads.run { _ in self.logs.read(logDirectory) }
        post(
            .containerEnded(
                container,
                ContainerEnd(
                    exitCode: exit.code,
                    peakResidentBytes: Int64(clamping: exit.memoryPeak ?? 0),
                    wasKilledForMemory: exit.wasKilledForMemory,
                    message: exit.message,
                    logs: logs
                )
            )
        )
    }
}

/// The ends of the log files that explain why a container failed.
struct ContainerLogTails: Sendable {
    var tree: FolderTree
    /// Shell patterns of stderr's name (`yarn.nodemanager.container.stderr.pattern`).
    var patterns: [String]
    /// Bytes of each file (`yarn.nodemanager.container.stderr.tail.bytes`).
    var bytes: Int

    /// A container may write as many files as it likes; their tails must fit into its diagnostics.
    private static let filesMaximum = 4

    /// prelaunch.err first, then stderr, then what else the patterns name.
    func read(_ directory: String) -> LogTails {
        do throws(SystemError) {
            return LogTails(files: self.files(in: try self.tree.open(directory)))
        } catch {
            return LogTails(problem: "\(error)")
        }
    }

    private func files(in folder: borrowing OwnedDescriptor) -> [FileTail] {
        let matching = FolderFiles.names(in: folder).filter { name in
            self.patterns.contains { unsafe fnmatch($0, name, 0) == 0 }
        }
        // Whatever else has a name like it: people look for this one.
        let names = matching.filter { $0 == "stderr" } + matching.filter { $0 != "stderr" && $0 != "prelaunch.err" }
        return (["prelaunch.err"] + names.prefix(Self.filesMaximum)).compactMap { name in
            FolderFiles.tail(name, in: folder, bytes: self.bytes).map {
                FileTail(name: name, text: Self.text($0, isCut: $0.count == self.bytes), limit: self.bytes)
            }
        }
    }

    /// - Parameter isCut: the first bytes may be the rest of a character.
    private static func text(_ bytes: [UInt8], isCut: Bool) -> String {
        let rest = isCut ? bytes.prefix(3).prefix { $0 & 0xC0 == 0x80 }.count : 0
        return String(decoding: bytes.dropFirst(rest), as: UTF8.self)
    }
}
