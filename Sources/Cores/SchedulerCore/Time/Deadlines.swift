package import ClusterModel
import HeapModule

/// Timers of one kind of key, ordered by when they are due; of two due at once, the one set first comes first.
///
/// Moving a timer later, which every heartbeat does, costs one table write: its place in the heap is corrected when it
/// comes up. `next` may therefore name a moment at which nothing turns out to be due.
package struct Deadlines<Key: Hashable & Sendable>: Sendable {
    private struct Timer {
        var due: Timestamp
        /// Where the key stands in the heap.
        var queued: Queued
    }

    private struct Queued: Comparable {
        var at: Timestamp
        var order: UInt64

        static func < (left: Queued, right: Queued) -> Bool {
            (left.at, left.order) < (right.at, right.order)
        }
    }

    private struct Entry: Comparable {
        var queued: Queued
        var key: Key

        static func == (left: Entry, right: Entry) -> Bool { left.queued == right.queued }
        static func < (left: Entry, right: Entry) -> Bool { left.queued < right.queued }
    }

    private var timers: [Key: Timer] = [:]
    private var heap = Heap<Entry>()
    private var order: UInt64 = 0

    /// Dead heap entries are swept out once they outnumber the living and this many.
    private static var sweepMinimum: Int { 64 }

    package init() {}

    package var count: Int { self.timers.count }

    /// When to look next; nil when nothing is set.
    package var next: Timestamp? { self.heap.min?.queued.at }

    /// When `key` is due.
    package func due(_ key: Key) -> Timestamp? { self.timers[key]?.due }

    /// Sets or moves a timer.
    package mutating func set(_ key: Key, at due: Timestamp) {
        if let timer = self.timers[key], timer.queued.at <= due {
            self.timers[key] = Timer(due: due, queued: timer.queued)
            return
        }
        self.push(key, due: due)
        self.sweepIfWorthIt()
    }

    package mutating func cancel(_ key: Key) {
        guard self.timers.removeValue(forKey: key) != nil else { return }
        self.dropDeadHead()
        self.sweepIfWorthIt()
    }

    /// Removes and returns the first key that is due by `now`.
    package mutating func popDue(at now: Timestamp) -> Key? {
        while let head = self.heap.min, head.queued.at <= now {
            self.heap.removeMin()
            guard let timer = self.timers[head.key], timer.queued == head.queued else { continue }
            if timer.due <= now {
                self.timers[head.key] = nil
                self.dropDeadHead()
                return head.key
            }
            self.push(head.key, due: timer.due)
        }
        self.dropDeadHead()
        return nil
    }

    private mutating func push(_ key: Key, due: Timestamp) {
        self.order += 1
        let queued = Queued(at: due, order: self.order)
        self.timers[key] = Timer(due: due, queued: queued)
        self.heap.insert(Entry(queued: queued, key: key))
    }

    private func isLive(_ entry: Entry) -> Bool {
        self.timers[entry.key]?.queued == entry.queued
    }

    private mutating func dropDeadHead() {
        while let head = self.heap.min, !self.isLive(head) { self.heap.removeMin() }
    }

    private mutating func sweepIfWorthIt() {
        guard self.heap.count > 2 * self.timers.count + Self.sweepMinimum else { return }
        self.heap = Heap(self.heap.unordered.filter(self.isLive))
    }
}
