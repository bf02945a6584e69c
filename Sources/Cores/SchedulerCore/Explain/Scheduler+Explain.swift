package import ClusterModel

extension Scheduler {
    /// What an attempt's ApplicationMaster waits for, with the numbers that decide it.
    package enum MasterWait: Sendable, Hashable {
        /// The limit for ApplicationMasters does not let it in yet.
        case notActivated(MasterLimit)
        /// It is let in and no node takes it.
        case forRoom(RoomShortage)
    }

    package struct MasterLimit: Sendable, Hashable {
        package var queue: QueueSettings
        package var request: ResourceVector
        package var used: ResourceVector
        package var limit: ResourceVector
        /// The share of the queue that ApplicationMasters may hold.
        package var partsPerMillion: Int64
    }

    package struct RoomShortage: Sendable, Hashable {
        package var queue: QueueSettings
        package var queueUsed: ResourceVector
        package var request: ResourceVector
        package var total: ResourceVector
        package var used: ResourceVector
        /// Nodes that take new containers.
        package var nodes: Int
        /// The most free room of each component on any of them.
        package var mostRoom: ResourceVector
        /// The most of each component that any node has at all.
        package var largestNode: ResourceVector
        /// Applications that are served first.
        package var ahead: Int
        /// Whether nothing is placed at all for now (`Input.placementHeld`).
        package var isHeld: Bool
    }

    /// nil when its ApplicationMaster waits for nothing from the scheduler.
    package func masterWait(of attempt: ApplicationAttemptID) -> MasterWait? {
        guard let application = self.applications[attempt.application], let current = application.attempt,
            current.id == attempt, let group = current.demand.groups.first(where: { $0.isMaster && $0.wanted > 0 })
        else { return nil }
        let queue = self.queues[application.queue]
        guard current.isActive else {
            let limit = MasterLimit(
                queue: queue.settings,
                request: group.capability,
                used: queue.masterUsed,
                limit: queue.masterLimit(ofCluster: self.ledger.total, settings: self.settings),
                partsPerMillion: queue.settings.maximumMasterResourcePartsPerMillion
                    ?? self.settings.maximumMasterResourcePartsPerMillion
            )
            return .notActivated(limit)
        }
        let shortage = RoomShortage(
            queue: queue.settings,
            queueUsed: queue.used,
            request: group.capability,
            total: self.ledger.total,
            used: self.ledger.used,
            nodes: self.ledger.usableNodeCount,
            mostRoom: self.ledger.mostRoom,
            largestNode: self.ledger.largestNode,
            ahead: self.hungry.partitioningIndex { $0 >= application.turn },
            isHeld: self.heldUntil != nil
        )
        return .forRoom(shortage)
    }
}
