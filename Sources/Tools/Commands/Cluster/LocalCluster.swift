import ClusterModel
import Foundation
import Glibc

/// A cluster of processes on this machine: starts what is missing, waits until it is ready, stops everything.
struct LocalCluster: Sendable {
    let directory: ClusterDirectory
    let plan: ClusterPlan
    /// The folder that clients are to read.
    let configuration: String
    let user: String

    private static let resourceManager = "resourcemanager"

    private var daemons: [String] {
        [Self.resourceManager] + (1...self.plan.nodes).map { "nodemanager-\($0)" }
    }

    /// Writes all configuration folders.
    func writeFiles() throws {
        let files = ClusterFiles(plan: self.plan, directory: self.directory, runsAsRoot: geteuid() == 0)
        try Self.write(files.clientFolder, to: self.configuration)
        for number in 1...self.plan.nodes {
            try ClusterDirectory.makePrivateFolder(self.directory.node(number))
            try Self.write(files.nodeFolder(number), to: self.directory.node(number) + "/conf")
        }
        try self.directory.remember(self.plan, configuration: self.configuration)
    }

    private static func write(_ files: [(name: String, text: String)], to folder: String) throws {
        try ClusterDirectory.makePrivateFolder(folder)
        for file in files { try ClusterDirectory.write(file.text, to: "\(folder)/\(file.name)") }
    }

    /// Starts every daemon that does not run, and waits until the ResourceManager counts all nodes as running.
    /// - Returns: the names of the daemons that were started.
    func start(environment: [String: String]) async throws -> [String] {
        var records = self.directory.records.filter(\.isAlive)
        let missing = self.daemons.filter { name in !records.contains { $0.name == name } }
        for name in missing {
            records.append(try self.startDaemon(name, environment: environment))
            try self.directory.remember(records)
            if name == Self.resourceManager { try await self.waitForResourceManager(records) }
        }
        try await self.waitForNodes(records)
        return missing
    }

    private func startDaemon(_ name: String, environment: [String: String]) throws -> DaemonRecord {
        var environment = environment
        let node = name.split(separator: "-").last.flatMap { Int($0) }
        environment["HADOOP_CONF_DIR"] = node.map { self.directory.node($0) + "/conf" } ?? self.configuration
        environment["YARN_CONF_DIR"] = nil
        // Passed on to containers that do not set it themselves (env-whitelist). Hadoop's admin-env would append to the
        // value that Spark's ApplicationMaster hands to its executors.
        environment["SPARK_LOCAL_IP"] = node.map(self.plan.host(ofNode:))
        let arguments = ["heddle", node == nil ? Self.resourceManager : "nodemanager"]
        return try DaemonProcess.start(
            name,
            arguments: arguments,
            environment: environment,
            log: self.directory.log(name)
        )
    }

    private static let startLimit = Duration.seconds(30)

    private func waitForResourceManager(_ records: [DaemonRecord]) async throws {
        let deadline = ContinuousClock.now + Self.startLimit
        while !canConnect(host: ClusterPlan.resourceManagerHost, port: self.plan.clientPort) {
            try self.checkAlive(records)
            guard ContinuousClock.now < deadline else {
                throw self.failure("The ResourceManager does not answer", Self.resourceManager)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func waitForNodes(_ records: [DaemonRecord]) async throws {
        let address = ClusterAddress(host: ClusterPlan.resourceManagerHost, port: self.plan.clientPort)
        let deadline = ContinuousClock.now + Self.startLimit
        try await ClusterClient.with(address, user: self.user) { client in
            while try await client.nodes([.running]).count < self.plan.nodes {
                try self.checkAlive(records)
                guard ContinuousClock.now < deadline else {
                    throw self.failure("Not every NodeManager has registered", "nodemanager-1")
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    private func checkAlive(_ records: [DaemonRecord]) throws {
        for record in records {
            DaemonProcess.reap(record.process)
            if !record.isAlive { throw self.failure("\(record.name) ended", record.name) }
        }
    }

    private func failure(_ what: String, _ daemon: String) -> CommandFailure {
        let log = self.directory.log(daemon)
        let lines = (try? String(contentsOfFile: log, encoding: .utf8))?.split(separator: "\n").suffix(10) ?? []
        return CommandFailure("\(what). The end of its log (\(log)):\n\(lines.joined(separator: "\n"))")
    }

    // MARK: - Stopping

    private static let nodeStopLimit = Duration.seconds(15)
    private static let resourceManagerStopLimit = Duration.seconds(5)

    /// Ends the NodeManagers, which end their containers, then the ResourceManager, then whatever is left.
    /// - Returns: what had to be killed.
    static func stop(_ directory: ClusterDirectory) async -> [String] {
        let records = directory.records
        let nodes = records.filter { $0.name != Self.resourceManager }
        var killed = await Self.end(nodes, within: Self.nodeStopLimit)
        killed += await Self.end(
            records.filter { $0.name == Self.resourceManager },
            within: Self.resourceManagerStopLimit
        )
        // A NodeManager that was killed before could not end its containers.
        for _ in 0..<50 {
            let left = ContainerProcesses.belonging(to: directory)
            if left.isEmpty { break }
            killed += left.map { "process \($0.process) of a container" }
            for record in left { record.signal(SIGKILL) }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return Array(Set(killed)).sorted()
    }

    private static func end(_ records: [DaemonRecord], within limit: Duration) async -> [String] {
        for record in records { record.signal(SIGTERM) }
        let deadline = ContinuousClock.now + limit
        while records.contains(where: Self.isAlive), ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(10))
        }
        let stubborn = records.filter(Self.isAlive)
        for record in stubborn { record.signal(SIGKILL) }
        while stubborn.contains(where: Self.isAlive) { try? await Task.sleep(for: .milliseconds(10)) }
        return stubborn.map(\.name)
    }

    private static func isAlive(_ record: DaemonRecord) -> Bool {
        DaemonProcess.reap(record.process)
        return record.isAlive
    }
}
