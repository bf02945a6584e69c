/// The values of one key, as `groupByKey`, `groupBy` and `cogroup` make them: a sequence that may be gone through as often as
/// wanted. What an executor has no memory for is read from its disk each time, a part at a time, so a group may be larger than
/// memory. `Array(group)` has all of it in memory.
///
/// Where such a part cannot be read the sequence ends, and its task fails.
public struct Group<Element: Codable & Sendable>: Sequence, Sendable {
    @usableFromInline enum Storage: Sendable {
        case values([Element])
        case segment(FileSegment)
    }

    @usableFromInline let storage: Storage
    /// How many values there are.
    public let count: Int

    /// A group of values that are there.
    @inlinable public init(_ values: [Element]) {
        self.storage = .values(values)
        self.count = values.count
    }

    @usableFromInline init(_ segment: FileSegment, count: Int) {
        self.storage = .segment(segment)
        self.count = count
    }

    @inlinable public var isEmpty: Bool { self.count == 0 }

    /// The value that came first.
    @inlinable public var first: Element? {
        var iterator = self.makeIterator()
        return iterator.next()
    }

    @inlinable public var underestimatedCount: Int { self.count }

    @inlinable public func makeIterator() -> Iterator {
        switch self.storage {
        case .values(let values): Iterator(values, rest: nil)
        case .segment(let segment): Iterator([], rest: Stream(reading: segment.frames()))
        }
    }

    public struct Iterator: IteratorProtocol {
        @usableFromInline var values: [Element]
        @usableFromInline var position = 0
        @usableFromInline let rest: Stream<Element>?

        @inlinable init(_ values: [Element], rest: Stream<Element>?) {
            self.values = values
            self.rest = rest
        }

        @inlinable public mutating func next() -> Element? {
            if self.position == self.values.count, !self.refill() { return nil }
            defer { self.position += 1 }
            return self.values[self.position]
        }

        @usableFromInline mutating func refill() -> Bool {
            guard let rest = self.rest else { return false }
            self.position = 0
            do {
                if try rest.next(into: &self.values) { return true }
            } catch {
                TaskScope.fail(error)
            }
            self.values = []
            return false
        }
    }
}

extension Group: ExpressibleByArrayLiteral {
    @inlinable public init(arrayLiteral values: Element...) { self.init(values) }
}

extension Group: Equatable where Element: Equatable {
    public static func == (left: Group, right: Group) -> Bool {
        left.count == right.count && left.elementsEqual(right)
    }
}

extension Group: Hashable where Element: Hashable {
    public func hash(into hasher: inout Hasher) { Array(self).hash(into: &hasher) }
}

extension Group: CustomStringConvertible {
    /// As an array's.
    public var description: String { Array(self).description }
}

/// The form of an array: a group that leaves its task does so whole.
extension Group: Codable {
    public init(from decoder: any Decoder) throws { self.init(try [Element](from: decoder)) }

    public func encode(to encoder: any Encoder) throws { try Array(self).encode(to: encoder) }
}

extension Group: Storable where Element: Storable {
    @inlinable public func store(to writer: inout ByteWriter) { Array(self).store(to: &writer) }

    @inlinable public static func load(from reader: inout ByteReader) throws -> Group {
        Group(try [Element].load(from: &reader))
    }
}
