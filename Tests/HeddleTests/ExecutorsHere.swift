import ApplicationMaster
import Dispatch
import EngineCore
import EngineLink
import HadoopWire
import Logging
import Synchronization
import TestSupport

@testable import Heddle

/// Executors of a driver that take their orders over its ports, as in a cluster, and live in the test's own process, where the
/// test can look into them.
final class ExecutorsHere: ExecutorSource {
    private struct State {
        var invitation: ExecutorInvitation?
        var events: ExecutorEvents?
        var executors: [Int: Seat] = [:]
    }

    struct Seat: Sendable {
        var executor: RemoteExecutor
        var server: BlockServer
    }

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private let secret = ShuffleServiceHere.secret
    private let folder: Folder
    private let state = Mutex(State())

    init(_ folder: Folder) { self.folder = folder }

    /// An application on such executors.
    /// - Parameter line: what stands between them and the driver's server of blocks.
    func context(
        _ properties: [String: String] = [:],
        line: (@Sendable (Int) throws -> Relay)? = nil
    ) throws -> HeddleContext {
        let properties = EngineProperties(properties)
        let backend = RemoteBackend(cluster: self, secret: self.secret) { try line?($0).port ?? $0 }
        var start = ApplicationStart(
            parallelism: 2,
            backend: backend,
            application: EventLog.Application(id: "test", name: "test", user: "test", properties: properties.values)
        ) { driver, _ in
            try backend.start(driver, host: "127.0.0.1", pages: nil, logger: Self.logger)
            driver.tell(.driverStarted)
        }
        try start.settings.apply(properties, hasProcesses: true)
        return try HeddleContext(start)
    }

    /// Starts one.
    /// - Parameters:
    ///   - service: the node's, where it has one.
    ///   - line: what stands between its server of blocks and the others.
    func add(
        _ number: Int,
        cores: Int = 1,
        host: String = "127.0.0.1",
        properties: [String: String] = [:],
        service: ShuffleServiceHere? = nil,
        line: ((Int) throws -> Relay)? = nil
    ) throws {
        guard let invitation = self.state.withLock({ $0.invitation }) else { return }
        var credentials = Credentials()
        credentials.set(invitation.secret.token, alias: ApplicationSecret.kind)
        let tokens = try self.folder.write("tokens-\(number)", credentials.bytes)
        var properties = EngineProperties(properties)
        properties[.localFolders] = self.folder.path
        var variables = [
            ExecutorEnvironment.executorName: "\(number)", ExecutorEnvironment.coresName: "\(cores)",
            ExecutorEnvironment.driverName: "\(invitation.host):\(invitation.port)",
            ExecutorEnvironment.hostName: host, ExecutorEnvironment.tokensName: tokens,
            EngineProperties.variable: properties.text,
        ]
        variables.merge(service?.variables ?? [:]) { $1 }
        guard let environment = try ExecutorEnvironment({ [variables] in variables[$0] }) else { return }
        let executor = RemoteExecutor(environment, logger: Self.logger) { [weak self] _ in
            // A process would be gone now; here its ports have to be closed, which takes the loop that calls.
            EngineWork.queue.async { [weak self] in self?.lose(number) }
        }
        let server = try executor.start(logger: Self.logger) { port in try line?(port).port ?? port }
        self.state.withLock { $0.executors[number] = Seat(executor: executor, server: server) }
    }

    subscript(number: Int) -> Executor? { self.state.withLock { $0.executors[number]?.executor.executor } }

    /// Nobody can fetch anything from it any more, which the driver does not know.
    func silence(_ number: Int) { self.state.withLock { $0.executors[number]?.server }?.stop() }

    /// It is gone, and the driver knows.
    func lose(_ number: Int) {
        let (seat, events) = self.state.withLock { ($0.executors.removeValue(forKey: number), $0.events) }
        guard let seat else { return }
        seat.server.stop()
        events?.lost(ExecutorID(number), .ended(message: "lost by the test"))
    }

    // MARK: - ExecutorSource

    func start(_ invitation: ExecutorInvitation, _ events: ExecutorEvents) throws {
        self.state.withLock { state in
            state.invitation = invitation
            state.events = events
        }
    }

    func request(_ total: Int) {}

    func remove(_ executor: ExecutorID) {}

    func stop(failure: String?) {
        let seats = self.state.withLock { state in
            defer { state.executors = [:] }
            return Array(state.executors.values)
        }
        for seat in seats { seat.server.stop() }
    }
}
