internal import EngineCore
internal import EngineLink
internal import Glibc
internal import HadoopWire
internal import Staging
internal import Synchronization

/// Executors as processes of this machine: the master `local-cluster[n,c,m]`, for tests and for trying out what a cluster does.
final class LocalCluster: ExecutorSource {
    private struct State {
        var processes: [ExecutorID: ChildProcess] = [:]
        var nextExecutor = 1
        var wanted = 0
        var failures = 0
        var isStopped = false
        var invitation: ExecutorInvitation?
        var events: ExecutorEvents?
    }

    /// A program whose executors end at once is not started for ever (`spark.executor.maxNumFailures` has this minimum).
    private static let failuresMinimum = 3

    private let master: LocalClusterMaster
    private let folder: String
    private let state = Mutex(State())

    init(_ master: LocalClusterMaster) throws {
        self.master = master
        var template = Array("\(Self.temporaryFolder)/heddle-cluster-XXXXXX".utf8CString)
        guard let folder = unsafe mkdtemp(&template).map({ unsafe String(cString: $0) }) else {
            throw FileFailure("\(Self.temporaryFolder)/heddle-cluster-XXXXXX", "cannot be made", errno)
        }
        self.folder = folder
    }

    private static var temporaryFolder: String { ExecutorEnvironment.variable("TMPDIR") ?? "/tmp" }

    func start(_ invitation: ExecutorInvitation, _ events: ExecutorEvents) throws {
        var credentials = Credentials()
        credentials.set(invitation.secret.token, alias: ApplicationSecret.kind)
        try FileBytes.write(credentials.bytes, to: self.tokenFile)
        self.state.withLock { state in
            state.invitation = invitation
            state.events = events
        }
        self.fill()
    }

    private var tokenFile: String { "\(self.folder)/container_tokens" }

    func request(_ total: Int) {
        self.state.withLock { $0.wanted = total }
        self.fill()
    }

    func remove(_ executor: ExecutorID) {}

    func stop(failure: String?) {
        let processes = self.state.withLock { state in
            state.isStopped = true
            return Array(state.processes.values)
        }
        for process in processes { process.end() }
        TreeRemoval.remove(self.folder)
    }

    /// Starts as many as are missing.
    private func fill() {
        var failed: (ExecutorID, String)?
        self.state.withLock { state in
            guard !state.isStopped, let invitation = state.invitation else { return }
            let wanted = min(state.wanted, self.master.executors)
            while state.processes.count < wanted {
                let id = ExecutorID(state.nextExecutor)
                state.nextExecutor += 1
                do {
                    state.processes[id] = try self.spawn(id, invitation)
                } catch {
                    failed = (id, "\(error)")
                    return
                }
            }
        }
        if let (id, reason) = failed {
            self.ended(id, .crashed(message: reason))
        }
    }

    private func spawn(_ id: ExecutorID, _ invitation: ExecutorInvitation) throws -> ChildProcess {
        let folder = "\(self.folder)/\(id)"
        guard unsafe mkdir(folder, 0o700) == 0 else { throw FileFailure(folder, "cannot be made", errno) }
        return try ChildProcess(
            program: "/proc/self/exe",
            arguments: CommandLine.arguments,
            environment: [
                ExecutorEnvironment.executorName: "\(id.number)",
                ExecutorEnvironment.coresName: "\(self.master.cores)",
                ExecutorEnvironment.driverName: "\(invitation.host):\(invitation.port)",
                ExecutorEnvironment.hostName: invitation.host,
                ExecutorEnvironment.tokensName: self.tokenFile,
                // A trap is told by its line; a walk over all threads takes seconds in which the driver waits.
                "SWIFT_BACKTRACE": "enable=no",
            ],
            folder: folder
        ) { [weak self] end in
            let lastWords = ErrorTail.text(of: "\(folder)/stderr")
            self?.ended(id, ExecutorEnd.cause(end.text, isOrderly: end == .exited(0), lastWords: lastWords))
        }
    }

    private func ended(_ id: ExecutorID, _ cause: ExecutorLossCause) {
        let (events, givesUp) = self.state.withLock { state in
            state.processes[id] = nil
            // A task that ends its executor is charged for it; this is about executors that cannot start or stay.
            if case .crashed = cause { state.failures += 1 }
            let limit = max(Self.failuresMinimum, 2 * self.master.executors)
            if state.failures >= limit { state.wanted = 0 }
            return (state.isStopped ? nil : state.events, state.failures == limit)
        }
        events?.lost(id, cause)
        if givesUp { events?.gaveUp("executors ended too often, the last one so: \(cause.message)") }
        self.fill()
    }
}

/// The end of what a process wrote to its standard error.
enum ErrorTail {
    private static let bytesMaximum = 4096

    static func text(of file: String) -> String {
        let bytes = (try? FileBytes.all(of: file)) ?? []
        return String(decoding: bytes.suffix(Self.bytesMaximum), as: UTF8.self)
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
