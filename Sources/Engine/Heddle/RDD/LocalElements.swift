extension RDD where Element: Codable {
    /// All elements in the order of their partitions, of which one at a time is at the driver. Each partition is a job of its
    /// own, run when its first element is asked for; persist what is costly to compute.
    @inlinable public func toLocalIterator(
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> LocalElements<Element> {
        let step = Step("toLocalIterator", at: SourceSite(file, line), CollectAction<Element>.self) {
            try CollectAction<Element>.open($0)
        }
        return LocalElements(self, step)
    }
}

/// The elements of a dataset at the driver, partition by partition.
public struct LocalElements<Element: Codable & Sendable>: AsyncSequence, Sendable {
    private let dataset: RDD<Element>
    private let step: Step

    @usableFromInline init(_ dataset: RDD<Element>, _ step: Step) {
        self.dataset = dataset
        self.step = step
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        private let elements: LocalElements
        private var partition = 0
        private var loaded: [Element].Iterator = [].makeIterator()

        init(_ elements: LocalElements) { self.elements = elements }

        /// - Throws: `HeddleError` when the job of a partition fails.
        public mutating func next() async throws -> Element? {
            while true {
                if let element = self.loaded.next() { return element }
                guard self.partition < self.elements.dataset.partitionCount else { return nil }
                self.loaded = try await self.elements.load(self.partition).makeIterator()
                self.partition += 1
            }
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    private func load(_ partition: Int) async throws -> [Element] {
        let wanted = partition..<(partition + 1)
        return try await self.dataset.results(of: self.step, as: [Element].self, partitions: wanted).first ?? []
    }
}
