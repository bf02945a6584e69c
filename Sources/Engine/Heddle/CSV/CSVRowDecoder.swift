/// Gives the fields of one record after the other to a row type's `init(from:)`, by the names of the columns.
final class CSVRowDecoder: Decoder {
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]
    private let columns: [String: Int]
    private let nullValue: Text
    var fields: [Text] = []

    init(columns: [Text], nullValue: String) throws(CSVProblem) {
        var places: [String: Int] = [:]
        for (place, column) in columns.enumerated() {
            guard places.updateValue(place, forKey: String(column)) == nil else {
                throw CSVProblem("the column \(column) is there twice")
            }
        }
        self.columns = places
        self.nullValue = Text(nullValue)
    }

    var columnCount: Int { self.columns.count }

    func field(_ column: String) throws -> Text {
        guard let place = self.columns[column] else { throw CSVProblem("there is no column \(column)") }
        return self.fields[place]
    }

    func isNull(_ column: String) throws -> Bool { try self.field(column) == self.nullValue }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(CSVRowContainer<Key>(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Self.noRow }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw Self.noRow }

    private static let noRow = CSVProblem(
        "the row's type does not decode fields by the columns' names"
    )

    /// A field as a value of some type.
    static func value<Value: Decodable>(of field: Text, as type: Value.Type, column: String) throws
        -> Value
    {
        if type == Text.self { return try self.same(field, type) }
        if type == String.self { return try self.same(String(field), type) }
        if type == Double.self {
            return try self.same(self.number(field, column, Double.init(_:)), type)
        }
        if type == Float.self {
            return try self.same(Float(self.number(field, column, Double.init(_:))), type)
        }
        if type == Bool.self { return try self.same(self.number(field, column, self.bool), type) }
        if let integer = type as? any FixedWidthInteger.Type {
            return try self.same(self.integer(field, column, integer), type)
        }
        return try Value(from: CSVFieldDecoder(field: field, column: column))
    }

    private static func integer<Integer: FixedWidthInteger>(
        _ field: Text,
        _ column: String,
        _ type: Integer.Type
    ) throws -> Integer {
        try self.number(field, column) { Integer($0) }
    }

    private static func number<Value>(_ field: Text, _ column: String, _ read: (Text) -> Value?)
        throws -> Value
    {
        guard let value = read(field) else {
            throw CSVProblem("\(column) is \"\(field)\", which is no \(Value.self)")
        }
        return value
    }

    private static func bool(_ field: Text) -> Bool? {
        switch field.lowercasedASCII() {
        case "true", "1": true
        case "false", "0": false
        default: nil
        }
    }

    private static func same<Value>(_ value: some Any, _ type: Value.Type) throws -> Value {
        guard let value = value as? Value else { throw CSVProblem("a field cannot be a \(type)") }
        return value
    }
}

private struct CSVRowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: CSVRowDecoder

    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    /// A column that a row's type names must be there, also for an optional: a misspelt one would be nil in every row.
    func contains(_ key: Key) -> Bool { true }

    func decodeNil(forKey key: Key) throws -> Bool { try self.decoder.isNull(key.stringValue) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try CSVRowDecoder.value(
            of: self.decoder.field(key.stringValue),
            as: type,
            column: key.stringValue
        )
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw Self.nested(key) }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw Self.nested(key)
    }

    func superDecoder() -> any Decoder { self.decoder }

    func superDecoder(forKey key: Key) -> any Decoder { self.decoder }

    private static func nested(_ key: Key) -> CSVProblem {
        CSVProblem("\(key.stringValue) is one field and cannot be a structure")
    }
}

/// One field, for types that are a single value: enums of strings or numbers, wrappers.
private struct CSVFieldDecoder: Decoder, SingleValueDecodingContainer {
    let field: Text
    let column: String
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw self.nested
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw self.nested }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard
            type is String.Type || type is Text.Type || type is any FixedWidthInteger.Type
                || type is Double.Type
                || type is Float.Type || type is Bool.Type
        else { throw self.nested }
        return try CSVRowDecoder.value(of: self.field, as: type, column: self.column)
    }

    private var nested: CSVProblem {
        CSVProblem("\(self.column) is one field and cannot be a structure")
    }
}
