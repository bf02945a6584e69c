/// How any `Codable` value is written. A value is a tag and what belongs to it; containers say their length in bytes, so
/// that a reader can pass over what it is not asked for. Keys are numbers in a table that stands behind the values and is
/// written once for all values of a batch:
///
///     length of the values (4 bytes), values, keys, parts that were written out of turn
enum BinaryForm {
    enum Tag: UInt8 {
        case null = 0
        case no
        case yes
        case signed
        case unsigned
        case float
        case double
        case string
        case keyed
        case unkeyed
        /// A `Storable` value in its own form, behind its length.
        case stored
        /// The number of a part: what `nestedContainer` and `superEncoder` gave, which may be written at any time.
        case part
        /// A value that encoded nothing.
        case nothing
    }

    /// More keys than these are written where they stand: those of dictionaries may all differ.
    static let keyMaximum = 4096
    /// How deep values may be nested, so that neither writing nor reading exhausts a thread's stack.
    static let depthMaximum = 256
}

/// Numbers that are written behind their tag; the widths that Swift's `Codable` knows, apart from 128 bits.
enum BinaryNumber {
    static func signed<Value>(_ value: Value) -> Int64? {
        switch value {
        case let number as Int: Int64(number)
        case let number as Int64: number
        case let number as Int32: Int64(number)
        case let number as Int16: Int64(number)
        case let number as Int8: Int64(number)
        default: nil
        }
    }

    static func unsigned<Value>(_ value: Value) -> UInt64? {
        switch value {
        case let number as UInt: UInt64(number)
        case let number as UInt64: number
        case let number as UInt32: UInt64(number)
        case let number as UInt16: UInt64(number)
        case let number as UInt8: UInt64(number)
        default: nil
        }
    }
}
