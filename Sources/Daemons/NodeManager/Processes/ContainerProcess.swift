import CLinux
package import ClusterModel
import Glibc
import Staging
import Synchronization

/// One running container: its script under a supervisor that outlives this process.
package final class ContainerProcess: Sendable {
    package let container: ContainerID
    /// The supervisor: root of the container's process tree, not itself part of the container.
    package let supervisor: ProcessIdentity
    /// The launch script: leader of the container's session; its number is what users know as the container's pid.
    package let script: ProcessIdentity
    package let cgroup: ContainerCgroup?

    private struct State {
        var exit: ContainerExit?
        var isKillRequested = false
        var waiters: [@Sendable (ContainerExit) -> Void] = []
    }

    private let state = Mutex(State())
    /// How long a supervisor gets to end its container by force.
    private let killPatience: Duration

    init(
        container: ContainerID,
        supervisor: ProcessIdentity,
        script: ProcessIdentity,
        cgroup: ContainerCgroup?,
        killPatience: Duration
    ) {
        self.container = container
        self.supervisor = supervisor
        self.script = script
        self.cgroup = cgroup
        self.killPatience = killPatience
    }

    /// How the container ended, once all of its processes are gone.
    package var exit: ContainerExit {
        get async {
            await withCheckedContinuation { continuation in
                self.whenExited { continuation.resume(returning: $0) }
            }
        }
    }

    /// Calls `body` once, on any thread, when the script and every process it left are gone; at once if they are.
    package func whenExited(_ body: @escaping @Sendable (ContainerExit) -> Void) {
        let exit: ContainerExit? = self.state.withLock { state in
            if state.exit == nil { state.waiters.append(body) }
            return state.exit
        }
        if let exit { body(exit) }
    }

    /// Asks the supervisor to pass a signal on to the whole container.
    /// - Returns: false if the supervisor is gone, and with it the container.
    @discardableResult
    package func signal(_ signal: ContainerSignal) -> Bool {
        let number: Int32
        switch signal {
        case .terminate: number = SIGTERM
        case .kill:
            number = SIGUSR1
            self.insist()
        case .threadDump: number = SIGQUIT
        }
        guard self.supervisor.send(number) else { return false }
        // A container of the NodeManager's own user can stop its supervisor; pending signals then wait for this one.
        self.supervisor.send(SIGCONT)
        return true
    }

    /// Looks for processes that a kill by force takes; those that the kernel holds fast end with their own business.
    private static let looksMaximum = 500

    /// A supervisor that does not carry a kill out is killed itself, and everything below it.
    private func insist() {
        let isFirst = self.state.withLock { state in
            defer { state.isKillRequested = true }
            return !state.isKillRequested && state.exit == nil
        }
        guard isFirst else { return }
        Task { [weak self, killPatience] in
            try await Task.sleep(for: killPatience)
            guard let self, self.state.withLock({ $0.exit == nil }) else { return }
            // While the supervisor still holds them together, and until a look finds none: what is forked between a look
            // and its signals is seen by the next.
            for _ in 0..<Self.looksMaximum {
                let processes = ProcessTree.usage(root: self.supervisor).processes
                if processes.isEmpty { break }
                for process in processes { process.identity.send(SIGKILL) }
            }
            self.supervisor.send(SIGKILL)
        }
    }

    /// SIGTERM, then after `delay` SIGKILL unless the container has ended; returns when it has.
    package func stop(after delay: Duration) async -> ContainerExit {
        self.signal(.terminate)
        let killer = Task {
            try await Task.sleep(for: delay)
            self.signal(.kill)
        }
        let exit = await self.exit
        killer.cancel()
        return exit
    }

    func finish(_ end: ContainerExit) {
        var exit = end
        // Without its supervisor the script's own code is lost, but what ended it is known.
        if exit.code == nil, self.state.withLock({ $0.isKillRequested }) { exit.code = 128 + SIGKILL }
        let waiters = self.state.withLock { state in
            guard state.exit == nil else { return [@Sendable (ContainerExit) -> Void]() }
            state.exit = exit
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters {
            waiter(exit)
        }
    }
}
