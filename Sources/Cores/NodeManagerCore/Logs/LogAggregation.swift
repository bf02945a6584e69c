package import ClusterModel
import OrderedCollections

/// One upload: the logs of an ended application on this node, into one file of the remote log folder.
package struct LogAggregationOrder: Sendable, Equatable {
    package var application: ApplicationID
    package var user: String
    package var accessLists: [ApplicationAccessList]

    package init(application: ApplicationID, user: String, accessLists: [ApplicationAccessList]) {
        self.application = application
        self.user = user
        self.accessLists = accessLists
    }
}

/// Who may see or change an application besides its owner (ApplicationACLMapProto).
package struct ApplicationAccessList: Sendable, Equatable {
    /// VIEW_APP or MODIFY_APP.
    package var name: String
    /// Users and groups, as Hadoop writes lists.
    package var list: String

    package init(name: String, list: String) {
        self.name = name
        self.list = list
    }
}

/// LogAggregationReportProto: what the ResourceManager hears of an upload.
package struct LogAggregationNews: Sendable, Equatable {
    package var application: ApplicationID
    package var status: LogAggregationStatus
    package var diagnostics: String
}

/// How far the logs of one application are.
struct LogUpload: Sendable {
    enum State: Sendable, Equatable {
        /// Nothing is to be uploaded, or all is.
        case none
        /// The attempt with this number runs, from 1 on.
        case running(Int)
        /// The attempt with this number failed; the next one begins at this time.
        case waiting(Int, until: Timestamp)
    }

    var state = State.none
    var accessLists: [ApplicationAccessList] = []

    /// A file system that does not answer for this many attempts keeps nothing back.
    static let attemptsMaximum = 4
    /// Milliseconds before the second attempt; each further pause is four times as long.
    static let firstPause: Int64 = 10_000

    static func pause(after attempt: Int) -> Int64 { Self.firstPause << Int64(2 * (attempt - 1)) }

    var retryAt: Timestamp? {
        guard case .waiting(_, let time) = self.state else { return nil }
        return time
    }
}

// Logs go to the remote folder when their application has ended here.
extension NodeManagerCore {
    /// Uploads, or gives the logs their time when nothing is to be uploaded.
    mutating func beginLogs(_ id: ApplicationID, at now: Timestamp, into effects: inout Effects) {
        guard self.settings.aggregatesLogs else {
            self.keepLogs(id, at: now)
            return
        }
        self.uploadLogs(id, attempt: 1, into: &effects)
        self.report(id, .running, "")
    }

    private mutating func keepLogs(_ id: ApplicationID, at now: Timestamp) {
        self.applications[id]?.logsDueAt = now.adding(milliseconds: self.settings.logRetention.wholeMilliseconds)
    }

    private mutating func uploadLogs(_ id: ApplicationID, attempt: Int, into effects: inout Effects) {
        guard let application = self.applications[id] else { return }
        self.applications[id]?.upload.state = .running(attempt)
        effects.actions.append(
            .aggregateLogs(
                LogAggregationOrder(
                    application: id,
                    user: application.user,
                    accessLists: application.upload.accessLists
                )
            )
        )
    }

    /// Local logs go only when the remote file is in place; after the last failure they stay for their time.
    mutating func logsAggregated(
        _ id: ApplicationID,
        problem: String?,
        at now: Timestamp,
        into effects: inout Effects
    ) {
        guard case .running(let attempt) = self.applications[id]?.upload.state else { return }
        guard let problem else {
            self.applications[id]?.upload.state = .none
            effects.actions.append(.delete(self.settings.logDirectories.map { "\($0)/\(id)" }))
            self.report(id, .succeeded, "")
            self.removeIfNothingIsLeft(id, into: &effects)
            return
        }
        effects.actions.append(.note("The logs of \(id) were not aggregated (attempt \(attempt)): \(problem)"))
        if attempt < LogUpload.attemptsMaximum {
            let time = now.adding(milliseconds: LogUpload.pause(after: attempt))
            self.applications[id]?.upload.state = .waiting(attempt, until: time)
            self.report(id, .runningWithFailure, problem)
        } else {
            self.applications[id]?.upload.state = .none
            self.keepLogs(id, at: now)
            self.report(id, .failed, problem)
        }
    }

    mutating func logTimePassed(at now: Timestamp, into effects: inout Effects) {
        for (id, application) in self.applications {
            guard case .waiting(let attempt, let time) = application.upload.state, time <= now else { continue }
            self.uploadLogs(id, attempt: attempt + 1, into: &effects)
        }
    }

    private mutating func report(_ id: ApplicationID, _ status: LogAggregationStatus, _ diagnostics: String) {
        self.logNews.append(LogAggregationNews(application: id, status: status, diagnostics: diagnostics))
    }
}
