import ClusterModel

/// A container and all that is kept of it until its end was acknowledged.
struct Container: Sendable {
    let start: ContainerStart
    var directories: ContainerDirectories
    let acceptedAt: Timestamp
    var lifecycle: ContainerLifecycle
    var diagnostics: Diagnostics
    /// Keys that it holds references on, in the order of its context; empty once released.
    var resources: [ResourceKey]
    /// Cached files were missing once already; a second time it fails.
    var wasRelocalized = false
    /// The last look at its processes.
    var usage: ContainerUsage?
    /// Largest resident memory seen, bytes.
    var peakResidentBytes: Int64 = 0
    /// Sent while there was no process yet; delivered when there is.
    var waitingSignals: [ProcessSignal] = []
    /// The last signal that somebody had sent to it, and who.
    var lastSignal: String?
    /// How far the news of its end has come.
    var endReport = EndReport.untold

    var id: ContainerID { self.start.grant.container }
    var user: String { self.start.grant.user }

    var status: ContainerStatus {
        let grant = self.start.grant
        return ContainerStatus(
            container: grant.container,
            state: self.lifecycle.isCompleted ? .complete : .running,
            diagnostics: self.diagnostics.text,
            exitStatus: self.lifecycle.exitStatus,
            resource: grant.resource,
            executionType: grant.executionType,
            isStarting: self.lifecycle.viewState == .localizing || self.lifecycle.viewState == .scheduled
        )
    }

    var view: NodeContainerView {
        NodeContainerView(
            id: self.id,
            user: self.user,
            state: self.lifecycle.viewState,
            exitStatus: self.lifecycle.exitStatus,
            diagnostics: self.diagnostics.text,
            resource: self.start.grant.resource,
            executionType: self.start.grant.executionType,
            isApplicationMaster: self.start.grant.isApplicationMaster
        )
    }
}

/// How far the ResourceManager knows of a container's end: its room is taken there until it does.
enum EndReport: Sendable, Equatable {
    case untold
    /// In the heartbeat that is in flight.
    case underway
    /// In a heartbeat that was answered.
    case told
}
