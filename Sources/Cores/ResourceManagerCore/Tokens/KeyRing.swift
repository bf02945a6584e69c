import ClusterModel

extension ResourceManagerCore {
    /// The keys of one kind of token: one signs, the next is handed round before it signs, older ones may still be
    /// accepted.
    struct KeyRing: Sendable {
        var record: MasterKeysRecord

        var current: MasterKey { self.record.current }
        /// The one that will be accepted longest.
        var newest: MasterKey { self.record.next ?? self.record.current }

        var view: KeyRingView {
            let others = [self.record.next].compactMap { $0 } + self.record.retired.map(\.key)
            let accepted = ([self.record.current] + others).sorted { $0.id < $1.id }
            return KeyRingView(kind: self.record.kind, current: self.record.current, accepted: accepted)
        }
    }
}
