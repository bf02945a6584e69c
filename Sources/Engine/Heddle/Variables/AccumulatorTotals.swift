internal import Synchronization

/// The accumulators of this process by their numbers, as long as the program has a handle of them.
///
/// They belong to the process and not to a context: a handle that meets datasets of two contexts counts in both.
final class AccumulatorTotals: Sendable {
    static let shared = AccumulatorTotals()

    private struct Entry {
        weak var total: (any MergingTotal)?
    }

    private struct State {
        var entries: [Int: Entry] = [:]
        var next = 0
        /// How many entries there may be before it is worth looking which are dead.
        var limit = 64
    }

    private let state = Mutex(State())

    func make<Kind: Accumulable>(_ kind: Kind.Type, name: String?) -> AccumulatorTotal<Kind> {
        self.state.withLock { state in
            if state.entries.count >= state.limit {
                state.entries = state.entries.filter { $0.value.total != nil }
                state.limit = max(64, 2 * state.entries.count)
            }
            let total = AccumulatorTotal<Kind>(id: state.next, name: name)
            state.entries[state.next] = Entry(total: total)
            state.next += 1
            return total
        }
    }

    var count: Int { self.state.withLock { $0.entries.count } }

    /// Reads what a task added.
    /// - Returns: what takes it into the total; nil where nobody can read the total any more.
    /// - Throws: where the bytes are not what a task of this program writes.
    func merge(of update: AccumulatorUpdate) throws -> (@Sendable () -> Void)? {
        try self.state.withLock { $0.entries[update.accumulator]?.total }?.merge(of: update.bytes)
    }
}

/// A total of a kind that is not known.
protocol MergingTotal: AnyObject, Sendable {
    func merge(of bytes: [UInt8]) throws -> @Sendable () -> Void
}

extension AccumulatorTotal: MergingTotal {
    func merge(of bytes: [UInt8]) throws -> @Sendable () -> Void {
        let part = try Portable.decode(Kind.self, from: bytes)
        return { self.merge(part) }
    }
}
