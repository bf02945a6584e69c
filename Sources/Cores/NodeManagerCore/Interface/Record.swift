package import ClusterModel

/// What outlives the NodeManager; stored before anybody hears of the step that made it.
package enum Record: Sendable, Equatable {
    /// A container was accepted; `request` is the client's own entry of startContainers.
    case containerAccepted(ContainerID, request: OpaqueBytes, directories: ContainerDirectories, at: Timestamp)
    /// Why it is being stopped; its exit status when it ends.
    case containerStopping(ContainerID, StopReason)
    case containerCompleted(ContainerID, ContainerStatus)
    case containerRemoved(ContainerID)
    /// It is here; or it was, and was used since.
    case resourceLocalized(CachedResource)
    case resourceRemoved(ResourceTicket)
    case resourceManagerIdentified(Int64)
    /// What is known of an application's logs; replaces the earlier one.
    case applicationLogs(ApplicationID, ApplicationLogsRecord)
    case applicationLogsRemoved(ApplicationID)
    /// The shuffle service knows an application by it, whose files are `user`'s; replaces the earlier one.
    case shuffleSecret(ShuffleSecret, user: String)
    case shuffleSecretRemoved(ApplicationID)
}

/// Where a container's files are; decided once, when it is accepted.
package struct ContainerDirectories: Sendable, Equatable {
    package var work: String
    package var log: String
    /// The NodeManager's and supervisor's own files.
    package var `private`: String

    package init(work: String, log: String, private: String) {
        self.work = work
        self.log = log
        self.`private` = `private`
    }
}

/// Why a container is ended from outside: its exit status and the text that says who asked.
package struct StopReason: Sendable, Equatable {
    package var exitStatus: ContainerExitStatus
    package var text: String

    package init(exitStatus: ContainerExitStatus, text: String) {
        self.exitStatus = exitStatus
        self.text = text
    }
}

/// A file or unpacked archive of the cache.
package struct CachedResource: Sendable, Equatable {
    package var ticket: ResourceTicket
    package var key: ResourceKey
    /// The folder made for it; deleted as a whole.
    package var directory: String
    package var path: String
    package var sizeBytes: Int64
    /// What it holds, where its source said so.
    package var content: ContentHash?
    /// The resource that holds the same bytes and has the folder; nil: this one has.
    package var sharedWith: ResourceTicket?
    /// When it was last used, as far as that was stored; nil: nobody knows.
    package var lastUse: Timestamp?

    package init(
        ticket: ResourceTicket,
        key: ResourceKey,
        directory: String,
        path: String,
        sizeBytes: Int64,
        content: ContentHash? = nil,
        sharedWith: ResourceTicket? = nil,
        lastUse: Timestamp? = nil
    ) {
        self.ticket = ticket
        self.key = key
        self.directory = directory
        self.path = path
        self.sizeBytes = sizeBytes
        self.content = content
        self.sharedWith = sharedWith
        self.lastUse = lastUse
    }
}

/// Two requests with the same key share one copy. The size is not part of it (Hadoop's rule).
package struct ResourceKey: Hashable, Sendable {
    package var source: ResourceSource
    package var timestamp: Int64
    package var kind: LocalResource.Kind
    package var pattern: String
    package var owner: Owner

    /// Who shares the copy.
    package enum Owner: Hashable, Sendable {
        case everybody
        case user(String)
        case application(ApplicationID, user: String)
    }

    package init(source: ResourceSource, timestamp: Int64, kind: LocalResource.Kind, pattern: String, owner: Owner) {
        self.source = source
        self.timestamp = timestamp
        self.kind = kind
        self.pattern = pattern
        self.owner = owner
    }
}

/// What a NodeManager finds of its predecessor.
package struct RecoveredState: Sendable, Equatable {
    /// Containers that may still run or whose end was not acknowledged; empty without recovery.
    package var containers: [RecoveredContainer] = []
    package var resources: [CachedResource] = []
    package var resourceManagerIdentifier: Int64?
    /// Of applications whose logs are to be aggregated, in the order of their ids.
    package var applicationLogs: [RecoveredLogs] = []
    /// Of applications that had not ended, in the order of their ids.
    package var shuffleSecrets: [RecoveredShuffleSecret] = []
    /// Log folders of applications, with the time of their last change.
    package var logs: [LeftoverLogs] = []

    package init() {}
}

package struct RecoveredContainer: Sendable, Equatable {
    package var start: ContainerStart
    package var directories: ContainerDirectories
    package var acceptedAt: Timestamp
    package var stopping: StopReason?
    package var completed: ContainerStatus?
    /// A supervisor was started for it; else it never got that far and is launched anew.
    package var wasLaunched: Bool

    package init(
        start: ContainerStart,
        directories: ContainerDirectories,
        acceptedAt: Timestamp,
        stopping: StopReason? = nil,
        completed: ContainerStatus? = nil,
        wasLaunched: Bool
    ) {
        self.start = start
        self.directories = directories
        self.acceptedAt = acceptedAt
        self.stopping = stopping
        self.completed = completed
        self.wasLaunched = wasLaunched
    }
}

package struct RecoveredLogs: Sendable, Equatable {
    package var application: ApplicationID
    package var record: ApplicationLogsRecord

    package init(_ application: ApplicationID, _ record: ApplicationLogsRecord) {
        self.application = application
        self.record = record
    }
}

package struct RecoveredShuffleSecret: Sendable, Equatable {
    package var secret: ShuffleSecret
    package var user: String

    package init(_ secret: ShuffleSecret, user: String) {
        self.secret = secret
        self.user = user
    }
}

package struct LeftoverLogs: Sendable, Equatable {
    package var application: ApplicationID
    package var lastChange: Timestamp

    package init(application: ApplicationID, lastChange: Timestamp) {
        self.application = application
        self.lastChange = lastChange
    }
}
