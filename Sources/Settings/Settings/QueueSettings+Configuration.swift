import ClusterModel
import HadoopConfig
import SchedulerCore

/// Walks `yarn.scheduler.capacity.root...` down to its leaves.
struct QueueTree {
    /// Queues inside each other; deeper trees are mistakes.
    private static let depthMaximum = 32
    /// Queues in all.
    private static let queueCountMaximum = 10_000

    private let configuration: Configuration
    private(set) var leaves: [QueueSettings] = []
    private var queueCount = 0

    init(_ configuration: Configuration) throws(ConfigurationError) {
        self.configuration = configuration
        try self.visit("root", share: 1, shareMaximum: 1, depth: 1)
    }

    /// - Parameters:
    ///   - share: the part of the cluster that the queue is owed.
    ///   - shareMaximum: the part that it may grow to.
    private mutating func visit(
        _ path: String,
        share: Double,
        shareMaximum: Double,
        depth: Int
    ) throws(ConfigurationError) {
        let childrenKey = QueueKeys.queues(path)
        let children = try self.children(of: path)
        self.queueCount += 1
        guard depth <= Self.depthMaximum, self.queueCount <= Self.queueCountMaximum else {
            throw self.error(
                childrenKey.name,
                "more than \(Self.depthMaximum) levels or \(Self.queueCountMaximum) queues"
            )
        }
        guard !children.isEmpty else {
            self.leaves.append(try self.leaf(path, share: share, shareMaximum: shareMaximum))
            return
        }
        var percentSum = 0.0
        for (index, name) in children.enumerated() {
            guard !children[..<index].contains(name) else {
                throw self.error(childrenKey.name, "names queue \(name) twice")
            }
            guard QueueKeys.isName(name) else {
                throw self.error(
                    childrenKey.name,
                    "\"\(name)\" is no queue name: a dot, a space or a slash stands in it"
                )
            }
            let child = "\(path).\(name)"
            let percent = try self.percent(child, isOnlyChild: children.count == 1)
            percentSum += percent
            let most = try self.configuration.optionalValue(of: QueueKeys.maximumCapacity(child)) ?? 100
            guard most < 0 || most >= percent else {
                throw self.error(QueueKeys.maximumCapacity(child).name, "below the queue's capacity of \(percent)")
            }
            try self.visit(
                child,
                share: share * percent / 100,
                shareMaximum: shareMaximum * (most < 0 ? 100 : most) / 100,
                depth: depth + 1
            )
        }
        guard abs(percentSum - 100) < 0.001 else {
            throw self.error(
                childrenKey.name,
                "the capacities of these queues add up to \(percentSum) and must add up to 100"
            )
        }
    }

    /// Without any queue Hadoop's own example has one leaf, `default`.
    private func children(of path: String) throws(ConfigurationError) -> [String] {
        let key = QueueKeys.queues(path)
        if path == "root", !self.configuration.isSet(key) {
            return ["default"]
        }
        return try self.configuration.optionalValue(of: key) ?? []
    }

    private func percent(_ path: String, isOnlyChild: Bool) throws(ConfigurationError) -> Double {
        let key = QueueKeys.capacity(path)
        if let percent = try self.configuration.optionalValue(of: key) {
            return percent
        }
        guard isOnlyChild else {
            throw ConfigurationError(
                ConfigurationProblem(.error, key: key.name, "must be set; accepted: \(key.accepted)")
            )
        }
        return 100
    }

    private func leaf(_ path: String, share: Double, shareMaximum: Double) throws(ConfigurationError) -> QueueSettings {
        let configuration = self.configuration
        var queue = QueueSettings()
        queue.path = path
        queue.state = try configuration.value(of: QueueKeys.state(path)) == "STOPPED" ? .stopped : .running
        queue.capacityPartsPerMillion = SchedulerSettings.partsPerMillion(share)
        queue.maximumCapacityPartsPerMillion = SchedulerSettings.partsPerMillion(shareMaximum)
        queue.maximumApplications = try configuration.optionalValue(of: QueueKeys.maximumApplications(path))
        let masters = try configuration.optionalValue(of: QueueKeys.applicationMasterShareMaximum(path))
        queue.maximumMasterResourcePartsPerMillion = masters.map(SchedulerSettings.partsPerMillion)
        queue.userLimitFactorPartsPerMillion = SchedulerSettings.partsPerMillion(
            try configuration.value(of: QueueKeys.userLimitFactor(path))
        )
        queue.minimumUserLimitPercent = Int32(
            clamping: Int(try configuration.value(of: QueueKeys.minimumUserLimitPercent(path)))
        )
        queue.submitAccessControl = try self.inheritedACL(QueueKeys.submitACL, path)
        queue.administerAccessControl = try self.inheritedACL(QueueKeys.administerACL, path)
        queue.defaultApplicationPriority = Int32(
            clamping: try configuration.value(of: QueueKeys.defaultApplicationPriority(path))
        )
        queue.maximumApplicationLifetimeSeconds = Int64(
            try configuration.value(of: QueueKeys.maximumApplicationLifetime(path))
        )
        queue.defaultApplicationLifetimeSeconds = Int64(
            try configuration.value(of: QueueKeys.defaultApplicationLifetime(path))
        )
        return queue
    }

    /// Whoever may use a queue may use those below it: Hadoop asks each queue on the way up, and root allows everybody
    /// unless it is told otherwise. The first queue that allows everybody settles it; otherwise the lists add up.
    private func inheritedACL(
        _ key: (String) -> ConfigurationKey<String>,
        _ leaf: String
    ) throws(ConfigurationError) -> String {
        var users: [String] = []
        var groups: [String] = []
        var path = Substring(leaf)
        while true {
            let text = try self.configuration.optionalValue(of: key(String(path))) ?? (path == "root" ? "*" : " ")
            let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            if text.contains("*") {
                return "*"
            }
            users += parts.first.map { [String($0)] } ?? []
            groups += parts.count > 1 ? [String(parts[1])] : []
            guard let dot = path.lastIndex(of: ".") else { break }
            path = path[..<dot]
        }
        func joined(_ lists: [String]) -> String {
            lists.map { $0.trimmingHadoopSpace }.filter { !$0.isEmpty }.joined(separator: ",")
        }
        return joined(users) + " " + joined(groups)
    }

    private func error(_ key: String, _ message: String) -> ConfigurationError {
        ConfigurationError(self.configuration.problem(key, self.configuration.rawValue(of: key), message))
    }
}

extension QueueSettings {
    static func leaves(in configuration: Configuration) throws(ConfigurationError) -> [QueueSettings] {
        try QueueTree(configuration).leaves
    }
}
