extension RDD where Element: Hashable & Codable {
    /// The elements that both datasets have, each once.
    @inlinable public func intersection(
        _ other: RDD<Element>,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Element> {
        self.comparing(other, "intersection", at: SourceSite(file, line), partitions, keepsCommon: true)
    }

    /// The elements that the other dataset has not.
    @inlinable public func subtract(
        _ other: RDD<Element>,
        partitions: Int? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Element> {
        self.comparing(other, "subtract", at: SourceSite(file, line), partitions, keepsCommon: false)
    }

    @inlinable func comparing(
        _ other: RDD<Element>,
        _ operation: String,
        at site: SourceSite,
        _ partitions: Int?,
        keepsCommon: Bool
    ) -> RDD<Element> {
        let count = Swift.max(1, partitions ?? self.partitionCount)
        let write = Step(operation, at: site, ElementWriteOperator<Element>.self) {
            try ElementWriteOperator<Element>.open($0)
        }
        let read = Step(operation, at: site, SetReadOperator<Element>.self) { try SetReadOperator<Element>.open($0) }
        return RDD(
            Node.comparing(self.node, other.node, write, read.passing(keepsCommon), count),
            self.context
        )
    }
}

extension Node {
    @usableFromInline static func comparing(_ left: Node, _ right: Node, _ write: Step, _ read: Step, _ count: Int)
        -> Node
    {
        let sides = [left, right].map {
            Node(write.passingCount(count), parents: [$0], kind: .shuffle, partitionCount: count)
        }
        return Node(read, parents: sides, kind: .narrow(.same(parents: 2)), partitionCount: count)
    }
}
