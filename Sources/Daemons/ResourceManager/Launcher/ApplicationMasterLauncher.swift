import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import Logging
import ModelConversion
import ResourceManagerCore
import Settings
import Synchronization

/// Starts and stops the containers of ApplicationMasters on their nodes, and tells the core how a start went.
///
/// A node that cannot be reached, or says that it is not ready, is asked again until the configured patience has passed or
/// the attempt is over; any other refusal fails the attempt at once.
final class ApplicationMasterLauncher: Sendable {
    private let client: RPCClient
    private let signer: TokenSigner
    private let snapshot: ClusterSnapshot
    private let logger: Logger
    private let state = Mutex(State())

    private let patience: NodePatience

    /// Pauses double from here up to the configured one, since a node that has just started is ready in a moment.
    private static let firstPause = Duration.milliseconds(100)
    private static let callTimeout = Duration.seconds(60)

    private struct State {
        var tasks: [ApplicationAttemptID: (number: UInt64, task: Task<Void, Never>)] = [:]
        var lastNumber: UInt64 = 0
        var isStopped = false
    }

    /// What became of a launch.
    typealias Outcome = @Sendable (ApplicationAttemptID, _ failure: String?) -> Void

    init(
        client: RPCClient,
        signer: TokenSigner,
        snapshot: ClusterSnapshot,
        patience: NodePatience,
        logger: Logger
    ) {
        self.patience = patience
        self.client = client
        self.signer = signer
        self.snapshot = snapshot
        self.logger = logger
    }

    /// Starts the container; `outcome` is called once, with nil for success.
    func launch(_ launch: ResourceManagerCore.MasterLaunch, outcome: @escaping Outcome) {
        self.run(for: launch.attempt) {
            do {
                try await self.start(launch)
                self.logger.info("Launched the ApplicationMaster of \(launch.attempt) on \(launch.container.node)")
                outcome(launch.attempt, nil)
            } catch is CancellationError {
                // The ResourceManager is stopping; the next one finds the attempt as it was stored.
            } catch {
                self.logger.warning("Launching the ApplicationMaster of \(launch.attempt) failed: \(error)")
                outcome(launch.attempt, "Error launching \(launch.attempt). Got exception: \(error)")
            }
        }
    }

    /// Stops the container, once and without caring how it goes: the node's next heartbeat is told the same.
    func stop(_ attempt: ApplicationAttemptID, container: ContainerID, node: NodeID) {
        self.run(for: attempt) {
            guard let view = self.snapshot.application(attempt.application),
                let keyID = self.snapshot.keyRing(.node)?.current.id
            else { return }
            do {
                let token = try self.signer.nodeToken(for: attempt, user: view.user, node: node, keyID: keyID)
                var request = StopContainersRequestProto()
                request.containerID = [container.proto]
                _ = try await self.client.call(
                    "stopContainers",
                    request,
                    returning: StopContainersResponseProto.self,
                    on: Self.target(node, attempt, token),
                    timeout: Self.callTimeout
                )
            } catch {
                self.logger.debug("Stopping \(container) on \(node) failed: \(error)")
            }
        }
    }

    /// Ends all calls; what they were for is found again from the store.
    func shutdown() async {
        let tasks = self.state.withLock { state in
            state.isStopped = true
            return state.tasks.values.map(\.task)
        }
        for task in tasks {
            task.cancel()
        }
        for task in tasks {
            await task.value
        }
    }

    /// One task at a time for each attempt: a stop does not overtake the start.
    private func run(for attempt: ApplicationAttemptID, _ body: @escaping @Sendable () async -> Void) {
        self.state.withLock { state in
            guard !state.isStopped else { return }
            let earlier = state.tasks[attempt]?.task
            state.lastNumber += 1
            let number = state.lastNumber
            let task = Task {
                await earlier?.value
                await body()
                self.state.withLock { state in
                    if state.tasks[attempt]?.number == number {
                        state.tasks[attempt] = nil
                    }
                }
            }
            state.tasks[attempt] = (number, task)
        }
    }

    private func start(_ launch: ResourceManagerCore.MasterLaunch) async throws {
        let wishes = LogAggregationWishes.read(launch.context)
        let request = try LaunchRequest.request(
            for: launch,
            masterToken: self.signer.masterToken(for: launch.attempt, keyID: launch.masterTokenKeyID),
            containerToken: self.signer.containerToken(
                for: launch.container,
                user: launch.user,
                isMaster: true,
                logAggregation: wishes
            )
        )
        let node = launch.container.node
        let token = try self.signer.nodeToken(
            for: launch.attempt,
            user: launch.user,
            node: node,
            keyID: launch.nodeTokenKeyID
        )
        let response = try await self.retrying(launch.attempt) {
            try await self.client.call(
                "startContainers",
                request,
                returning: StartContainersResponseProto.self,
                on: Self.target(node, launch.attempt, token),
                timeout: Self.callTimeout
            )
        }
        let id = launch.container.id.proto
        if let failed = response.failedRequests.first(where: { $0.containerID == id }) {
            throw LaunchRequest.Unusable(
                description: "\(failed.exception.className): \(failed.exception.message)"
            )
        }
        guard response.succeededRequests.contains(id) else {
            throw LaunchRequest.Unusable(description: "\(node) did not say what became of \(launch.container.id)")
        }
    }

    /// Repeats a call that did not reach the node, or came before the node was ready.
    private func retrying<Response>(
        _ attempt: ApplicationAttemptID,
        _ call: () async throws -> Response
    ) async throws -> Response {
        let giveUp = self.patience.waitMaximum.map { ContinuousClock.now + $0 }
        var pause = min(Self.firstPause, self.patience.retryInterval)
        while true {
            do {
                return try await call()
            } catch let error
                where Self.mayPass(error)
                && giveUp.map({ ContinuousClock.now + pause < $0 }) ?? true
            {
                guard self.snapshot.attempt(attempt)?.state.isFinal == false else { throw error }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, self.patience.retryInterval)
            }
        }
    }

    private static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case let error as RPCConnectionError: error.kind == .notConnected
        case let failure as RPCFailure: failure.exceptionClass.hasSuffix(".NMNotYetReadyException")
        default: false
        }
    }

    private static func target(_ node: NodeID, _ attempt: ApplicationAttemptID, _ token: HadoopToken) -> RPCTarget {
        RPCTarget(
            host: node.host,
            port: Int(node.port),
            protocolName: ProtocolName.containerManagement,
            identity: .token(user: "\(attempt)", token)
        )
    }
}
