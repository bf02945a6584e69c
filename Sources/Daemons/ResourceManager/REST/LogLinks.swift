import AggregatedLogs
import ClusterModel
import ResourceManagerCore

/// Where links to containers' logs lead: to their node, or when they are aggregated to where those are shown, which needs
/// no node.
package struct LogLinks: Sendable {
    /// The address of aggregated logs; nil where logs are not aggregated.
    private let server: (@Sendable () -> String)?

    package init(server: (@Sendable () -> String)? = nil) {
        self.server = server
    }

    /// - Parameters:
    ///   - node: where the container was; nil when nobody knows.
    ///   - nodeHTTPAddress: `host:port` of that node's pages.
    ///   - application: whose container it is.
    func page(
        _ container: ContainerID,
        user: String,
        node: NodeID?,
        nodeHTTPAddress: String,
        of application: ApplicationView?
    ) -> String {
        guard let server, let node, let application, application.hasAggregatedLogs else {
            return Self.nodePage(container, user: user, nodeHTTPAddress: nodeHTTPAddress)
        }
        return AggregatedLogPages.location(
            below: server(),
            node: node.description,
            container: container,
            user: application.user
        )
    }

    static func nodePage(_ container: ContainerID, user: String, nodeHTTPAddress: String) -> String {
        "http://\(nodeHTTPAddress)/node/containerlogs/\(container)/\(user)"
    }
}

extension ApplicationView {
    /// Whether all logs that can be had are where aggregated logs are. A node that still has some sends its own visitors there
    /// once it has not.
    fileprivate var hasAggregatedLogs: Bool {
        self.state.isFinal && [.succeeded, .timeOut].contains(self.logAggregationStatus)
    }
}
