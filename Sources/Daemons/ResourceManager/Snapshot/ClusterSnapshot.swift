package import ClusterModel
package import ResourceManagerCore
import Synchronization

/// What readers see of the cluster: reports, REST, commands. The driver applies the changes of a batch of steps once its
/// records are stored, so that nobody sees what a crash could take back.
///
/// Lookups take a lock for their own length only and hand out values.
package final class ClusterSnapshot: Sendable {
    private let state: Mutex<State>

    /// - Parameter settings: in force until the core publishes its own.
    package init(settings: ResourceManagerSettings = ResourceManagerSettings()) {
        self.state = Mutex(State(settings: settings))
    }

    private struct State: Sendable {
        var applications: [ApplicationID: ApplicationEntry] = [:]
        var nodes: [NodeID: NodeView] = [:]
        var queues: [String: QueueView] = [:]
        var metrics = ClusterMetricsView()
        var keyRings: [MasterKeyKind: KeyRingView] = [:]
        var delegationTokens: [Int32: DelegationToken] = [:]
        var settings: ResourceManagerSettings
    }

    /// An application with what belongs to it, so that its removal takes all of it away.
    private struct ApplicationEntry: Sendable {
        var view: ApplicationView?
        var attempts: [ApplicationAttemptID: AttemptView] = [:]
        var containers: [ContainerID: ContainerView] = [:]
    }

    // MARK: Applications

    package func application(_ id: ApplicationID) -> ApplicationView? {
        self.state.withLock { $0.applications[id]?.view }
    }

    /// Those for which `isIncluded` holds, sorted by id.
    package func applications(where isIncluded: (ApplicationView) -> Bool = { _ in true }) -> [ApplicationView] {
        let views = self.state.withLock { state in
            state.applications.values.compactMap { entry in entry.view.flatMap { isIncluded($0) ? $0 : nil } }
        }
        return views.sorted { $0.id < $1.id }
    }

    package func attempt(_ id: ApplicationAttemptID) -> AttemptView? {
        self.state.withLock { $0.applications[id.application]?.attempts[id] }
    }

    /// Sorted by number; empty for an unknown application.
    package func attempts(of application: ApplicationID) -> [AttemptView] {
        let views = self.state.withLock { $0.applications[application].map { Array($0.attempts.values) } ?? [] }
        return views.sorted { $0.id < $1.id }
    }

    package func container(_ id: ContainerID) -> ContainerView? {
        self.state.withLock { $0.applications[id.application]?.containers[id] }
    }

    /// Containers that the ResourceManager still knows of an attempt, sorted by id.
    package func containers(of attempt: ApplicationAttemptID) -> [ContainerView] {
        let views = self.state.withLock { state in
            state.applications[attempt.application].map { entry in
                entry.containers.values.filter { $0.id.attempt == attempt }
            } ?? []
        }
        return views.sorted { $0.id < $1.id }
    }

    // MARK: Cluster

    package func node(_ id: NodeID) -> NodeView? {
        self.state.withLock { $0.nodes[id] }
    }

    /// Sorted by id.
    package func nodes(where isIncluded: (NodeView) -> Bool = { _ in true }) -> [NodeView] {
        self.state.withLock { $0.nodes.values.filter(isIncluded) }.sorted { $0.id < $1.id }
    }

    /// A queue by its full path, or by the leaf's name that clients use.
    package func queue(_ name: String) -> QueueView? {
        self.state.withLock { state in
            state.queues[name] ?? state.queues.values.filter { $0.name == name }.min { $0.path < $1.path }
        }
    }

    /// Sorted by path, so that a parent stands before its children.
    package var queues: [QueueView] {
        self.state.withLock { Array($0.queues.values) }.sorted { $0.path < $1.path }
    }

    package var metrics: ClusterMetricsView {
        self.state.withLock { $0.metrics }
    }

    package var settings: ResourceManagerSettings {
        self.state.withLock { $0.settings }
    }

    // MARK: Tokens

    package func keyRing(_ kind: MasterKeyKind) -> KeyRingView? {
        self.state.withLock { $0.keyRings[kind] }
    }

    /// True once every kind of token can be signed.
    package var hasAllKeyRings: Bool {
        self.state.withLock { state in MasterKeyKind.allCases.allSatisfy { state.keyRings[$0] != nil } }
    }

    package func delegationToken(sequenceNumber: Int32) -> DelegationToken? {
        self.state.withLock { $0.delegationTokens[sequenceNumber] }
    }

    // MARK: Writing

    /// Applies the changes of a batch at once.
    package func apply(_ changes: [ResourceManagerCore.ViewChange]) {
        guard !changes.isEmpty else { return }
        self.state.withLock { state in
            for change in changes {
                Self.apply(change, to: &state)
            }
        }
    }

    private static func apply(_ change: ResourceManagerCore.ViewChange, to state: inout State) {
        switch change {
        case .application(let view):
            state.applications[view.id, default: ApplicationEntry()].view = view
        case .applicationRemoved(let id):
            state.applications[id] = nil
        case .attempt(let view):
            state.applications[view.id.application, default: ApplicationEntry()].attempts[view.id] = view
        case .container(let view):
            state.applications[view.id.application, default: ApplicationEntry()].containers[view.id] = view
        case .containerRemoved(let id):
            state.applications[id.application]?.containers[id] = nil
        case .node(let view):
            state.nodes[view.id] = view
        case .nodeRemoved(let id):
            state.nodes[id] = nil
        case .queue(let view):
            state.queues[view.path] = view
        case .queueRemoved(let path):
            state.queues[path] = nil
        case .metrics(let view):
            state.metrics = view
        case .keyRing(let ring):
            state.keyRings[ring.kind] = ring
        case .delegationToken(let token):
            state.delegationTokens[token.sequenceNumber] = token
        case .delegationTokenRemoved(let sequenceNumber):
            state.delegationTokens[sequenceNumber] = nil
        case .settings(let settings):
            state.settings = settings
        }
    }
}
