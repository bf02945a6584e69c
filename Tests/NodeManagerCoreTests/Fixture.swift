import ClusterModel
import NodeManagerCore
import Testing

/// A core with a hand-driven clock, already registered unless asked otherwise.
struct Fixture {
    var core: NodeManagerCore
    var effects = Effects()
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    private var lastRequest: UInt64 = 0

    static let node = NodeID(host: "127.0.0.2", port: 45_454)
    static let application = ApplicationID(clusterTimestamp: 1_699_999_999_000, number: 3)
    static let attempt = ApplicationAttemptID(application: Self.application, number: 1)
    static let resourceManager: Int64 = 1_699_999_999_000

    init(isRegistered: Bool = true, change: (inout NodeManagerSettings) -> Void = { _ in }) {
        var settings = NodeManagerSettings(
            capability: ResourceVector(memoryMiB: 8_192, vcores: 8),
            localDirectories: ["/local"],
            logDirectories: ["/logs"]
        )
        change(&settings)
        self.core = NodeManagerCore(
            settings: settings,
            node: NodeIdentity(id: Self.node, httpPort: 8_042, startedAt: self.now)
        )
        guard isRegistered else { return }
        self.step(.started)
        self.step(
            .registrationAnswered(
                RegistrationAnswer(action: .normal, resourceManagerIdentifier: Self.resourceManager)
            )
        )
        self.answerHeartbeat()
    }

    /// Applies one input; `effects` then holds only what it caused.
    mutating func step(_ input: Input) {
        self.effects.removeAll()
        self.core.step(input, at: self.now, into: &self.effects)
    }

    /// Lets time pass, in one step.
    mutating func wait(milliseconds: Int64) {
        self.now = self.now.adding(milliseconds: milliseconds)
        self.step(.timePassed)
    }

    mutating func answerHeartbeat(_ change: (inout HeartbeatAnswer) -> Void = { _ in }) {
        var answer = HeartbeatAnswer(responseID: 1)
        change(&answer)
        self.step(.heartbeatAnswered(answer))
    }

    mutating func start(
        _ starts: [ContainerStart],
        caller: ApplicationAttemptID = Self.attempt
    ) -> (succeeded: [ContainerID], failed: [FailedContainer]) {
        self.lastRequest += 1
        self.step(.startRequested(RequestID(self.lastRequest), starts, caller: caller))
        guard case .started(let succeeded, let failed) = self.effects.replies.first?.reply else {
            Issue.record("startContainers was answered with \(self.effects.replies)")
            return ([], [])
        }
        return (succeeded, failed)
    }

    /// A container that runs as process 4711.
    mutating func running(_ start: ContainerStart) {
        _ = self.start([start])
        self.step(.containerLaunched(start.grant.container, process: 4_711))
    }

    static func container(_ number: Int64) -> ContainerID {
        ContainerID(attempt: Self.attempt, epoch: 0, sequence: number)
    }

    static func containerStart(
        _ number: Int64,
        commands: [String] = ["true"],
        environment: [EnvironmentVariable] = [],
        resources: [NamedResource] = [],
        change: (inout ContainerGrant) -> Void = { _ in }
    ) -> ContainerStart {
        var grant = ContainerGrant(
            container: Self.container(number),
            nodeAddress: Self.node.description,
            user: "alice",
            resource: ResourceVector(memoryMiB: 1_024, vcores: 1),
            expiresAt: Timestamp(milliseconds: 1_700_000_600_000),
            resourceManagerIdentifier: Self.resourceManager
        )
        change(&grant)
        return ContainerStart(
            grant: grant,
            context: LaunchContext(commands: commands, environment: environment, localResources: resources)
        )
    }

    static func resource(
        _ path: String,
        _ visibility: LocalResource.Visibility = .private,
        name: String? = nil
    ) -> NamedResource {
        NamedResource(
            name: name ?? String(path.split(separator: "/").last ?? "x"),
            resource: LocalResource(
                source: ResourceSource(scheme: "file", path: path),
                size: 10,
                timestamp: 5,
                kind: .file,
                visibility: visibility
            )
        )
    }

    var actions: [Action] { self.effects.actions }

    var launches: [LaunchOrder] {
        self.effects.actions.compactMap { if case .launch(let order) = $0 { order } else { nil } }
    }

    var downloads: [LocalizationOrder] {
        self.effects.actions.compactMap { if case .localize(let order) = $0 { order } else { nil } }
    }

    /// Sources that are asked what they hold.
    var identifications: [LocalizationOrder] {
        self.effects.actions.compactMap { if case .identify(let order) = $0 { order } else { nil } }
    }

    var deleted: [String] {
        self.effects.actions.flatMap { if case .delete(let paths) = $0 { paths } else { [String]() } }
    }

    var heartbeats: [HeartbeatReport] {
        self.effects.actions.compactMap { if case .heartbeat(let report) = $0 { report } else { nil } }
    }

    /// What the next heartbeat would say of a container.
    func status(_ number: Int64) -> ContainerStatus? {
        self.core.heartbeatReport.containers.first { $0.container == Self.container(number) }
    }
}
