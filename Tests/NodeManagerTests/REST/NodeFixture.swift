import ClusterModel
import NodeManagerCore

/// A node with one log folder, and containers on it.
enum NodeFixture {
    static func node(logDirectory: String) -> NodeView {
        NodeManagerCore(
            settings: NodeManagerSettings(
                capability: ResourceVector(memoryMiB: 16_384, vcores: 16),
                localDirectories: [logDirectory],
                logDirectories: [logDirectory]
            ),
            node: NodeIdentity(
                id: NodeID(host: "localhost", port: 45_454),
                httpPort: 8_042,
                startedAt: Timestamp(milliseconds: 1_795_444_561_662)
            )
        )
        .view
    }

    static func view(_ container: ContainerID) -> NodeContainerView {
        NodeContainerView(
            id: container,
            user: "root",
            state: .running,
            exitStatus: .invalid,
            diagnostics: "",
            resource: ResourceVector(memoryMiB: 1_024, vcores: 1),
            executionType: .guaranteed,
            isApplicationMaster: container.sequence == 1
        )
    }
}
