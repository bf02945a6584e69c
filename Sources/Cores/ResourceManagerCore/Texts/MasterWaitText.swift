import ClusterModel
import SchedulerCore

/// What an application's diagnostics say while its ApplicationMaster waits: YARN's sentence, which tools look for, then
/// the arithmetic behind it.
enum MasterWaitText {
    static func describe(_ wait: Scheduler.MasterWait) -> String {
        switch wait {
        case .notActivated(let limit): self.describe(limit)
        case .forRoom(let shortage): self.describe(shortage)
        }
    }

    private static func describe(_ limit: Scheduler.MasterLimit) -> String {
        let after = limit.used + limit.request
        return "Application is added to the scheduler and is not yet activated. "
            + "Queue's AM resource limit exceeded.  Details : AM Partition = <DEFAULT_PARTITION>; "
            + "AM Resource Request = \(limit.request); Queue Resource Limit for AM = \(limit.limit); "
            + "User AM Resource Limit of the queue = \(limit.limit); Queue AM Resource Usage = \(limit.used); "
            + "With this one ApplicationMasters would hold \(after), above the limit of \(limit.limit) that "
            + "yarn.scheduler.capacity.maximum-am-resource-percent = \(fraction(limit.partsPerMillion)) sets; "
            + "it is let in when another application of \(limit.queue.path) ends, or if that setting is raised."
    }

    private static func describe(_ shortage: Scheduler.RoomShortage) -> String {
        let total = shortage.total
        let capacity = total.scaled(partsPerMillion: shortage.queue.capacityPartsPerMillion)
        let maximum = total.scaled(partsPerMillion: shortage.queue.maximumCapacityPartsPerMillion)
        return "Application is Activated, waiting for resources to be assigned for AM.  "
            + "Details : AM Partition = <DEFAULT_PARTITION> ; Partition Resource = \(total) ; "
            + "Queue's Absolute capacity = \(percent(shortage.queue.capacityPartsPerMillion)) % ; "
            + "Queue's Absolute used capacity = \(percent(share(shortage.queueUsed, of: total))) % ; "
            + "Queue's Absolute max capacity = \(percent(shortage.queue.maximumCapacityPartsPerMillion)) % ; "
            + "Queue's capacity (absolute resource) = \(capacity) ; "
            + "Queue's used capacity (absolute resource) = \(shortage.queueUsed) ; "
            + "Queue's max capacity (absolute resource) = \(maximum) ; " + self.reason(shortage)
    }

    private static func reason(_ shortage: Scheduler.RoomShortage) -> String {
        let request = shortage.request
        guard shortage.nodes > 0 else {
            return "It wants \(request) and no node takes work: no NodeManager has registered, or none is healthy."
        }
        if shortage.isHeld {
            return "It wants \(request); after a restart of the ResourceManager nothing is placed before nodes had the "
                + "time to come back (yarn.resourcemanager.work-preserving-recovery.scheduling-wait-ms)."
        }
        let ahead = shortage.ahead == 0 ? "" : " \(shortage.ahead) waiting applications are served before it."
        if !request.fits(in: shortage.largestNode) {
            return
                "It wants \(request) and the largest node has \(shortage.largestNode) in all: it can never be placed "
                + "on these \(shortage.nodes) nodes."
        }
        return "It wants \(request); of \(total(shortage)) in use are \(shortage.used), and the most that any of "
            + "\(shortage.nodes) nodes has free is \(shortage.mostRoom).\(ahead)"
    }

    private static func total(_ shortage: Scheduler.RoomShortage) -> String { "\(shortage.total)" }

    /// `share` of the larger component in parts per million.
    private static func share(_ part: ResourceVector, of whole: ResourceVector) -> Int64 {
        min(1_000_000, ResourceCalculator.memoryOnly.share(part, of: whole))
    }

    /// Parts per million as percent with one decimal.
    private static func percent(_ partsPerMillion: Int64) -> String {
        "\(partsPerMillion / 10_000).\(partsPerMillion / 1000 % 10)"
    }

    /// Parts per million as a fraction without trailing zeros.
    private static func fraction(_ partsPerMillion: Int64) -> String {
        let whole = partsPerMillion / 1_000_000
        var digits = String(partsPerMillion % 1_000_000 + 1_000_000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return digits.isEmpty ? "\(whole).0" : "\(whole).\(digits)"
    }
}
