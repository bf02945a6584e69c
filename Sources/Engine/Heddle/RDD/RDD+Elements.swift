extension RDD {
    /// Every element, transformed.
    @inlinable public func map<Output: Sendable>(
        _ transform: @escaping @Sendable (Element) throws -> Output,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Output> {
        let step = Step("map", at: SourceSite(file, line), MapOperator<Element, Output>.self) {
            try MapOperator<Element, Output>.open($0)
        }
        return self.deriving(step.calling(transform))
    }

    /// Every element, transformed with a value that is handed over as data, once to each executor.
    @inlinable public func map<Value: Codable & Sendable, Output: Sendable>(
        with value: Value,
        _ transform: @escaping @Sendable (Value, Element) throws -> Output,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Output> {
        let step = Step("map", at: SourceSite(file, line), MapWithOperator<Value, Element, Output>.self) {
            try MapWithOperator<Value, Element, Output>.open($0)
        }
        return self.deriving(step.calling(transform).passing(value))
    }

    /// The elements for which the closure says true.
    @inlinable public func filter(
        _ isIncluded: @escaping @Sendable (Element) throws -> Bool,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Element> {
        let step = Step("filter", at: SourceSite(file, line), FilterOperator<Element>.self) {
            try FilterOperator<Element>.open($0)
        }
        return self.deriving(step.calling(isIncluded), keepsPartitioning: true)
    }

    /// The elements for which the closure says true, with a value that is handed over as data.
    @inlinable public func filter<Value: Codable & Sendable>(
        with value: Value,
        _ isIncluded: @escaping @Sendable (Value, Element) throws -> Bool,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Element> {
        let step = Step("filter", at: SourceSite(file, line), FilterWithOperator<Value, Element>.self) {
            try FilterWithOperator<Value, Element>.open($0)
        }
        return self.deriving(step.calling(isIncluded).passing(value), keepsPartitioning: true)
    }

    /// The elements of all sequences that the closure makes, in order.
    @inlinable public func flatMap<Output: Sequence & SendableMetatype>(
        _ transform: @escaping @Sendable (Element) throws -> Output,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Output.Element> where Output.Element: Sendable {
        let step = Step("flatMap", at: SourceSite(file, line), FlatMapOperator<Element, Output>.self) {
            try FlatMapOperator<Element, Output>.open($0)
        }
        return self.deriving(step.calling(transform))
    }

    /// The elements of all sequences that the closure makes, with a value that is handed over as data.
    @inlinable public func flatMap<Value: Codable & Sendable, Output: Sequence & SendableMetatype>(
        with value: Value,
        _ transform: @escaping @Sendable (Value, Element) throws -> Output,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Output.Element> where Output.Element: Sendable {
        let step = Step("flatMap", at: SourceSite(file, line), FlatMapWithOperator<Value, Element, Output>.self) {
            try FlatMapWithOperator<Value, Element, Output>.open($0)
        }
        return self.deriving(step.calling(transform).passing(value))
    }
}

@usableFromInline struct MapOperator<Input, Output>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try input.stream(of: Input.self).mapped(input.function(as: ((Input) throws -> Output).self))
    }
}

@usableFromInline struct MapWithOperator<Value: Codable & Sendable, Input, Output>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let transform = input.function(as: ((Value, Input) throws -> Output).self)
        let value = try input.value(as: Value.self)
        return try input.stream(of: Input.self).mapped { try transform(value, $0) }
    }
}

@usableFromInline struct FilterOperator<Element>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try input.stream(of: Element.self).filtered(input.function(as: ((Element) throws -> Bool).self))
    }
}

@usableFromInline struct FilterWithOperator<Value: Codable & Sendable, Element>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let isIncluded = input.function(as: ((Value, Element) throws -> Bool).self)
        let value = try input.value(as: Value.self)
        return try input.stream(of: Element.self).filtered { try isIncluded(value, $0) }
    }
}

@usableFromInline struct FlatMapOperator<Input, Output: Sequence>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try input.stream(of: Input.self).flatMapped(input.function(as: ((Input) throws -> Output).self))
    }
}

@usableFromInline struct FlatMapWithOperator<Value: Codable & Sendable, Input, Output: Sequence>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let transform = input.function(as: ((Value, Input) throws -> Output).self)
        let value = try input.value(as: Value.self)
        return try input.stream(of: Input.self).flatMapped { try transform(value, $0) }
    }
}
