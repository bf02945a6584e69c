import Foundation
import NIOCore

/// Containers that run `true`, through one NodeManager's startContainers, against a bare loop that starts the same
/// launch script with nothing around it. Both use the same machine in turns, so their ratio is what counts.
enum LaunchBenchmark {
    /// Containers that are started or run at the same time.
    private static let concurrency = 16

    static func run(_ session: Session) async throws {
        let node = try await MeasuredNodeManager()
        let count = session.size(400, tiny: 4)
        _ = try await node.run(session.size(50, tiny: 2), concurrency: Self.concurrency)
        let cores = NIOCore.System.coreCount
        var (rates, bareRates, sequentialRates, shares) = (Series(), Series(), Series(), Series())
        var (ownSeconds, childrenSeconds, containers) = (0.0, 0.0, 0)
        for _ in 0..<session.size(3, tiny: 1) {
            let (own, children) = (node.daemon.cpuSeconds, node.daemon.childrenSeconds)
            let watch = Stopwatch()
            let last = try await node.run(count, concurrency: Self.concurrency)
            let rate = Double(count) / watch.wallSeconds
            ownSeconds += node.daemon.cpuSeconds - own
            childrenSeconds += node.daemon.childrenSeconds - children
            containers += count
            let loop = try BareLoop(script: node.script(of: last))
            let bare = try await loop.rate(count, concurrency: cores)
            rates.append(rate)
            bareRates.append(bare)
            sequentialRates.append(try await loop.rate(count, concurrency: 1))
            shares.append(rate / bare)
        }
        session.print("launch.rate", rates.quantile(0.5), "containers/s")
        session.print("launch.bare-loop", bareRates.quantile(0.5), "scripts/s")
        session.print("launch.bare-loop.one-at-a-time", sequentialRates.quantile(0.5), "scripts/s")
        session.print("launch.share-of-bare-loop", shares.quantile(0.5), "ratio")
        session.print("launch.nodemanager.cpu", ownSeconds / Double(containers) * 1000, "ms")
        session.print("launch.processes.cpu", childrenSeconds / Double(containers) * 1000, "ms")
        try await node.stop()
    }
}

/// Starts a launch script again and again, as little else as there can be: posix_spawn and waitpid.
private struct BareLoop: Sendable {
    private let folder: ScratchFolder
    private let script: String

    /// - Parameter text: a container's launch script; its log folder must still be there.
    init(script text: String) throws {
        self.folder = try ScratchFolder()
        self.script = self.folder.file("launch_container.sh")
        try self.folder.write(text, to: "launch_container.sh")
    }

    /// Scripts a second, so many of them at a time.
    func rate(_ count: Int, concurrency: Int) async throws -> Double {
        let watch = Stopwatch()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for worker in 0..<concurrency {
                let share = count / concurrency + (worker < count % concurrency ? 1 : 0)
                tasks.addTask { for _ in 0..<share { try self.runOnce() } }
            }
            try await tasks.waitForAll()
        }
        return Double(count) / watch.wallSeconds
    }

    private func runOnce() throws {
        var process: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("/bin/bash"), strdup(self.script), nil]
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("PATH=/usr/bin:/bin"), nil]
        defer { unsafe (arguments + environment).forEach { unsafe free($0) } }
        let error = unsafe posix_spawn(&process, "/bin/bash", nil, nil, &arguments, &environment)
        guard error == 0 else { throw BenchmarkFailure("/bin/bash: \(unsafe String(cString: strerror(error)))") }
        var status: Int32 = 0
        guard unsafe waitpid(process, &status, 0) == process, status == 0 else {
            throw BenchmarkFailure("the launch script failed outside a container: wait status \(status)")
        }
    }
}
