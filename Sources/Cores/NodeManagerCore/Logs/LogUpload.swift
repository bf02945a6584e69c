package import ClusterModel

/// Who may see or change an application besides its owner (ApplicationACLMapProto).
package struct ApplicationAccessList: Sendable, Hashable {
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
        /// Nothing is under way.
        case none
        /// Complete files of running containers are uploaded.
        case rolling
        /// The attempt with this number runs to upload what an ended application left, from 1 on.
        case running(Int)
        /// The attempt with this number failed; the next one begins at this time.
        case waiting(Int, until: Timestamp)
    }

    var state = State.none
    /// Whether the application's wishes are known.
    private(set) var isTaken = false
    var accessLists: [ApplicationAccessList] = []
    /// The newest for each server.
    private(set) var tokens: [WebHDFSToken] = []
    var context = LogAggregationContext()
    var policy = LogAggregationPolicy.allContainers
    /// Ended containers whose logs the policy does not want.
    var skipped: Set<ContainerID> = []
    /// What is in the remote folder and maybe still on the disk.
    var uploaded: [LogFileVersion] = []
    var stamp: Timestamp?
    /// When complete files of running containers are looked for next.
    var nextRoll: Timestamp?
    /// What was not done as it was asked; said once.
    var remark = ""

    /// A file system that does not answer for this many attempts keeps nothing back.
    static let attemptsMaximum = 4
    /// Milliseconds before the second attempt; each further pause is four times as long.
    static let firstPause: Int64 = 10_000

    static func pause(after attempt: Int) -> Int64 { Self.firstPause << Int64(2 * (attempt - 1)) }

    var deadline: Timestamp? {
        if case .waiting(_, let time) = self.state { return time }
        return self.state == .none ? self.nextRoll : nil
    }

    /// - Parameter replaces: whether they are newer than those that are known.
    /// - Returns: whether anything is new.
    mutating func take(_ tokens: [WebHDFSToken], replaces: Bool) -> Bool {
        let before = self.tokens
        for token in tokens {
            if let index = self.tokens.firstIndex(where: { $0.service == token.service }) {
                if replaces { self.tokens[index] = token }
            } else {
                self.tokens.append(token)
            }
        }
        return self.tokens != before
    }

    /// - Parameter context: the application's own; a policy that is none of Hadoop's leaves the cluster's in force.
    mutating func take(_ context: LogAggregationContext, _ settings: NodeManagerSettings, at now: Timestamp) {
        self.isTaken = true
        self.context = context
        self.policy = settings.logPolicy
        if let name = context.policyClass {
            let parameters = context.policyParameters ?? settings.logPolicyParameters
            if let policy = LogAggregationPolicy(className: name, parameters: parameters) {
                self.policy = policy
            } else {
                self.remark =
                    "log_aggregation_policy_class_name \(name) is not built in, so the cluster's own policy holds; "
                    + "accepted: \(LogAggregationPolicy.accepted). "
            }
        }
        if let interval = settings.logRollInterval, !context.rolledIncludePattern.isEmpty {
            self.nextRoll = now.adding(milliseconds: interval.wholeMilliseconds)
        }
    }
}
