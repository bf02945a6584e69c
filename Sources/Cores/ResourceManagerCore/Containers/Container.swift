import ClusterModel

extension ResourceManagerCore {
    /// A container as the ResourceManager knows it; where it stands in the scheduler's books is the scheduler's affair.
    struct Container: Sendable {
        var view: ContainerView
        var expiresAt: Timestamp

        var isLive: Bool { self.view.state != .complete }
    }
}
