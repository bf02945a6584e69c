/// The pairs of one partition of a parent: from a shuffle, or straight from a parent that is spread by key already.
@usableFromInline struct PairSource<Key: Codable & Sendable, Value: Codable & Sendable> {
    @usableFromInline let input: OperatorInput
    @usableFromInline let parent: Int

    @inlinable init(_ input: OperatorInput, parent: Int = 0) {
        self.input = input
        self.parent = parent
    }

    /// Calls `body` with every pair.
    @inlinable func forEach(_ body: (Pair<Key, Value>) throws -> Void) throws {
        try ElementSource<Pair<Key, Value>>(self.input, parent: self.parent).forEach(body)
    }
}

/// The elements of one partition of a parent, shuffled or not.
@usableFromInline struct ElementSource<Element: Codable & Sendable> {
    @usableFromInline let input: OperatorInput
    @usableFromInline let parent: Int

    @inlinable init(_ input: OperatorInput, parent: Int = 0) {
        self.input = input
        self.parent = parent
    }

    /// Calls `body` with every element.
    @inlinable func forEach(_ body: (Element) throws -> Void) throws {
        let opened = try self.input.openParent(self.parent, self.input.partition)
        guard let shuffled = opened as? ShuffleInput else {
            return try unsafe unsafeDowncast(opened, to: Stream<Element>.self).forEach(body)
        }
        let codec = Codec<Element>()
        for mapTask in 0..<shuffled.mapTasks {
            try self.input.task.checkCancellation()
            var reader = ByteReader(try shuffled.segment(mapTask))
            while !reader.isAtEnd { try body(try codec.load(from: &reader)) }
        }
    }
}
