internal import ApplicationMaster
internal import ClusterModel
internal import EngineCore
internal import EngineLink
internal import Logging
internal import Synchronization

/// Executors of a driver that runs in its ApplicationMaster's container: cluster mode.
final class ClusterModeExecutors: ExecutorSource {
    private let environment: MasterEnvironment
    private let sizes: EngineSizes
    private let logger: Logger
    private let failure = Mutex<String?>(nil)
    private let master = Mutex<ApplicationMaster?>(nil)

    init(_ environment: MasterEnvironment, _ sizes: EngineSizes, logger: Logger) {
        self.environment = environment
        self.sizes = sizes
        self.logger = logger
    }

    func start(_ invitation: ExecutorInvitation, _ events: ExecutorEvents) throws {
        let master = ApplicationMaster(
            try self.environment.order(invitation, sizes: self.sizes),
            ApplicationMaster.Events(lost: events.lost, gaveUp: events.gaveUp),
            logger: self.logger
        )
        try master.start()
        self.master.withLock { $0 = master }
        // A program may end without having stopped its context.
        ProcessEnd.atExit { code in
            let failure = self.failure.withLock { $0 }
            if code == 0 {
                master.finish(.succeeded)
                // Nobody may be waiting for the end who would do it; after a failure another attempt may need it.
                self.environment.removeStaging()
            } else {
                let text = DriverEnd.diagnostics(exitCode: code, failure: failure, lastWords: ErrorTail.own)
                master.finish(.failed, diagnostics: text)
            }
        }
    }

    func request(_ total: Int) { self.master.withLock { $0 }?.request(total) }

    func remove(_ executor: ExecutorID) { self.master.withLock { $0 }?.remove(executor) }

    /// The application is over when the program is: until then it may make another context, or fail.
    func stop(failure: String?) {
        self.failure.withLock { $0 = failure }
        self.master.withLock { $0 }?.request(0)
    }
}
