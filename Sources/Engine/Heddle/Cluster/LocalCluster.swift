internal import AggregatedLogs
internal import ApplicationMaster
internal import EngineCore
internal import EngineLink
internal import Glibc
internal import HadoopConfig
internal import HadoopWire
internal import Staging
internal import Synchronization

/// Executors as processes of this machine: the master `local-cluster[n,c,m]`, for tests and for trying out what a cluster does.
final class LocalCluster: ExecutorSource {
    private struct State {
        /// Here a container is a process, by its number.
        var book: ContainerBook<Int>
        var processes: [Int: ChildProcess] = [:]
        var started = 0
        /// Those that were told to end: how they do is nobody's fault.
        var released: Set<Int> = []
        var isStopped = false
        var invitation: ExecutorInvitation?
        var events: ExecutorEvents?
    }

    private let master: LocalClusterMaster
    private let properties: EngineProperties
    private let folder: String
    private let shipped: ShippedFiles?
    private let state: Mutex<State>

    init(_ master: LocalClusterMaster, _ properties: EngineProperties, _ shipped: ShippedFiles?) throws {
        self.master = master
        self.shipped = shipped
        var properties = properties
        properties[.executorMemory] = "\(master.memoryMiB)m"
        self.properties = properties
        self.state = Mutex(State(book: ContainerBook(failuresMaximum: try properties.executorFailuresMaximum)))
        self.folder = try FileBytes.makeTemporaryFolder("heddle-cluster")
    }

    func start(_ invitation: ExecutorInvitation, _ events: ExecutorEvents) throws {
        var credentials = try Credentials.shown(ConfigurationEnvironment.process.variables).ofFileSystems
        try FileAccess.settings(self.properties).add(to: &credentials)
        credentials.set(invitation.secret.token, alias: ApplicationSecret.kind)
        try FileBytes.write(credentials.bytes, to: self.tokenFile)
        self.state.withLock { state in
            state.invitation = invitation
            state.events = events
        }
        // A program may end without having stopped its context.
        ProcessEnd.atExit { [weak self] _ in
            guard let self else { return }
            for process in self.state.withLock({ Array($0.processes.values) }) { process.endSoon() }
            self.stop(failure: nil)
        }
    }

    deinit { TreeRemoval.remove(self.folder) }

    private var tokenFile: String { "\(self.folder)/container_tokens" }

    func request(_ total: Int) { self.apply(.wanted(min(total, self.master.executors))) }

    func remove(_ executor: ExecutorID) { self.apply(.removed(executor)) }

    func stop(failure: String?) {
        let processes = self.state.withLock { state in
            state.isStopped = true
            return Array(state.processes.values)
        }
        for process in processes { process.end() }
        TreeRemoval.remove(self.folder)
    }

    /// Tells the book what happened, does what it says, and starts as many processes as are missing.
    private func apply(_ input: ContainerBook<Int>.Input) {
        let (actions, events): ([ContainerBook<Int>.Action], ExecutorEvents?) = self.state.withLock { state in
            if state.isStopped { return ([], nil) }
            return (state.book.step(input), state.events)
        }
        for action in actions {
            switch action {
            case .launch(let container, let executor, _): self.launch(container, executor)
            case .release(let container): self.release(container)
            case .lost(let executor, let cause): events?.lost(executor, cause)
            case .gaveUp(let reason): events?.gaveUp(reason)
            }
        }
        let next: Int? = self.state.withLock { state in
            guard !state.isStopped, state.invitation != nil, state.book.missing > 0 else { return nil }
            state.started += 1
            return state.started
        }
        if let next { self.apply(.granted(next, host: "localhost")) }
    }

    private func launch(_ container: Int, _ executor: ExecutorID) {
        let problem: String? = self.state.withLock { state in
            guard let invitation = state.invitation else { return nil }
            do {
                state.processes[container] = try self.spawn(container, executor, invitation)
                return nil
            } catch {
                return "\(error)"
            }
        }
        if let problem { self.apply(.launchFailed(container, message: problem)) }
    }

    private func ended(_ container: Int, _ cause: ExecutorLossCause) {
        let wasReleased = self.state.withLock { state in
            state.processes[container] = nil
            return state.released.remove(container) != nil
        }
        self.apply(.ended(container, wasReleased ? .ended(message: "it was told to end") : cause))
    }

    private func release(_ container: Int) {
        let process = self.state.withLock { state in
            state.released.insert(container)
            return state.processes[container]
        }
        process?.endSoon()
    }

    private func spawn(
        _ container: Int,
        _ id: ExecutorID,
        _ invitation: ExecutorInvitation
    ) throws -> ChildProcess {
        let folder = "\(self.folder)/\(id)"
        guard unsafe mkdir(folder, 0o700) == 0 else { throw FileFailure(folder, "cannot be made", errno) }
        try self.shipped?.link(into: folder)
        return try ChildProcess(
            program: "/proc/self/exe",
            arguments: CommandLine.arguments,
            environment: [
                ExecutorEnvironment.executorName: "\(id.number)",
                ExecutorEnvironment.coresName: "\(self.master.cores)",
                ExecutorEnvironment.driverName: "\(invitation.host):\(invitation.port)",
                ExecutorEnvironment.hostName: invitation.host,
                ExecutorEnvironment.tokensName: self.tokenFile,
                EngineProperties.variable: self.properties.withoutHadoopKeys.text,
                // A trap is told by its line; a walk over all threads takes seconds in which the driver waits.
                "SWIFT_BACKTRACE": "enable=no",
            ],
            folder: folder
        ) { [weak self] end in
            let lastWords = ErrorTail.text(of: "\(folder)/stderr")
            self?.ended(container, ExecutorEnd.cause(end.text, isOrderly: end == .exited(0), lastWords: lastWords))
        }
    }
}

/// What a master of the form `local-cluster[n,c,m]` says: executors, cores of each, and MiB of each. Spark's form.
struct LocalClusterMaster: Hashable {
    var executors: Int
    var cores: Int
    var memoryMiB: Int

    /// - Returns: nil for other masters.
    init?(_ text: String) throws {
        guard text.hasPrefix("local-cluster") else { return nil }
        let numbers = text.dropFirst("local-cluster[".count).dropLast().split(separator: ",").map { word in
            Int(String(word.filter { $0 != " " })) ?? 0
        }
        guard text.hasPrefix("local-cluster["), text.hasSuffix("]"), numbers.count == 3, numbers.allSatisfy({ $0 > 0 })
        else {
            throw HeddleError.job(
                "master \(text) is not known here: say local-cluster[executors,cores,MiB], as in local-cluster[2,1,1024]"
            )
        }
        (self.executors, self.cores, self.memoryMiB) = (numbers[0], numbers[1], numbers[2])
    }
}
