import ClusterModel
import NodeManagerCore
import Settings
import Staging
import Synchronization

/// Checks disks and runs health scripts, each in its interval, and reports the sum.
final class HealthMonitor: Sendable {
    private struct State {
        var locals: DiskCheck
        var logs: DiskCheck
        var localResult: DiskCheck.Result
        var logResult: DiskCheck.Result
        var scripts: [String: String] = [:]
    }

    private let disks: DiskHealthSettings
    private let scripts: [HealthScriptSettings]
    private let localDirectories: [String]
    private let logDirectories: [String]
    private let clock: NodeClock
    private let state: Mutex<State>

    /// Checks the disks once.
    init(_ settings: NodeManagerDaemonSettings, clock: NodeClock) {
        self.disks = settings.disks
        self.scripts = settings.healthScripts
        self.localDirectories = settings.core.localDirectories
        self.logDirectories = settings.core.logDirectories
        self.clock = clock
        var locals = DiskCheck(settings: settings.disks)
        var logs = DiskCheck(settings: settings.disks)
        let localResult = locals.check(settings.core.localDirectories)
        let logResult = logs.check(settings.core.logDirectories)
        self.state = Mutex(State(locals: locals, logs: logs, localResult: localResult, logResult: logResult))
    }

    /// The newest findings.
    var health: NodeHealth {
        self.state.withLock { state in
            var reports: [String] = []
            if !state.localResult.problems.isEmpty {
                reports.append(Self.report("local-dirs", state.localResult, of: self.localDirectories.count))
            }
            if !state.logResult.problems.isEmpty {
                reports.append(Self.report("log-dirs", state.logResult, of: self.logDirectories.count))
            }
            reports += state.scripts.sorted { $0.key < $1.key }.map(\.value)
            return NodeHealth(
                isHealthy: state.localResult.isHealthy && state.logResult.isHealthy && state.scripts.isEmpty,
                report: reports.joined(separator: "; "),
                checkedAt: self.clock.now,
                goodLocalDirectories: state.localResult.good,
                goodLogDirectories: state.logResult.good,
                localFreeBytes: state.localResult.freeBytes
            )
        }
    }

    /// The local folders to choose among by their room; empty where there is no choice, or disks are not checked.
    var localChoice: [String] {
        guard self.disks.isEnabled else { return [] }
        let good = self.state.withLock { $0.localResult.good }
        return good.count > 1 ? good : []
    }

    private static func report(_ what: String, _ result: DiskCheck.Result, of count: Int) -> String {
        "\(result.problems.count)/\(count) \(what) usable space is below configured utilization percentage/no more"
            + " usable space [ \(result.problems.joined(separator: " ; ")) ]"
    }

    /// Runs until its task is cancelled.
    func run(threads: BlockingThreads, post: @escaping @Sendable (Input) -> Void) async {
        await withTaskGroup { group in
            if self.disks.isEnabled {
                group.addTask { await self.watchDisks(threads, post) }
            }
            for script in self.scripts {
                group.addTask { await self.watch(script, threads, post) }
            }
        }
    }

    private func watchDisks(_ threads: BlockingThreads, _ post: @Sendable (Input) -> Void) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: self.disks.interval)
            guard !Task.isCancelled else { return }
            await threads.run { _ in
                self.state.withLock { state in
                    state.localResult = state.locals.check(self.localDirectories)
                    state.logResult = state.logs.check(self.logDirectories)
                }
            }
            post(.healthReported(self.health))
        }
    }

    private func watch(
        _ script: HealthScriptSettings,
        _ threads: BlockingThreads,
        _ post: @Sendable (Input) -> Void
    ) async {
        while !Task.isCancelled {
            let outcome = await threads.run { _ in HealthScript(settings: script).run() }
            self.state.withLock { state in
                switch outcome {
                case .healthy: state.scripts[script.name] = nil
                case .unhealthy(let report): state.scripts[script.name] = report
                }
            }
            post(.healthReported(self.health))
            try? await Task.sleep(for: script.interval)
        }
    }
}
