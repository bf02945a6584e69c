extension RDD {
    /// The same elements, kept by executors when they are computed first, so that later jobs find them.
    @inlinable public func persist(
        _ level: StorageLevel = .memoryOnly,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Element> {
        let step = Step("persist", at: SourceSite(file, line), PersistOperator<Element>.self) {
            try PersistOperator<Element>.open($0)
        }
        return self.deriving(step, keepsPartitioning: true, storage: level)
    }

    /// `persist` in memory.
    @inlinable public func cache(file: StaticString = #fileID, line: UInt = #line) -> RDD<Element> {
        self.persist(.memoryOnly, file: file, line: line)
    }

    /// Lets executors forget what they kept of this dataset.
    public func unpersist() { self.context.forget(self.node) }
}

/// Elements of a partition that an executor keeps.
@usableFromInline final class KeptElements<Element: Sendable>: Sendable {
    @usableFromInline let elements: [Element]

    @inlinable init(_ elements: [Element]) { self.elements = elements }
}

@usableFromInline struct PersistOperator<Element: Sendable>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        if let kept = input.kept() {
            return Stream<Element>(unsafe unsafeDowncast(kept, to: KeptElements<Element>.self).elements)
        }
        let elements = try input.stream(of: Element.self).all()
        input.keep(KeptElements(elements))
        return Stream<Element>(elements)
    }
}

extension OperatorInput {
    private var block: BlockStore.Key { BlockStore.Key(dataset: self.identity, partition: self.partition) }

    @usableFromInline func kept() -> AnyObject? { self.task.executor.blocks.block(self.block) }

    @usableFromInline func keep(_ elements: any AnyObject & Sendable) {
        self.task.executor.blocks.keep(elements, as: self.block)
    }
}
