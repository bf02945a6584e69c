/// Merges sorted sources into one: a tree of losers, which takes one comparison a level for each element. Of equal elements
/// those of an earlier source come first.
///
/// A source is a closure that gives its next element, nil at its end; what it throws, `next()` throws.
@frozen public struct Merge<Element, Key: Comparable & SendableMetatype> {
    public typealias Source = () throws -> Element?

    /// An element that waits, beside what compares it.
    @frozen @usableFromInline struct Head {
        @usableFromInline var prefix: UInt64
        @usableFromInline var element: Element?

        @inlinable init(prefix: UInt64, element: Element?) {
            self.prefix = prefix
            self.element = element
        }
    }

    @usableFromInline let sources: [Source]
    @usableFromInline let order: KeyOrder<Key>
    @usableFromInline let key: (Element) -> Key
    @usableFromInline var heads: [Head] = []
    /// At 0 the winner, behind it who lost at each node.
    @usableFromInline var tree: [Int] = []

    /// - Parameters:
    ///   - sources: the sources, each sorted.
    ///   - order: how keys are ordered.
    ///   - key: the key of an element.
    @inlinable public init(
        _ sources: [Source],
        _ order: KeyOrder<Key> = KeyOrder(),
        by key: @escaping (Element) -> Key
    ) {
        self.sources = sources
        self.order = order
        self.key = key
    }

    /// The next element of all; nil when every source is at its end.
    /// - Throws: what a source throws; the merge is of no use afterwards.
    @inlinable public mutating func next() throws -> Element? {
        if self.tree.isEmpty {
            guard !self.sources.isEmpty else { return nil }
            try self.begin()
        }
        let winner = self.tree[0]
        guard let element = self.heads[winner].element else { return nil }
        self.heads[winner] = try self.head(of: winner)
        self.replay(from: winner)
        return element
    }

    @inlinable func head(of source: Int) throws -> Head {
        guard let element = try self.sources[source]() else { return Head(prefix: .max, element: nil) }
        return Head(prefix: self.order.prefix(of: self.key(element)), element: element)
    }

    @inlinable mutating func begin() throws {
        for source in self.sources.indices { self.heads.append(try self.head(of: source)) }
        let count = self.sources.count
        self.tree = [Int](repeating: -1, count: count)
        for source in self.sources.indices { self.enter(source) }
    }

    /// Plays a source's way up until it meets a node where nobody waits yet.
    @inlinable mutating func enter(_ source: Int) {
        var winner = source
        var node = (source &+ self.sources.count) / 2
        while node > 0 {
            let other = self.tree[node]
            if other < 0 {
                self.tree[node] = winner
                return
            }
            if self.beats(other, winner) { swap(&self.tree[node], &winner) }
            node /= 2
        }
        self.tree[0] = winner
    }

    @inlinable mutating func replay(from source: Int) {
        var winner = source
        var node = (source &+ self.sources.count) / 2
        while node > 0 {
            if self.beats(self.tree[node], winner) { swap(&self.tree[node], &winner) }
            node /= 2
        }
        self.tree[0] = winner
    }

    /// Whether one source's element comes before another's.
    @inlinable func beats(_ left: Int, _ right: Int) -> Bool {
        let (first, second) = (self.heads[left], self.heads[right])
        if first.prefix != second.prefix { return first.prefix < second.prefix }
        guard let one = first.element else { return second.element == nil && left < right }
        guard let other = second.element else { return true }
        if !self.order.isDecided {
            let (key, otherKey) = (self.key(one), self.key(other))
            if self.order.precedes(key, otherKey) { return true }
            if self.order.precedes(otherKey, key) { return false }
        }
        return left < right
    }
}
