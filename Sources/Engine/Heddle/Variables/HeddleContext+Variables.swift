extension HeddleContext {
    /// A total of a kind of the program's own.
    public func accumulator<Kind: Accumulable>(_ kind: Kind.Type, _ name: String? = nil) -> Accumulator<Kind> {
        Accumulator(AccumulatorTotals.shared.make(kind, name: name))
    }

    /// A sum of integers, for counting.
    public func longAccumulator(_ name: String? = nil) -> Accumulator<Sum<Int>> {
        self.accumulator(Sum<Int>.self, name)
    }

    /// A sum of numbers.
    public func doubleAccumulator(_ name: String? = nil) -> Accumulator<Sum<Double>> {
        self.accumulator(Sum<Double>.self, name)
    }

    /// All values that are added.
    public func collectionAccumulator<Element: Codable & Sendable & SendableMetatype>(
        of type: Element.Type,
        _ name: String? = nil
    ) -> Accumulator<Collected<Element>> {
        self.accumulator(Collected<Element>.self, name)
    }

    /// A value that is sent once to each executor.
    ///
    /// - Throws: what the value's own encoding throws.
    public func broadcast<Value: Codable & Sendable & SendableMetatype>(_ value: Value) throws -> Broadcast<Value> {
        let broadcast = try Broadcast(value)
        broadcast.onForget { [backend = self.backend] in backend.forget(value: $0) }
        return broadcast
    }
}
