extension RDD {
    /// Every element with a key that is made from it.
    @inlinable public func keyBy<Key: Sendable>(
        _ key: @escaping @Sendable (Element) throws -> Key,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Element>> {
        let step = Step("keyBy", at: SourceSite(file, line), KeyOperator<Element, Key>.self) {
            try KeyOperator<Element, Key>.open($0)
        }
        return self.deriving(step.calling(key))
    }

    /// The keys of all pairs.
    @inlinable public func keys<Key, Value>(
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Key> where Element == Pair<Key, Value>, Key: Sendable, Value: Sendable {
        let step = Step("keys", at: SourceSite(file, line), KeysOperator<Key, Value>.self) {
            try KeysOperator<Key, Value>.open($0)
        }
        return self.deriving(step)
    }

    /// The values of all pairs.
    @inlinable public func values<Key, Value>(
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Value> where Element == Pair<Key, Value>, Key: Sendable, Value: Sendable {
        let step = Step("values", at: SourceSite(file, line), ValuesOperator<Key, Value>.self) {
            try ValuesOperator<Key, Value>.open($0)
        }
        return self.deriving(step)
    }

    /// Every pair with its value transformed. Pairs stay in their partitions.
    @inlinable public func mapValues<Key, Value, Output>(
        _ transform: @escaping @Sendable (Value) throws -> Output,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Output>>
    where Element == Pair<Key, Value>, Key: Sendable, Value: Sendable, Output: Sendable {
        let step = Step("mapValues", at: SourceSite(file, line), MapValuesOperator<Key, Value, Output>.self) {
            try MapValuesOperator<Key, Value, Output>.open($0)
        }
        return self.deriving(step.calling(transform), keepsPartitioning: true)
    }

    /// Values transformed with a value that is handed over as data; keys stay as they are, and where they are.
    @inlinable public func mapValues<Given: Codable & Sendable, Key, Value, Output: Sendable>(
        with given: Given,
        _ transform: @escaping @Sendable (Given, Value) throws -> Output,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Output>> where Element == Pair<Key, Value>, Key: Sendable, Value: Sendable {
        let type = MapValuesWithOperator<Given, Key, Value, Output>.self
        let step = Step("mapValues", at: SourceSite(file, line), type) {
            try MapValuesWithOperator<Given, Key, Value, Output>.open($0)
        }
        return self.deriving(step.calling(transform).passing(given), keepsPartitioning: true)
    }

    /// Every pair with each value that is made from its own. Pairs stay in their partitions.
    @inlinable public func flatMapValues<Key, Value, Output: Sequence & SendableMetatype>(
        _ transform: @escaping @Sendable (Value) throws -> Output,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> RDD<Pair<Key, Output.Element>>
    where Element == Pair<Key, Value>, Key: Sendable, Value: Sendable, Output.Element: Sendable {
        let step = Step("flatMapValues", at: SourceSite(file, line), FlatMapValuesOperator<Key, Value, Output>.self) {
            try FlatMapValuesOperator<Key, Value, Output>.open($0)
        }
        return self.deriving(step.calling(transform), keepsPartitioning: true)
    }
}

@usableFromInline struct KeyOperator<Element, Key>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let key = input.function(as: ((Element) throws -> Key).self)
        return try input.stream(of: Element.self).mapped { Pair(try key($0), $0) }
    }
}

@usableFromInline struct KeysOperator<Key, Value>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try input.stream(of: Pair<Key, Value>.self).mapped { $0.key }
    }
}

@usableFromInline struct ValuesOperator<Key, Value>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        try input.stream(of: Pair<Key, Value>.self).mapped { $0.value }
    }
}

@usableFromInline struct MapValuesOperator<Key, Value, Output>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let transform = input.function(as: ((Value) throws -> Output).self)
        return try input.stream(of: Pair<Key, Value>.self).mapped { Pair($0.key, try transform($0.value)) }
    }
}

@usableFromInline struct MapValuesWithOperator<Given: Codable & Sendable, Key, Value, Output>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let transform = input.function(as: ((Given, Value) throws -> Output).self)
        let given = try input.value(as: Given.self)
        return try input.stream(of: Pair<Key, Value>.self).mapped { Pair($0.key, try transform(given, $0.value)) }
    }
}

@usableFromInline struct FlatMapValuesOperator<Key, Value, Output: Sequence>: Operator {
    @inlinable static func open(_ input: OperatorInput) throws -> AnyObject {
        let transform = input.function(as: ((Value) throws -> Output).self)
        return try input.stream(of: Pair<Key, Value>.self).flatMapped { pair in
            try transform(pair.value).lazy.map { Pair(pair.key, $0) }
        }
    }
}
