package import ClusterModel
internal import Dispatch
package import EngineCore
internal import EngineLink
internal import HadoopProtos
package import HadoopWire
package import Logging
internal import ModelConversion
internal import Synchronization

/// Gets executors for a driver: registers with the ResourceManager, asks for as many containers as are wanted, starts an
/// executor in each, and tells of those that end.
package final class ApplicationMaster: Sendable {
    package struct Order: Sendable {
        /// Of the machine that this runs on.
        package var host: String
        package var scheduler: (host: String, port: Int)
        package var credentials: Credentials
        /// Of each executor's container.
        package var capability: ResourceVector
        package var failuresMaximum: Int?
        /// Which attempt of its application this is, from 1.
        package var attempt: Int
        /// Where the application's pages are; empty where it has none.
        package var trackingURL: String
        /// Where they will be when it has ended; empty where nowhere.
        package var historyURL: String
        /// What an executor's container runs.
        package var launch: @Sendable (ExecutorID, _ host: String) -> ContainerLaunch

        package init(
            host: String,
            scheduler: (host: String, port: Int),
            credentials: Credentials,
            capability: ResourceVector,
            failuresMaximum: Int?,
            attempt: Int = 1,
            trackingURL: String = "",
            historyURL: String = "",
            launch: @escaping @Sendable (ExecutorID, _ host: String) -> ContainerLaunch
        ) {
            self.host = host
            self.scheduler = scheduler
            self.credentials = credentials
            self.capability = capability
            self.failuresMaximum = failuresMaximum
            self.attempt = attempt
            self.trackingURL = trackingURL
            self.historyURL = historyURL
            self.launch = launch
        }
    }

    package struct Events: Sendable {
        package var lost: @Sendable (ExecutorID, ExecutorLossCause) -> Void
        package var gaveUp: @Sendable (String) -> Void

        package init(
            lost: @escaping @Sendable (ExecutorID, ExecutorLossCause) -> Void,
            gaveUp: @escaping @Sendable (String) -> Void
        ) {
            self.lost = lost
            self.gaveUp = gaveUp
        }
    }

    private struct State {
        var book: ContainerBook<ContainerID>
        var releases: [ContainerID] = []
        var isFinished = false
        var timer = 0
    }

    private let order: Order
    private let events: Events
    private let logger: Logger
    private let state: Mutex<State>
    private let wishes: AsyncStream<Void>
    private let wish: AsyncStream<Void>.Continuation
    private let isOver = DispatchSemaphore(value: 0)
    private let ending = Mutex<(status: FinalApplicationStatus, diagnostics: String)?>(nil)

    /// How often the ResourceManager is asked while containers are missing, and while none is.
    private static let eagerInterval = DispatchTimeInterval.milliseconds(200)
    private static let calmInterval = DispatchTimeInterval.seconds(1)
    /// How long the ResourceManager may be gone before the application gives up.
    private static let patience = Duration.seconds(600)

    package init(_ order: Order, _ events: Events, logger: Logger) {
        self.order = order
        self.events = events
        self.logger = logger
        self.state = Mutex(State(book: ContainerBook(failuresMaximum: order.failuresMaximum, attempt: order.attempt)))
        (self.wishes, self.wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package struct NoToken: Error, CustomStringConvertible {
        package var description: String {
            "the container's credentials hold no AMRMToken: it is no ApplicationMaster's"
        }
    }

    /// Registers, and works from then on; blocks until the ResourceManager has answered.
    package func start() throws {
        guard let token = self.order.credentials.token(kind: TokenKind.amrm) else { throw NoToken() }
        let link = try EngineThreads.wait {
            var link = SchedulerLink(
                host: self.order.host,
                scheduler: self.order.scheduler,
                token: token,
                capability: self.order.capability,
                logger: self.logger
            )
            try await link.register(trackingURL: self.order.trackingURL)
            return link
        }
        Task(executorPreference: EngineThreads.apart) { await self.work(link) }
        self.wish.yield()
    }

    /// The driver wants so many executors, whatever it wanted before.
    package func request(_ total: Int) { self.apply(.wanted(total)) }

    /// Gives an executor's container back.
    package func remove(_ executor: ExecutorID) { self.apply(.removed(executor)) }

    /// Unregisters the application; blocks until that is stored, and the containers end with it.
    package func finish(_ status: FinalApplicationStatus, diagnostics: String = "") {
        let isFirst = self.state.withLock { state in
            defer { state.isFinished = true }
            return !state.isFinished
        }
        guard isFirst else { return }
        self.ending.withLock { $0 = (status, diagnostics) }
        self.wish.yield()
        self.isOver.wait()
    }

    // MARK: - Work

    private func apply(_ input: ContainerBook<ContainerID>.Input) {
        let actions = self.state.withLock { $0.book.step(input) }
        self.tell(actions)
        self.wish.yield()
    }

    /// Everything but launches, which need what the ResourceManager sent.
    private func tell(_ actions: [ContainerBook<ContainerID>.Action]) {
        for action in actions {
            switch action {
            case .release(let container): self.state.withLock { $0.releases.append(container) }
            case .lost(let executor, let cause): self.events.lost(executor, cause)
            case .gaveUp(let reason): self.events.gaveUp(reason)
            case .launch: break
            }
        }
    }

    private func work(_ link: SchedulerLink) async {
        var link = link
        var nodes = NodeLinks(logger: self.logger)
        var lastAnswer = ContinuousClock.now
        var isAway = false
        for await _ in self.wishes {
            do {
                if let end = self.ending.withLock({ $0 }) {
                    try await link.finish(
                        end.status,
                        diagnostics: end.diagnostics,
                        trackingURL: self.order.historyURL
                    )
                    break
                }
                try await self.exchange(&link, &nodes)
                lastAnswer = .now
            } catch let ended as SchedulerLink.AttemptEnded {
                self.events.gaveUp("the ResourceManager knows this ApplicationMaster no longer: \(ended)")
                break
            } catch {
                // A ResourceManager that is restarted comes back; said once each time, not once a second.
                if !isAway { self.logger.warning("The ResourceManager does not answer, and is asked again: \(error)") }
                isAway = true
                if lastAnswer.duration(to: .now) > Self.patience {
                    self.events.gaveUp("the ResourceManager has not answered for \(Self.patience): \(error)")
                    break
                }
                self.wakeLater()
                continue
            }
            isAway = false
            self.wakeLater()
        }
        await link.close()
        await nodes.close()
        self.isOver.signal()
    }

    private func wakeLater() {
        let (number, isEager) = self.state.withLock { state in
            state.timer += 1
            return (state.timer, state.book.missing > 0)
        }
        EngineThreads.timers.asyncAfter(deadline: .now() + (isEager ? Self.eagerInterval : Self.calmInterval)) {
            if self.state.withLock({ $0.timer == number }) { self.wish.yield() }
        }
    }

    private func exchange(_ link: inout SchedulerLink, _ nodes: inout NodeLinks) async throws {
        let (missing, releases) = self.state.withLock { state in
            defer { state.releases = [] }
            return (state.book.missing, state.releases)
        }
        let answer: AllocateResponseProto
        do {
            answer = try await link.allocate(missing: missing, release: releases)
        } catch {
            self.state.withLock { $0.releases += releases }
            throw error
        }
        nodes.add(answer.nmTokens)
        for status in answer.completedContainerStatuses {
            guard let id = try? ContainerID(validating: status.containerID) else { continue }
            let cause = ContainerEnd.cause(exitStatus: Int(status.exitStatus), diagnostics: status.diagnostics)
            self.tell(self.state.withLock { $0.book.step(.ended(id, cause)) })
        }
        for container in answer.allocatedContainers {
            guard let id = try? ContainerID(validating: container.id) else { continue }
            let actions = self.state.withLock { $0.book.step(.granted(id, host: container.nodeID.host)) }
            self.tell(actions)
            for case .launch(let id, let executor, let host) in actions {
                self.launch(container, id, executor, host, nodes)
            }
        }
    }

    /// Starts an executor without holding up the others.
    private func launch(
        _ container: ContainerProto,
        _ id: ContainerID,
        _ executor: ExecutorID,
        _ host: String,
        _ nodes: NodeLinks
    ) {
        let launch = self.order.launch(executor, host).proto
        Task(executorPreference: EngineThreads.apart) {
            do {
                try await nodes.start(container, launch)
            } catch {
                self.apply(.launchFailed(id, message: "\(error)"))
            }
        }
    }
}
