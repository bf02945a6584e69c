import ArgumentParser
import ClusterModel
import Dispatch
import Foundation
import Glibc
import HadoopConfig

/// `heddle up`: a whole cluster on this machine's loopback addresses.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start a whole cluster on this machine.",
        discussion: """
            Starts a ResourceManager on 127.0.0.1 and NodeManagers on 127.0.0.2 and up, writes a configuration folder for \
            clients and prints the line that names it. Stop it with Ctrl-C or, after --detach, with `heddle down`; both \
            remove every file. `heddle up` on a cluster of which something has ended starts what is missing.
            """
    )

    @Option(help: "How many NodeManagers (default: 1).")
    var nodes: Int?
    @Option(help: "Memory of each node for containers, e.g. 8g or 512m (default: 8g).")
    var memory: String?
    @Option(help: "Virtual cores of each node for containers (default: 8).")
    var vcores: Int?
    @Option(help: "Write the clients' configuration here, and leave it when the cluster stops.")
    var confDir: String?
    @Option(help: "The cluster's folder (default: below XDG_RUNTIME_DIR, or ~/.heddle/cluster).")
    var directory: String?
    @Flag(help: "Return when the cluster is ready; `heddle down` stops it.")
    var detach = false
    @Flag(help: "Keep the cluster's files when it stops: logs, the ResourceManager's store, configuration.")
    var keep = false

    func run() async throws {
        do {
            try await self.start()
        } catch let failure as CommandFailure {
            writeText("heddle up: \(failure)\n", to: STDERR_FILENO)
            throw ExitCode(failure.exitCode)
        }
    }

    private func start() async throws {
        let began = ContinuousClock.now
        let variables = ConfigurationEnvironment.process
        let directory = try clusterDirectory(self.directory, environment: variables.variables)
        let signals = self.detach ? nil : StopSignals()
        let wasRunning = directory.records.contains(where: \.isAlive)
        try directory.create()
        let cluster = LocalCluster(
            directory: directory,
            plan: try self.plan(directory, isRunning: wasRunning),
            configuration: try self.confDir.map(absolutePath)
                ?? (wasRunning ? directory.rememberedConfiguration : directory.configuration),
            user: variables.hadoopUserName
        )
        let started: [String]
        do {
            try cluster.writeFiles()
            started = try await cluster.start(environment: self.environment(variables.variables))
        } catch {
            if !wasRunning {
                _ = await LocalCluster.stop(directory)
                if !self.keep { try? directory.remove() }
            }
            throw error
        }
        self.report(cluster, started, after: ContinuousClock.now - began)
        guard let signals else { return }
        await signals.first()
        writeText("\nStopping\n", to: STDERR_FILENO)
        try await stopCluster(directory, keep: self.keep)
    }

    private func plan(_ directory: ClusterDirectory, isRunning: Bool) throws -> ClusterPlan {
        let remembered = directory.plan
        var plan = ClusterPlan(
            nodes: self.nodes ?? 1,
            memoryMiB: 8192,
            vcores: self.vcores ?? 8,
            firstPort: remembered?.firstPort ?? ClusterPlan.preferredFirstPort(directory: directory.path)
        )
        if let memory = self.memory {
            guard let value = ClusterPlan.memoryMiB(memory) else {
                throw CommandFailure("--memory \(memory) is no amount of memory: write 8g or 512m.", exitCode: 64)
            }
            plan.memoryMiB = value
        }
        guard (1...ClusterPlan.nodeCountMaximum).contains(plan.nodes) else {
            throw CommandFailure("--nodes must be 1 to \(ClusterPlan.nodeCountMaximum).", exitCode: 64)
        }
        guard plan.vcores > 0 else { throw CommandFailure("--vcores must be at least 1.", exitCode: 64) }
        if isRunning, let remembered {
            guard self.nodes == nil && self.memory == nil && self.vcores == nil || remembered == plan else {
                throw CommandFailure("A cluster of another size runs in \(directory.path): run `heddle down` first.")
            }
            return remembered
        }
        return try Self.withFreePorts(plan)
    }

    private static func withFreePorts(_ plan: ClusterPlan) throws -> ClusterPlan {
        var plan = plan
        for _ in 0..<ClusterPlan.blockCount {
            if plan.addresses.allSatisfy({ canListen(host: $0.host, port: $0.port) }) { return plan }
            plan.firstPort = ClusterPlan.nextFirstPort(after: plan.firstPort)
        }
        throw CommandFailure("No \(ClusterPlan.portCount) free ports in a row between 20000 and 31199 on 127.0.0.0/8.")
    }

    /// What daemons inherit: everything, and JAVA_HOME from the `java` on PATH, since jobs need one.
    private func environment(_ variables: [String: String]) -> [String: String] {
        var variables = variables
        if variables["JAVA_HOME"]?.isEmpty ?? true, let home = javaHome(path: variables["PATH"] ?? "") {
            variables["JAVA_HOME"] = home
        }
        return variables
    }

    private func report(_ cluster: LocalCluster, _ started: [String], after duration: Duration) {
        let plan = cluster.plan
        var text = "Heddle is up: \(plan.nodes) node\(plan.nodes == 1 ? "" : "s") of \(plan.memoryMiB) MiB and "
        text += "\(plan.vcores) vcores, ready in \(duration.wholeMilliseconds) ms.\n"
        if started.count <= plan.nodes {
            text +=
                started.isEmpty ? "It was running already.\n" : "Started again: \(started.joined(separator: ", ")).\n"
        }
        text += "Web page: http://\(ClusterPlan.resourceManagerHost):\(plan.webPort)/\n"
        text += "Logs: \(cluster.directory.path)/logs\n"
        if geteuid() == 0 {
            text += "You are root, so containers run as root too (heddle.security.run-containers-as-root).\n"
        }
        text += self.detach ? "Stop it with: heddle down" : "Stop it with Ctrl-C."
        if self.detach, self.directory != nil { text += " --directory \(cluster.directory.path)" }
        writeText(text + "\nFor clients, in each shell:\n", to: STDERR_FILENO)
        writeText("export HADOOP_CONF_DIR=\(shellQuoted(cluster.configuration))\n", to: STDOUT_FILENO)
    }
}

