import ClusterModel

/// An application as one node knows it: from its first container here until its logs are deleted.
struct Application: Sendable {
    var user: String
    var state: NodeApplicationState
    /// Containers that are not forgotten yet.
    var containers: Set<ContainerID>
    /// When its logs go; set when it has ended.
    var logsDueAt: Timestamp?
    var upload = LogUpload()
    /// What its requests for shuffle files are signed with, as long as it has not ended.
    var shuffleSecret: ShuffleSecret?
}
