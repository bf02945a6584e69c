package import ClusterModel

/// Which containers' logs are aggregated, by the names of Hadoop's policy classes.
package enum LogAggregationPolicy: Sendable, Hashable {
    case allContainers
    case noContainers
    case masterOnly
    case masterOrFailed
    case failed
    case failedOrKilled
    /// Every container but those that were ended for the size of their logs.
    case withinSizeLimit
    /// ApplicationMasters and what did not end with 0, the first `minimum` others, and a share of those behind.
    case sample(partsPerMillion: Int64, minimum: Int64)

    /// Hadoop's own for the sample, also where parameters cannot be read.
    private static let sampleShare: Int64 = 200_000
    private static let sampleMinimum: Int64 = 20
    private static let whole: Int64 = 1_000_000

    /// The simple names of the classes, which stand in Hadoop's package.
    private static let named: [(name: String, policy: LogAggregationPolicy)] = [
        ("AllContainerLogAggregationPolicy", .allContainers),
        ("NoneContainerLogAggregationPolicy", .noContainers),
        ("AMOnlyLogAggregationPolicy", .masterOnly),
        ("AMOrFailedContainerLogAggregationPolicy", .masterOrFailed),
        ("FailedContainerLogAggregationPolicy", .failed),
        ("FailedOrKilledContainerLogAggregationPolicy", .failedOrKilled),
        ("LimitSizeContainerLogAggregationPolicy", .withinSizeLimit),
        (
            "SampleContainerLogAggregationPolicy",
            .sample(partsPerMillion: Self.sampleShare, minimum: Self.sampleMinimum)
        ),
    ]
    private static let package = "org.apache.hadoop.yarn.server.nodemanager.containermanager.logaggregation."

    /// For messages about a class that is none of them.
    package static var accepted: String {
        "\(Self.package)NAME, where NAME is one of " + Self.named.map(\.name).joined(separator: ", ")
    }

    /// - Parameter parameters: of the sample: `SR:share,MIN:count`.
    /// - Returns: nil for a class that is not built in.
    package init?(className: String, parameters: String) {
        let name = className.hasPrefix(Self.package) ? String(className.dropFirst(Self.package.count)) : className
        guard let policy = Self.named.first(where: { $0.name == name })?.policy else { return nil }
        self = policy
        guard case .sample(var share, var minimum) = policy else { return }
        for parameter in parameters.split(separator: ",") {
            let parts = parameter.split(separator: ":", maxSplits: 1).map { $0.filter { $0 != " " } }
            guard parts.count == 2 else { continue }
            if parts[0] == "SR", let rate = Double(parts[1]), (0...1).contains(rate) {
                share = Int64((rate * Double(Self.whole)).rounded())
            } else if parts[0] == "MIN", let count = Int64(parts[1]), (0...Int64(Int32.max)).contains(count) {
                minimum = count
            }
        }
        self = .sample(partsPerMillion: share, minimum: minimum)
    }

    /// Whether the logs of a container are wanted.
    /// - Parameter status: how it ended; `success` while it runs.
    package func takes(_ container: ContainerID, isMaster: Bool, status: ContainerExitStatus) -> Bool {
        switch self {
        case .allContainers: return true
        case .noContainers: return false
        case .masterOnly: return isMaster
        case .masterOrFailed: return isMaster || status.isFailure
        case .failed: return status.isFailure
        case .failedOrKilled: return status != .success
        case .withinSizeLimit: return status != .killedForExcessLogs
        case .sample(let share, let minimum):
            guard !isMaster, status == .success else { return true }
            // Ids are given from 1 on, and the first is the ApplicationMaster's.
            let place = container.sequence - 2 - minimum
            guard place >= 0 else { return true }
            // Spread evenly, so that any hundred containers in a row give their share.
            return Self.taken(place + 1, share) > Self.taken(place, share)
        }
    }

    /// How many of the first `count` are taken. Split, so that nothing overflows.
    private static func taken(_ count: Int64, _ share: Int64) -> Int64 {
        count / Self.whole * share + count % Self.whole * share / Self.whole
    }
}

extension ContainerExitStatus {
    /// It went wrong by itself: no success, and nobody had it ended. TERM and KILL count as somebody, as in Hadoop.
    fileprivate var isFailure: Bool {
        switch self {
        case .success, .aborted, .preempted, .killedByApplicationMaster, .killedByResourceManager,
            .killedAfterApplicationCompletion, .killedByContainerScheduler:
            false
        default: self.code != 128 + 9 && self.code != 128 + 15
        }
    }
}
