/// Keys of one queue of capacity-scheduler.xml: `yarn.scheduler.capacity.PATH.WORD`. Paths start at `root`.
package enum QueueKeys {
    static let prefix = "yarn.scheduler.capacity."

    /// What may stand behind a queue's path, for telling slips of the pen from names that Hadoop knows.
    static let words: Set<String> = [
        "queues", "capacity", "maximum-capacity", "state", "maximum-applications", "maximum-am-resource-percent",
        "user-limit-factor", "minimum-user-limit-percent", "acl_submit_applications", "acl_administer_queue",
        "acl_application_max_priority", "default-application-priority", "maximum-application-lifetime",
        "default-application-lifetime", "ordering-policy", "priority", "maximum-allocation-mb",
        "maximum-allocation-vcores", "maximum-allocation", "minimum-allocation", "accessible-node-labels",
        "default-node-label-expression", "disable_preemption", "intra-queue-preemption.disable_preemption",
        "reservations-continue-look-all-nodes", "weight", "max-parallel-apps", "auto-queue-creation-v2.enabled",
        "auto-create-child-queue.enabled",
    ]

    /// Names of the queues below; unset or empty, the queue is a leaf.
    package static func queues(_ path: String) -> ConfigurationKey<[String]> { Self.key(path, "queues", nil, .list) }

    /// Percent of what the queue above has.
    package static func capacity(_ path: String) -> ConfigurationKey<Double> {
        Self.key(path, "capacity", nil, .decimal(0...100))
    }

    /// Percent of what the queue above may grow to; -1 is 100.
    package static func maximumCapacity(_ path: String) -> ConfigurationKey<Double> {
        Self.key(path, "maximum-capacity", nil, .decimal(-1...100))
    }

    package static func state(_ path: String) -> ConfigurationKey<String> {
        Self.key(path, "state", "RUNNING", .word("RUNNING", "STOPPED"))
    }

    package static func maximumApplications(_ path: String) -> ConfigurationKey<Int> {
        Self.key(path, "maximum-applications", nil, .integer(1...Int(Int32.max)))
    }

    /// The share of the queue that ApplicationMasters may take together.
    package static func applicationMasterShareMaximum(_ path: String) -> ConfigurationKey<Double> {
        Self.key(path, "maximum-am-resource-percent", nil, .decimal(0...1))
    }

    /// How many times the queue's capacity one user may have.
    package static func userLimitFactor(_ path: String) -> ConfigurationKey<Double> {
        Self.key(path, "user-limit-factor", "1", .decimal(-1...1_000_000))
    }

    package static func minimumUserLimitPercent(_ path: String) -> ConfigurationKey<Double> {
        Self.key(path, "minimum-user-limit-percent", "100", .decimal(0...100))
    }

    package static func submitACL(_ path: String) -> ConfigurationKey<String> {
        Self.key(path, "acl_submit_applications", nil, .accessControl)
    }

    package static func administerACL(_ path: String) -> ConfigurationKey<String> {
        Self.key(path, "acl_administer_queue", nil, .accessControl)
    }

    package static func defaultApplicationPriority(_ path: String) -> ConfigurationKey<Int> {
        Self.key(path, "default-application-priority", "0", .integer(0...Int(Int32.max)))
    }

    /// Seconds; -1 is for ever.
    package static func maximumApplicationLifetime(_ path: String) -> ConfigurationKey<Int> {
        Self.key(path, "maximum-application-lifetime", "-1", .integer(-1...Int(Int32.max)))
    }

    /// Seconds; -1 is for ever.
    package static func defaultApplicationLifetime(_ path: String) -> ConfigurationKey<Int> {
        Self.key(path, "default-application-lifetime", "-1", .integer(-1...Int(Int32.max)))
    }

    /// Whether `name` can be a queue's: Hadoop splits paths at dots.
    package static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "/") }
    }

    /// The queue that a key is about; nil for keys of other things.
    package static func queuePath(of name: String) -> String? {
        let prefix = Self.prefix + "root."
        guard name.hasPrefix(prefix) else { return nil }
        let rest = name.dropFirst(Self.prefix.count)
        // The longest word wins: intra-queue-preemption.disable_preemption ends in another one.
        let word = Self.words.filter { rest.hasSuffix(".\($0)") }.max { $0.utf8.count < $1.utf8.count }
        guard let word, !rest.contains(".accessible-node-labels.") else { return nil }
        return String(rest.dropLast(word.utf8.count + 1))
    }

    private static func key<Value>(
        _ path: String,
        _ word: String,
        _ defaultValue: String?,
        _ form: ValueForm<Value>
    ) -> ConfigurationKey<Value> {
        ConfigurationKey(
            "\(Self.prefix)\(path).\(word)",
            default: defaultValue,
            form,
            resource: "capacity-scheduler.xml"
        )
    }
}
