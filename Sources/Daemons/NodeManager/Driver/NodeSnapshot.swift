package import ClusterModel
package import NodeManagerCore
import Synchronization

/// What the NodeManager shows of itself, readable from any thread: REST, pages and commands look here.
package final class NodeSnapshot: Sendable {
    private struct Content {
        var node: NodeView
        var applications: [ApplicationID: NodeApplicationView] = [:]
        var containers: [ContainerID: NodeContainerView] = [:]
    }

    private let content: Mutex<Content>

    package init(node: NodeView) {
        self.content = Mutex(Content(node: node))
    }

    package var node: NodeView { self.content.withLock { $0.node } }

    /// In the order of their ids.
    package var applications: [NodeApplicationView] {
        self.content.withLock { Array($0.applications.values) }.sorted { $0.id < $1.id }
    }

    /// In the order of their ids.
    package var containers: [NodeContainerView] {
        self.content.withLock { Array($0.containers.values) }.sorted { $0.id < $1.id }
    }

    package func application(_ id: ApplicationID) -> NodeApplicationView? {
        self.content.withLock { $0.applications[id] }
    }

    package func container(_ id: ContainerID) -> NodeContainerView? {
        self.content.withLock { $0.containers[id] }
    }

    package func apply(_ changes: [ViewChange]) {
        guard !changes.isEmpty else { return }
        self.content.withLock { content in
            for change in changes {
                switch change {
                case .node(let view): content.node = view
                case .application(let view): content.applications[view.id] = view
                case .applicationRemoved(let id): content.applications[id] = nil
                case .container(let view): content.containers[view.id] = view
                case .containerRemoved(let id): content.containers[id] = nil
                }
            }
        }
    }
}
