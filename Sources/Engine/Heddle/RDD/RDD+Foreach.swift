extension RDD {
    /// Calls the closure with every element, where the element is.
    @inlinable public func foreach(
        _ body: @escaping @Sendable (Element) throws -> Void,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws {
        let step = Step("foreach", at: SourceSite(file, line), ForeachAction<Element>.self) {
            try ForeachAction<Element>.open($0)
        }
        _ = try await self.context.run(step.calling(body), on: self.node)
    }

    /// Calls the closure with every element and a value that is handed over as data, such as an accumulator.
    @inlinable public func foreach<Value: Codable & Sendable>(
        with value: Value,
        _ body: @escaping @Sendable (Value, Element) throws -> Void,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws {
        let step = Step("foreach", at: SourceSite(file, line), ForeachWithAction<Value, Element>.self) {
            try ForeachWithAction<Value, Element>.open($0)
        }
        _ = try await self.context.run(step.calling(body).passing(value), on: self.node)
    }

    /// Calls the closure with every partition, where the partition is.
    @inlinable public func foreachPartition(
        _ body: @escaping @Sendable (PartitionElements<Element>) throws -> Void,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws {
        let step = Step("foreachPartition", at: SourceSite(file, line), ForeachPartitionAction<Element>.self) {
            try ForeachPartitionAction<Element>.open($0)
        }
        _ = try await self.context.run(step.calling(body), on: self.node)
    }

    /// Calls the closure with every partition and a value that is handed over as data.
    @inlinable public func foreachPartition<Value: Codable & Sendable>(
        with value: Value,
        _ body: @escaping @Sendable (Value, PartitionElements<Element>) throws -> Void,
        file: StaticString = #fileID,
        line: UInt = #line
    ) async throws {
        let type = ForeachPartitionWithAction<Value, Element>.self
        let step = Step("foreachPartition", at: SourceSite(file, line), type) {
            try ForeachPartitionWithAction<Value, Element>.open($0)
        }
        _ = try await self.context.run(step.calling(body).passing(value), on: self.node)
    }
}

@usableFromInline struct ForeachAction<Element>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try input.stream(of: Element.self).forEach(input.function(as: ((Element) throws -> Void).self))
        return TaskResult([])
    }
}

@usableFromInline struct ForeachWithAction<Value: Codable & Sendable, Element>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let body = input.function(as: ((Value, Element) throws -> Void).self)
        let value = try input.value(as: Value.self)
        try input.stream(of: Element.self).forEach { try body(value, $0) }
        return TaskResult([])
    }
}

@usableFromInline struct ForeachPartitionAction<Element>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let elements = PartitionElements(try input.stream(of: Element.self))
        try input.function(as: ((PartitionElements<Element>) throws -> Void).self)(elements)
        try elements.rethrow()
        return TaskResult([])
    }
}

@usableFromInline struct ForeachPartitionWithAction<Value: Codable & Sendable, Element>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let elements = PartitionElements(try input.stream(of: Element.self))
        let body = input.function(as: ((Value, PartitionElements<Element>) throws -> Void).self)
        try body(try input.value(as: Value.self), elements)
        try elements.rethrow()
        return TaskResult([])
    }
}
