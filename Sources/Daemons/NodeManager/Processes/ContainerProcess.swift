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
        var waiters: [@Sendable (ContainerExit) -> Void] = []
    }

    private let state = Mutex(State())

    init(container: ContainerID, supervisor: ProcessIdentity, script: ProcessIdentity, cgroup: ContainerCgroup?) {
        self.container = container
        self.supervisor = supervisor
        self.script = script
        self.cgroup = cgroup
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
        case .kill: number = SIGUSR1
        case .threadDump: number = SIGQUIT
        }
        return self.supervisor.send(number)
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

    func finish(_ exit: ContainerExit) {
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
