/// The keys that Heddle reads, and those that other programs read from the same files.
package enum KnownKeys {
    package static let all: [any AnyConfigurationKey] =
        CoreKeys.all + ResourceManagerKeys.all + SchedulerKeys.all + NodeManagerKeys.all + ClientKeys.all
        + HeddleKeys.all + StagingKeys.all + ArchiveKeys.all + TransferKeys.all + LogAggregationKeys.all

    package static let byName: [String: any AnyConfigurationKey] = Dictionary(
        Self.all.map { ($0.name, $0) },
        uniquingKeysWith: { first, _ in first }
    )

    /// Who reads a key.
    package enum Reader: Hashable, Sendable {
        /// Heddle itself.
        case heddle
        /// Hadoop's programs and clients, or other products that share its files.
        case others
        /// Nothing that we know of.
        case nobody(nearest: String?)
    }

    /// - Parameter members: names that may end a key: those of a highly available cluster's ResourceManagers.
    package static func reader(of name: String, members: [String] = []) -> Reader {
        if Self.byName[name] != nil || Self.isFamilyMember(name) {
            return .heddle
        }
        if HadoopKeyNames.yarn.contains(name) || HadoopKeyNames.core.contains(name)
            || DeprecatedKeys.currentNames[name] != nil
        {
            return .others
        }
        for member in members where name.hasSuffix(".\(member)") {
            return Self.reader(of: String(name.dropLast(member.count + 1)))
        }
        // A near miss counts even among other products' keys: fs.defaultFs is a slip, not a file system's own key.
        if let nearest = Self.nearest(to: name) {
            return .nobody(nearest: nearest)
        }
        return Self.otherPrefixes.contains { name.hasPrefix($0) } ? .others : .nobody(nearest: nil)
    }

    /// Keys with a name of the writer's own in the middle.
    private static let families: [(prefix: String, words: Set<String>)] = [
        ("hadoop.proxyuser.", ["hosts", "users", "groups"]),
        ("yarn.nodemanager.aux-services.", ["class"]),
        ("yarn.nodemanager.health-checker.", ["path", "opts", "interval-ms", "timeout-ms"]),
        ("yarn.resource-types.", ["units", "minimum-allocation", "maximum-allocation"]),
        (QueueKeys.prefix, QueueKeys.words),
        (TransferKeys.bucketPrefix, Set(TransferKeys.ofBuckets)),
    ]

    private static func isFamilyMember(_ name: String) -> Bool {
        // The rest of the name is an authority, and holds dots itself.
        let gateway = TransferKeys.gatewayPrefix
        if name.hasPrefix(gateway), name.utf8.count > gateway.utf8.count { return true }
        return Self.families.contains { prefix, words in
            guard name.hasPrefix(prefix) else { return false }
            let rest = name.dropFirst(prefix.count)
            return words.contains { rest.hasSuffix(".\($0)") && rest.utf8.count > $0.utf8.count + 1 }
        }
    }

    /// Keys of products that keep their settings in the same files, or in files of the same folder.
    private static let otherPrefixes = [
        "dfs.", "mapreduce.", "mapred.", "yarn.app.mapreduce.", "yarn.timeline-service.", "fs.", "io.", "spark.",
        "tez.", "hive.", "hbase.", "kms.", "httpfs.", "ozone.", "ranger.", "ssl.", "ha.", "nfs.", "oozie.", "zeppelin.",
        "hadoop.kms.", "hadoop.zk.", "hadoop.registry.", "yarn.resource-types.", "yarn.nodemanager.resource-type.",
        "yarn.nodemanager.aux-services.", "yarn.federation.", "datanucleus.", "javax.", "impala.", "iceberg.",
    ]

    /// The known key that `name` most likely means; nil when none is near.
    package static func nearest(to name: String) -> String? {
        let bytes = Array(name.utf8)
        // One slip in each ten characters, and never more than four: beyond that a suggestion is a guess.
        let distanceMaximum = min(4, max(1, bytes.count / 10))
        var best: (distance: Int, name: String)?
        for candidate in Self.candidates {
            let limit = best.map { $0.distance - 1 } ?? distanceMaximum
            guard limit >= 0 else { break }
            if let distance = EditDistance.between(bytes, candidate.bytes, atMost: limit) {
                best = (distance, candidate.name)
            }
        }
        return best?.name
    }

    /// Heddle's own keys first, so that they win a tie; then by name.
    private static let candidates: [(name: String, bytes: [UInt8])] =
        (Self.all.map(\.name).sorted()
        + HadoopKeyNames.yarn.union(HadoopKeyNames.core).subtracting(Self.byName.keys).sorted())
        .map { ($0, Array($0.utf8)) }
}

/// How many single slips (a byte more, less, changed, or two swapped) lie between two texts.
enum EditDistance {
    /// nil when it is above `limit`.
    static func between(_ left: [UInt8], _ right: [UInt8], atMost limit: Int) -> Int? {
        guard abs(left.count - right.count) <= limit else { return nil }
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for column in 0..<right.count {
                let isSame = left[row] == right[column]
                var distance = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                let isSwap =
                    row > 0 && column > 0 && left[row] == right[column - 1] && left[row - 1] == right[column]
                if isSwap {
                    distance = min(distance, beforeLast[column - 1] + 1)
                }
                current.append(distance)
            }
            guard current.contains(where: { $0 <= limit }) else { return nil }
            beforeLast = last
            last = current
        }
        return last[right.count] <= limit ? last[right.count] : nil
    }
}
