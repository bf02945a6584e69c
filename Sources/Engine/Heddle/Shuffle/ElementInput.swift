extension OperatorInput {
    /// The elements of this step's partition of a parent: from a shuffle, or straight from a parent that is spread by key
    /// already.
    @inlinable func elements<Element: Codable & Sendable>(
        of type: Element.Type,
        parent: Int = 0,
        sharing: TextSharing? = nil
    ) throws -> Stream<Element> {
        let opened = try self.openParent(parent, self.partition)
        guard let shuffled = opened as? ShuffleInput else {
            return unsafe unsafeDowncast(opened, to: Stream<Element>.self)
        }
        return Stream(sharing: sharing, reading: { try shuffled.next() })
    }
}

/// Whether texts that are read share the memory of what was written, and so keep it: cheaper where all of them are kept or
/// passed on, and dear where only a few are. Whoever reads may change his mind.
@usableFromInline final class TextSharing {
    @usableFromInline var isOn = true

    @inlinable init() {}
}

extension Stream where Element: Codable & Sendable {
    /// The elements of frames, which hold whole ones only.
    @inlinable convenience init(sharing: TextSharing? = nil, reading next: @escaping () throws -> TextBuffer?) {
        let codec = Codec<Element>()
        var frame: TextBuffer?
        var offset = 0
        self.init { batch in
            batch.removeAll(keepingCapacity: true)
            while batch.isEmpty {
                guard let current = frame else {
                    frame = try next()
                    offset = 0
                    if frame == nil { return false }
                    continue
                }
                var reader = ByteReader(current, in: offset..<current.count, sharesText: sharing?.isOn ?? false)
                while batch.count < Stream<Element>.batchCount, !reader.isAtEnd {
                    batch.append(try codec.load(from: &reader))
                }
                offset = current.count - reader.remaining
                if reader.isAtEnd { frame = nil }
            }
            return true
        }
    }
}

extension Stream {
    /// Elements that are there already, a batch at a time.
    /// - Parameter owner: kept until the last of them was given.
    @inlinable convenience init(giving elements: [Element], owner: AnyObject? = nil) {
        var rest = elements[...]
        var owner = owner
        self.init { batch in
            batch.removeAll(keepingCapacity: true)
            batch.append(contentsOf: rest.prefix(Stream<Element>.batchCount))
            rest = rest.dropFirst(batch.count)
            if rest.isEmpty {
                rest = []
                owner = nil
            }
            withExtendedLifetime(owner) {}
            return !batch.isEmpty
        }
    }

    /// The elements of streams one after the other, each opened when the one before has ended.
    @inlinable convenience init(chaining count: Int, _ open: @escaping (Int) throws -> Stream<Element>) {
        var index = 0
        var current: Stream<Element>?
        self.init { batch in
            while true {
                if let stream = current {
                    if try stream.next(into: &batch) { return true }
                    current = nil
                }
                guard index < count else {
                    batch.removeAll(keepingCapacity: true)
                    return false
                }
                current = try open(index)
                index += 1
            }
        }
    }
}