/// `heddle down`: stops the cluster that `heddle up --detach` left running.
struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop the cluster on this machine and remove its files."
    )

    @Option(help: "The cluster's folder, as given to `heddle up`.")
    var directory: String?
    @Flag(help: "Keep the cluster's files.")
    var keep = false

    func run() async throws {
        do {
            let directory = try clusterDirectory(self.directory, environment: ProcessInfo.processInfo.environment)
            guard directory.plan != nil else {
                writeText("No cluster in \(directory.path).\n", to: STDERR_FILENO)
                return
            }
            try await stopCluster(directory, keep: self.keep)
        } catch let failure as CommandFailure {
            writeText("heddle down: \(failure)\n", to: STDERR_FILENO)
            throw ExitCode(failure.exitCode)
        }
    }
}

/// The folder that the user named, or the standard one.
private func clusterDirectory(_ named: String?, environment: [String: String]) throws -> ClusterDirectory {
    try named.map { try ClusterDirectory(absolutePath($0)) } ?? ClusterDirectory.standard(environment: environment)
}

private func stopCluster(_ directory: ClusterDirectory, keep: Bool) async throws {
    let killed = await LocalCluster.stop(directory)
    for name in killed { writeText("\(name) did not end by itself and was killed.\n", to: STDERR_FILENO) }
    if keep { try directory.forgetProcesses() } else { try directory.remove() }
}

/// The path from the root, links of existing folders resolved.
private func absolutePath(_ path: String) throws -> String {
    let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    return URL(filePath: full).standardizedFileURL.resolvingSymlinksInPath().path
}

/// The folder that the `java` on PATH belongs to, links followed; nil without one.
package func javaHome(path: String) -> String? {
    for folder in path.split(separator: ":") {
        let java = "\(folder)/java"
        guard unsafe access(java, X_OK) == 0 else { continue }
        let real = URL(filePath: java).resolvingSymlinksInPath().path
        guard real.hasSuffix("/bin/java") else { continue }
        return String(real.dropLast("/bin/java".count))
    }
    return nil
}

/// A word as a shell reads it back.
package func shellQuoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
    if isPlain, !text.isEmpty { return text }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}

/// Ctrl-C, a request to end, and a terminal that closes.
private final class StopSignals: Sendable {
    private let stream: AsyncStream<Int32>
    private let sources: [SignalSource]

    init() {
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        self.stream = stream
        self.sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return SignalSource(source: source)
        }
    }

    /// Returns when the first of them arrives.
    func first() async {
        for await _ in self.stream { return }
    }
}

/// Keeps a source of signals alive. Dispatch's sources may be used from every thread; its module does not say so yet.
private struct SignalSource: @unchecked Sendable {
    let source: any DispatchSourceSignal
}
