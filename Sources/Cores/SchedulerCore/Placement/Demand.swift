import ClusterModel
import OrderedCollections

/// What an attempt still wants: its rows, grouped so that node, rack and `*` rows of one kind of container stand
/// together. Groups are served in the order of their keys.
struct Demand: Sendable {
    /// Rows belong together when all of these are equal.
    struct Key: Hashable, Comparable, Sendable {
        var priority: Int32
        var allocationRequestID: Int64
        /// As asked for, not as rounded: two sizes that round to one are two kinds.
        var capability: ResourceVector

        init(_ row: ResourceRequest) {
            self.priority = row.priority
            self.allocationRequestID = row.allocationRequestID
            self.capability = row.capability
        }

        static func < (left: Key, right: Key) -> Bool {
            let leftFields = (
                left.priority, left.allocationRequestID, left.capability.memoryMiB, left.capability.vcores
            )
            let rightFields = (
                right.priority, right.allocationRequestID, right.capability.memoryMiB, right.capability.vcores
            )
            return leftFields < rightFields
        }
    }

    struct Group: Sendable {
        var key: Key
        /// The size of the containers granted.
        var capability: ResourceVector
        var executionType: ExecutionType
        var isMaster = false
        /// The `*` row: how many in all.
        var wanted: Int32 = 0
        /// Whether any node will do (`relax_locality` of the `*` row).
        var anywhere = true
        var nodeLabelExpression = ""
        /// By name, in the order in which they were named.
        var hosts: OrderedDictionary<String, Row> = [:]
        var racks: OrderedDictionary<String, Row> = [:]

        /// True when no row is left that could matter.
        var isOver: Bool { self.wanted <= 0 && self.hosts.isEmpty && self.racks.isEmpty }

        /// One grant was made: every row that it satisfies counts one less. A host's grant counts for its rack, and every
        /// grant for `*`.
        mutating func countGrant(_ locality: Scheduler.Locality, host: String, rack: String) {
            self.wanted -= 1
            if locality == .nodeLocal { Self.decrement(&self.hosts, host) }
            if locality != .offSwitch { Self.decrement(&self.racks, rack) }
        }

        private static func decrement(_ rows: inout OrderedDictionary<String, Row>, _ name: String) {
            guard var row = rows[name] else { return }
            row.count -= 1
            rows[name] = row.count > 0 ? row : nil
        }
    }

    /// A host's or a rack's row.
    struct Row: Sendable {
        var count: Int32
        /// For a rack: whether any node of it will do.
        var relaxLocality: Bool
    }

    /// By key.
    private(set) var groups: [Group] = []
    private(set) var pending = ResourceVector.zero
    private(set) var pendingContainers: Int64 = 0

    var isEmpty: Bool { self.pendingContainers == 0 }

    /// Enters rows; each replaces the one of the same place and kind.
    mutating func merge(_ rows: [ResourceRequest], settings: SchedulerSettings, isMaster: Bool = false) {
        for row in rows {
            let key = Key(row)
            let index = self.index(of: key, executionType: row.executionType, settings: settings)
            self.uncount(self.groups[index])
            self.groups[index].isMaster = isMaster
            Self.enter(row, into: &self.groups[index])
            self.count(self.groups[index])
            if self.groups[index].isOver { self.groups.remove(at: index) }
        }
    }

    /// Wants one container again whose grant was lost before anybody saw it.
    mutating func restore(_ met: Group) {
        let index = self.groups.partitioningIndex { $0.key >= met.key }
        if index == self.groups.count || self.groups[index].key != met.key {
            var group = met
            group.wanted = 0
            self.groups.insert(group, at: index)
        }
        self.uncount(self.groups[index])
        self.groups[index].wanted += 1
        self.count(self.groups[index])
    }

    mutating func removeAll() {
        self = Demand()
    }

    mutating func countGrant(at index: Int, _ locality: Scheduler.Locality, host: String, rack: String) {
        self.uncount(self.groups[index])
        self.groups[index].countGrant(locality, host: host, rack: rack)
        self.count(self.groups[index])
    }

    /// Drops groups that want nothing any more, so that serving does not meet them again.
    mutating func removeSatisfied() {
        self.groups.removeAll { $0.isOver }
    }

    /// New sizes after a change of the settings.
    mutating func normalise(_ settings: SchedulerSettings) {
        for index in self.groups.indices {
            self.uncount(self.groups[index])
            self.groups[index].capability = settings.normalised(self.groups[index].key.capability)
            self.count(self.groups[index])
        }
    }

    /// The demand as rows, for reports.
    var rows: [ResourceRequest] {
        self.groups.flatMap { group in
            let places: [(ResourceRequest.Location, Int32, Bool)] =
                [(.any, group.wanted, group.anywhere)]
                + group.racks.map { (.rack($0.key), $0.value.count, $0.value.relaxLocality) }
                + group.hosts.map { (.host($0.key), $0.value.count, $0.value.relaxLocality) }
            return places.filter { $0.1 > 0 }.map { location, count, relaxLocality in
                ResourceRequest(
                    priority: group.key.priority,
                    location: location,
                    capability: group.capability,
                    containerCount: count,
                    relaxLocality: relaxLocality,
                    nodeLabelExpression: group.nodeLabelExpression,
                    executionType: group.executionType,
                    allocationRequestID: group.key.allocationRequestID
                )
            }
        }
    }

    private static func enter(_ row: ResourceRequest, into group: inout Group) {
        switch row.location {
        case .any:
            group.wanted = max(0, row.containerCount)
            group.anywhere = row.relaxLocality
            group.nodeLabelExpression = row.nodeLabelExpression
        case .rack(let name): Self.replace(row, named: name, in: &group.racks)
        case .host(let name): Self.replace(row, named: name, in: &group.hosts)
        }
    }

    private static func replace(
        _ row: ResourceRequest,
        named name: String,
        in rows: inout OrderedDictionary<String, Row>
    ) {
        let isWanted = row.containerCount > 0
        rows[name] = isWanted ? Row(count: row.containerCount, relaxLocality: row.relaxLocality) : nil
    }

    /// The place of the key's group, made if there is none.
    private mutating func index(of key: Key, executionType: ExecutionType, settings: SchedulerSettings) -> Int {
        let index = self.groups.partitioningIndex { $0.key >= key }
        if index < self.groups.count, self.groups[index].key == key { return index }
        let capability = settings.normalised(key.capability)
        self.groups.insert(Group(key: key, capability: capability, executionType: executionType), at: index)
        return index
    }

    private mutating func count(_ group: Group) {
        self.pending += group.capability * Int64(max(0, group.wanted))
        self.pendingContainers += Int64(max(0, group.wanted))
    }

    private mutating func uncount(_ group: Group) {
        self.pending -= group.capability * Int64(max(0, group.wanted))
        self.pendingContainers -= Int64(max(0, group.wanted))
    }
}

extension RandomAccessCollection {
    /// The first index whose element satisfies `belongsInSecond`, in a collection where all after it do too.
    func partitioningIndex(where belongsInSecond: (Element) -> Bool) -> Index {
        var low = self.startIndex
        var length = self.count
        while length > 0 {
            let half = length / 2
            let middle = self.index(low, offsetBy: half)
            if belongsInSecond(self[middle]) {
                length = half
            } else {
                low = self.index(after: middle)
                length -= half + 1
            }
        }
        return low
    }
}
