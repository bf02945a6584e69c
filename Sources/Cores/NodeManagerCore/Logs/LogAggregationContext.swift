package import ClusterModel

/// LogAggregationContextProto: what an application wants done with its logs. Patterns are Java's regular expressions, which
/// a file's name matches where any part of it does; empty: none.
package struct LogAggregationContext: Sendable, Hashable {
    /// Of an ended container's files: which are aggregated.
    package var includePattern = ""
    package var excludePattern = ""
    /// Of a running container's files: which are complete, so that they can be aggregated already. Empty: nothing before
    /// the end.
    package var rolledIncludePattern = ""
    package var rolledExcludePattern = ""
    /// Nil: the cluster's own.
    package var policyClass: String?
    package var policyParameters: String?

    package init() {}
}

/// One version of a container's log file on this node's disk. It is known again after it was uploaded as long as nobody
/// wrote to it.
package struct LogFileVersion: Sendable, Hashable {
    package var container: ContainerID
    package var name: String
    package var sizeBytes: Int64
    /// Milliseconds since the epoch.
    package var modified: Int64

    package init(container: ContainerID, name: String, sizeBytes: Int64, modified: Int64) {
        self.container = container
        self.name = name
        self.sizeBytes = sizeBytes
        self.modified = modified
    }
}

/// One upload: logs of an application on this node, into one file of the remote log folder.
package struct LogAggregationOrder: Sendable, Equatable {
    package var application: ApplicationID
    package var user: String
    /// What file systems are shown instead of the user's name.
    package var tokens: [WebHDFSToken]
    package var accessLists: [ApplicationAccessList]
    package var context: LogAggregationContext
    /// Containers whose logs are not wanted.
    package var skipped: Set<ContainerID>
    /// Containers that still write: only their rolled files are taken. Nil: the application has ended.
    package var running: Set<ContainerID>?
    /// What earlier uploads took and what could not be deleted since.
    package var uploaded: [LogFileVersion]
    /// Part of the file's name where logs are rolled; nil: the node has one file.
    package var stamp: Timestamp?

    package init(
        application: ApplicationID,
        user: String,
        tokens: [WebHDFSToken] = [],
        accessLists: [ApplicationAccessList] = [],
        context: LogAggregationContext = LogAggregationContext(),
        skipped: Set<ContainerID> = [],
        running: Set<ContainerID>? = nil,
        uploaded: [LogFileVersion] = [],
        stamp: Timestamp? = nil
    ) {
        self.application = application
        self.user = user
        self.tokens = tokens
        self.accessLists = accessLists
        self.context = context
        self.skipped = skipped
        self.running = running
        self.uploaded = uploaded
        self.stamp = stamp
    }
}

/// What became of an upload.
package struct LogAggregationOutcome: Sendable, Equatable {
    /// Why nothing new is in the remote folder; nil: all is.
    package var problem: String?
    /// What was not done as it was asked, such as a pattern that is not understood.
    package var remark: String
    /// The files of this upload, and those of earlier ones that are still on the disk.
    package var uploaded: [LogFileVersion]

    package init(problem: String? = nil, remark: String = "", uploaded: [LogFileVersion] = []) {
        self.problem = problem
        self.remark = remark
        self.uploaded = uploaded
    }
}

/// What is stored of an application for the sake of its logs.
package struct ApplicationLogsRecord: Sendable, Equatable {
    package enum Phase: String, Sendable {
        case live
        /// Its last upload is due or under way.
        case ended
        /// All is in the remote folder; the local files go.
        case uploaded
    }

    package var user: String
    /// What file systems are shown instead of the user's name.
    package var tokens: [WebHDFSToken]
    package var accessLists: [ApplicationAccessList]
    package var context: LogAggregationContext
    package var phase: Phase
    package var skipped: [ContainerID]
    package var uploaded: [LogFileVersion]
    /// Of the upload under way; one that is repeated has the same, and takes its place.
    package var stamp: Timestamp?

    package init(
        user: String,
        tokens: [WebHDFSToken] = [],
        accessLists: [ApplicationAccessList] = [],
        context: LogAggregationContext = LogAggregationContext(),
        phase: Phase = .live,
        skipped: [ContainerID] = [],
        uploaded: [LogFileVersion] = [],
        stamp: Timestamp? = nil
    ) {
        self.user = user
        self.tokens = tokens
        self.accessLists = accessLists
        self.context = context
        self.phase = phase
        self.skipped = skipped
        self.uploaded = uploaded
        self.stamp = stamp
    }
}
