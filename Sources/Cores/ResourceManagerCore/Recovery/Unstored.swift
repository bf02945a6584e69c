import ClusterModel
import OrderedCollections

extension ResourceManagerCore {
    /// What a step has changed that is stored: several changes to one thing become one record.
    struct Unstored: Sendable {
        var applications: OrderedSet<ApplicationID> = []
        var attempts: OrderedSet<ApplicationAttemptID> = []
        var keyRings: OrderedSet<MasterKeyKind> = []
        var epoch = false
    }

    /// Turns what the step has changed into records.
    mutating func store() {
        if self.unstored.epoch { self.effects.records.append(.epoch(self.epoch)) }
        for kind in self.unstored.keyRings {
            if let ring = self.keyRings[kind] { self.effects.records.append(.masterKeys(ring.record)) }
        }
        for id in self.unstored.applications {
            if let application = self.applications[id], application.isStored {
                self.effects.records.append(.application(application.record))
            }
        }
        for id in self.unstored.attempts {
            if let application = self.applications[id.application], application.isStored,
                let record = application.attemptRecord(id)
            {
                self.effects.records.append(.attempt(record))
            }
        }
        self.unstored.applications.removeAll(keepingCapacity: true)
        self.unstored.attempts.removeAll(keepingCapacity: true)
        self.unstored.keyRings.removeAll(keepingCapacity: true)
        self.unstored.epoch = false
    }
}
