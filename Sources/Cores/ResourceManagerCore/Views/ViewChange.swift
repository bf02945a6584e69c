package import ClusterModel

extension ResourceManagerCore {
    /// One thing that readers (reports, REST, commands) see differently now.
    package enum ViewChange: Sendable, Hashable {
        case application(ApplicationView)
        /// The application, its attempts and their containers are forgotten.
        case applicationRemoved(ApplicationID)
        case attempt(AttemptView)
        case container(ContainerView)
        case containerRemoved(ContainerID)
        case node(NodeView)
        case nodeRemoved(NodeID)
        case queue(QueueView)
        /// By path.
        case queueRemoved(String)
        case metrics(ClusterMetricsView)
        case keyRing(KeyRingView)
        case delegationToken(DelegationToken)
        case delegationTokenRemoved(sequenceNumber: Int32)
        case settings(ResourceManagerSettings)
    }
}
