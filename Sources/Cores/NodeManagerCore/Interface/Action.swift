package import ClusterModel

/// What one step wants done. The driver stores the records first, then does the rest in the order of the fields.
package struct Effects: Sendable, Equatable {
    package var records: [Record] = []
    package var replies: [PendingReply] = []
    package var actions: [Action] = []
    package var changes: [ViewChange] = []

    package init() {}

    /// Empties all lists and keeps their storage.
    package mutating func removeAll() {
        self.records.removeAll(keepingCapacity: true)
        self.replies.removeAll(keepingCapacity: true)
        self.actions.removeAll(keepingCapacity: true)
        self.changes.removeAll(keepingCapacity: true)
    }
}

/// A reply and the call that it answers.
package struct PendingReply: Sendable, Equatable {
    package var request: RequestID
    package var reply: Reply

    package init(_ request: RequestID, _ reply: Reply) {
        self.request = request
        self.reply = reply
    }
}

package enum Action: Sendable, Equatable {
    /// Answer with `registrationAnswered` or `registrationFailed`.
    case register(RegistrationReport)
    /// Answer with `heartbeatAnswered` or `heartbeatFailed`.
    case heartbeat(HeartbeatReport)
    /// Ask the source for the SHA-256 of its content. Answer with `resourceIdentified`.
    case identify(LocalizationOrder)
    /// Answer with `resourceLocalized` or `resourceFailed`.
    case localize(LocalizationOrder)
    /// Answer with `containerLaunched` or `containerLaunchFailed`, later `containerEnded`.
    case launch(LaunchOrder)
    /// Follow a container that an earlier NodeManager launched; `containerEnded` reports its end, whenever that was.
    case adopt(AdoptionOrder)
    /// To every process of the container.
    case signal(ContainerID, ProcessSignal)
    /// Put logs of an application into the remote folder. Answer with `logsAggregated`.
    case aggregateLogs(LogAggregationOrder)
    /// Delete these log files, unless somebody has written to them since.
    case deleteLogFiles([LogFileVersion])
    /// The shuffle service answers who knows this secret, with files of `user`'s; it replaces the application's earlier one.
    case serveShuffle(ShuffleSecret, user: String)
    /// The shuffle service forgets an application.
    case endShuffle(ApplicationID)
    /// Delete these files and folders; what does not exist is fine.
    case delete([String])
    /// Stop the daemon; the text says why when it was not asked for. All containers that are to end have ended.
    case stop(reason: String?)
    /// Tell the ResourceManager that this node leaves; comes before `stop`.
    case unregister
    /// A line for the daemon's log.
    case note(String)
}

package enum ProcessSignal: Sendable, Equatable {
    case quit
    case terminate
    case kill
}

/// One download: into `directory`, which nobody else uses, as `name` (a file, or the folder of an unpacked archive).
package struct LocalizationOrder: Sendable, Equatable {
    package var ticket: ResourceTicket
    package var resource: LocalResource
    /// Whose rights open the source and who may read the result.
    package var user: String
    /// Those of the container that wants it first.
    package var tokens: [WebHDFSToken]
    /// Folders above `directory` to make first, outermost first.
    package var parents: [DirectoryOrder]
    package var directory: String
    package var name: String
    /// What must come, where the source said so beforehand: it stands for others' content from then on.
    package var content: ContentHash?

    package init(
        ticket: ResourceTicket,
        resource: LocalResource,
        user: String,
        tokens: [WebHDFSToken] = [],
        parents: [DirectoryOrder],
        directory: String,
        name: String
    ) {
        self.ticket = ticket
        self.resource = resource
        self.user = user
        self.tokens = tokens
        self.parents = parents
        self.directory = directory
        self.name = name
    }
}

/// Names one download for its answer; never used twice.
package struct ResourceTicket: Hashable, Sendable, Comparable {
    package var number: Int64

    package init(_ number: Int64) {
        self.number = number
    }

    package static func < (left: ResourceTicket, right: ResourceTicket) -> Bool { left.number < right.number }
}

package struct LocalizedFile: Sendable, Equatable {
    /// Bytes on disk, unpacked.
    package var sizeBytes: Int64

    package init(sizeBytes: Int64) {
        self.sizeBytes = sizeBytes
    }
}

/// All that is needed to start a container: every path, name and value is decided.
package struct LaunchOrder: Sendable, Equatable {
    package var container: ContainerID
    package var user: String
    /// Folders to make first, outermost first.
    package var directories: [DirectoryOrder]
    package var workDirectory: String
    /// Where the NodeManager and the supervisor keep what the container must not see.
    package var privateDirectory: String
    /// The container's own log folder, where stdout and stderr go.
    package var logDirectory: String
    package var links: [ResourceLink]
    package var script: String
    /// Write the script and a listing of the work directory to the log folder.
    package var keepsScript: Bool
    /// Content of `container_tokens`.
    package var tokens: OpaqueBytes
    /// Environment that the script starts with.
    package var environment: [EnvironmentVariable]
    /// The grant, for limits of the operating system.
    package var resource: ResourceVector
}

package struct DirectoryOrder: Sendable, Equatable {
    package var path: String
    package var mode: UInt16
    package var owner: Owner

    package enum Owner: Sendable, Equatable {
        case daemon
        /// The user that the container runs as.
        case user
    }

    package init(_ path: String, mode: UInt16, owner: Owner) {
        self.path = path
        self.mode = mode
        self.owner = owner
    }
}

/// `name` in the work directory points to `target` in the cache.
package struct ResourceLink: Sendable, Equatable {
    package var name: String
    package var target: String

    package init(name: String, target: String) {
        self.name = name
        self.target = target
    }
}

/// A container of an earlier NodeManager.
package struct AdoptionOrder: Sendable, Equatable {
    package var container: ContainerID
    package var privateDirectory: String
    package var logDirectory: String

    package init(container: ContainerID, privateDirectory: String, logDirectory: String) {
        self.container = container
        self.privateDirectory = privateDirectory
        self.logDirectory = logDirectory
    }
}
