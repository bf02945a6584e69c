/// A key and what belongs to it: an element of the datasets that are grouped, joined and reduced by key.
@frozen public struct Pair<Key, Value> {
    public var key: Key
    public var value: Value

    @inlinable public init(_ key: Key, _ value: Value) {
        self.key = key
        self.value = value
    }
}

extension Pair: Sendable where Key: Sendable, Value: Sendable {}
extension Pair: Equatable where Key: Equatable, Value: Equatable {}
extension Pair: Hashable where Key: Hashable, Value: Hashable {}
extension Pair: Encodable where Key: Encodable, Value: Encodable {}
extension Pair: Decodable where Key: Decodable, Value: Decodable {}
