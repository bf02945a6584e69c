internal import ApplicationMaster
internal import ClusterModel
internal import Dispatch
internal import EngineCore
internal import EngineLink
internal import Glibc
internal import HadoopConfig
internal import Logging
internal import Synchronization

/// A program's process that is only the ApplicationMaster of a driver outside of the cluster.
final class MasterProcess: Sendable {
    private let control: ControlClient
    private let master: Mutex<ApplicationMaster?> = Mutex(nil)
    private let isOver = DispatchSemaphore(value: 0)
    private let failure = Mutex<String?>(nil)

    private init(_ control: ControlClient) { self.control = control }

    /// Makes this process an ApplicationMaster if it is meant to be one, and never returns then.
    static func takeOver() throws {
        guard let environment = try MasterEnvironment(.master, ExecutorEnvironment.variable) else { return }
        let logger = try EngineLog.logger("heddle.master", environment.properties)
        let driver = try ExecutorEnvironment.address(ExecutorEnvironment.driverName, ExecutorEnvironment.variable)
        guard let secret = ApplicationSecret(environment.credentials) else {
            let kind = ApplicationSecret.kind
            throw ExecutorEnvironment.Unusable(description: "the container's credentials hold no token of kind \(kind)")
        }
        let attempt = environment.attempt ?? 1
        let pages = ExecutorEnvironment.variable(ExecutorEnvironment.pagesName)
        let invitation = ExecutorInvitation(host: driver.host, port: driver.port, secret: secret, pages: pages)
        let process = MasterProcess(
            ControlClient(
                host: driver.host,
                port: driver.port,
                secret: secret,
                lostAfter: try environment.properties.networkTimeout,
                logger: logger
            )
        )
        let master = ApplicationMaster(
            try environment.order(invitation, sizes: EngineSizes(environment.properties, isCluster: false)),
            ApplicationMaster.Events(
                lost: {
                    process.exchange(MasterExchange(attempt: attempt, lost: [LostExecutor($0, $1)], waits: false))
                },
                gaveUp: { process.exchange(MasterExchange(attempt: attempt, gaveUp: $0, waits: false)) }
            ),
            logger: logger
        )
        try master.start()
        process.master.withLock { $0 = master }
        process.exchange(MasterExchange(attempt: attempt, waits: true))
        process.isOver.wait()
        if let reason = process.failure.withLock({ $0 }) {
            master.finish(.failed, diagnostics: reason)
            StandardError.write(reason)
            exit(1)
        }
        master.finish(.succeeded)
        exit(0)
    }

    private func exchange(_ exchange: MasterExchange) {
        do {
            self.control.send(MasterMethod.exchange, try Portable.encode(exchange)) { result in
                self.answered(result, exchange)
            }
        } catch {
            self.end("\(error)")
        }
    }

    private func answered(_ result: Result<[UInt8], any Error>, _ exchange: MasterExchange) {
        do {
            let orders = try Portable.decode(MasterOrders.self, from: result.get())
            let master = self.master.withLock { $0 }
            if let total = orders.wanted { master?.request(total) }
            for executor in orders.removed { master?.remove(ExecutorID(executor)) }
            if orders.stops { return self.end(orders.failure) }
        } catch {
            return self.end("the driver is gone: \(error)")
        }
        if exchange.waits { self.exchange(MasterExchange(attempt: exchange.attempt, waits: true)) }
    }

    private func end(_ failure: String?) {
        self.failure.withLock { $0 = $0 ?? failure }
        self.isOver.signal()
    }
}
