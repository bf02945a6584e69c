import ClusterModel
import Logging
import ResourceManagerCore

/// Says in the log what became of applications and nodes, from the changes that readers are about to see.
struct ActivityLog: Sendable {
    let logger: Logger

    /// - Parameter snapshot: as it was before the changes.
    func note(_ changes: [ResourceManagerCore.ViewChange], before snapshot: ClusterSnapshot) {
        for change in changes {
            switch change {
            case .application(let view):
                self.note(view, before: snapshot.application(view.id))
            case .node(let view):
                let earlier = snapshot.node(view.id)?.state
                if earlier != view.state {
                    self.logger.info(
                        "Node \(view.id) is \(view.state.name)",
                        metadata: [
                            "capacity": "\(view.capacity)", "rack": "\(view.rack)", "health": "\(view.healthReport)",
                        ]
                    )
                }
            default:
                break
            }
        }
    }

    private func note(_ view: ApplicationView, before earlier: ApplicationView?) {
        guard earlier?.state != view.state else { return }
        guard let earlier else {
            self.logger.info(
                "\(view.id) is \(view.state.name)",
                metadata: ["user": "\(view.user)", "name": "\(view.name)", "queue": "\(view.queuePath)"]
            )
            return
        }
        var metadata: Logger.Metadata = ["from": "\(earlier.state.name)"]
        if view.state.isFinal {
            metadata["finalStatus"] = "\(view.finalStatus.name)"
            metadata["diagnostics"] = "\(view.diagnostics)"
        }
        self.logger.info("\(view.id) is \(view.state.name)", metadata: metadata)
    }
}
