import ClusterModel
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    /// A new key: the ring's first, or the one to follow the present one.
    mutating func takeKey(_ kind: MasterKeyKind, _ bytes: [UInt8]) {
        let rollsAt = self.now.adding(self.rollInterval(kind))
        if var ring = self.keyRings[kind]?.record {
            // Tokens are signed with the next key already: it is never replaced, only activated.
            if ring.next != nil {
                self.timers.set(.keyRolls(kind), at: ring.nextActivatesAt)
                return
            }
            let key = MasterKey(id: self.nextKeyID(ring), bytes: bytes)
            switch kind {
            case .applicationMaster, .container, .node:
                // It signs only when everybody who must check it has surely heard of it.
                ring.next = key
                ring.nextActivatesAt = self.now.adding(self.activationDelay(kind))
                self.timers.set(.keyActivates(kind), at: ring.nextActivatesAt)
            case .delegation:
                let dropsAt = self.now.adding(self.settings.delegationTokenLifetime)
                ring.retired.append(RetiredKey(key: ring.current, dropsAt: dropsAt))
                ring.current = key
                self.timers.set(.keyDrops(kind), at: ring.retired[0].dropsAt)
            }
            ring.rollsAt = rollsAt
            self.keyRings[kind] = KeyRing(record: ring)
        } else {
            let key = MasterKey(id: 1, bytes: bytes)
            self.keyRings[kind] = KeyRing(record: MasterKeysRecord(kind: kind, current: key, rollsAt: rollsAt))
        }
        self.timers.set(.keyRolls(kind), at: rollsAt)
        self.unpublished.keyRings.append(kind)
        self.unstored.keyRings.append(kind)
    }

    private func nextKeyID(_ ring: MasterKeysRecord) -> Int32 {
        // Ids wrap after two thousand million rolls; 0 stays free for "none".
        max(1, (ring.next ?? ring.current).id &+ 1)
    }

    mutating func activateKey(_ kind: MasterKeyKind) {
        guard var ring = self.keyRings[kind]?.record, let next = ring.next else { return }
        ring.current = next
        ring.next = nil
        ring.nextActivatesAt = .unset
        self.keyRings[kind] = KeyRing(record: ring)
        self.unpublished.keyRings.append(kind)
        self.unstored.keyRings.append(kind)
    }

    mutating func dropRetiredKeys(_ kind: MasterKeyKind) {
        guard var ring = self.keyRings[kind]?.record else { return }
        ring.retired.removeAll { $0.dropsAt <= self.now }
        if let oldest = ring.retired.first { self.timers.set(.keyDrops(kind), at: oldest.dropsAt) }
        self.keyRings[kind] = KeyRing(record: ring)
        self.unpublished.keyRings.append(kind)
        self.unstored.keyRings.append(kind)
    }

    private func rollInterval(_ kind: MasterKeyKind) -> Duration {
        switch kind {
        case .applicationMaster: self.settings.masterTokenKeyRoll
        case .container: self.settings.containerTokenKeyRoll
        case .node: self.settings.nodeTokenKeyRoll
        case .delegation: self.settings.delegationKeyUpdate
        }
    }

    /// One and a half times the silence after which the other side counts as dead.
    private func activationDelay(_ kind: MasterKeyKind) -> Duration {
        switch kind {
        case .applicationMaster: self.settings.masterExpiry * 3 / 2
        case .container, .node: self.settings.nodeExpiry * 3 / 2
        case .delegation: .zero
        }
    }

    /// Takes a ring from the store and sets its timers; what fell due meanwhile happens at the next `timePassed`.
    mutating func recoverKeys(_ record: MasterKeysRecord) {
        self.keyRings[record.kind] = KeyRing(record: record)
        self.timers.set(.keyRolls(record.kind), at: record.rollsAt)
        if record.next != nil { self.timers.set(.keyActivates(record.kind), at: record.nextActivatesAt) }
        if let oldest = record.retired.first { self.timers.set(.keyDrops(record.kind), at: oldest.dropsAt) }
        self.unpublished.keyRings.append(record.kind)
    }
}
