/// A value that writes itself as bytes: the fast way for elements that leave a process. Numbers, strings, texts, pairs and
/// collections of such values have it; every other `Codable` value is written by a general encoder, which is slower.
///
/// Both sides are the same program, so nothing describes the bytes. A type of yours that is met often conforms by writing
/// its parts one after the other and reading them in the same order:
///
///     extension Trip: Storable {
///         func store(to writer: inout ByteWriter) {
///             self.carrier.store(to: &writer)
///             self.delay.store(to: &writer)
///         }
///         static func load(from reader: inout ByteReader) throws -> Trip {
///             Trip(carrier: try .load(from: &reader), delay: try .load(from: &reader))
///         }
///     }
public protocol Storable {
    /// Writes the value.
    func store(to writer: inout ByteWriter)

    /// Reads what `store(to:)` wrote.
    /// - Throws: `CodecError` where the bytes are cut or say something else.
    static func load(from reader: inout ByteReader) throws -> Self

    /// Writes many values; for types that are faster together. It takes at least a byte for each.
    static func storeAll(_ values: Span<Self>, to writer: inout ByteWriter)

    /// Reads what `storeAll` wrote and appends it.
    /// - Parameters:
    ///   - count: how many values that were, at most as many as the reader has bytes.
    ///   - values: what is appended to.
    ///   - reader: where the bytes are.
    static func loadAll(_ count: Int, into values: inout [Self], from reader: inout ByteReader) throws
}

extension Storable {
    @inlinable public static func storeAll(_ values: Span<Self>, to writer: inout ByteWriter) {
        let start = writer.count
        for index in values.indices { values[index].store(to: &writer) }
        writer.fill(values.count - (writer.count - start))
    }

    @inlinable public static func loadAll(
        _ count: Int,
        into values: inout [Self],
        from reader: inout ByteReader
    ) throws {
        let start = reader.offset
        values.reserveCapacity(values.count + min(count, 1 << 16))
        for _ in 0..<count { values.append(try Self.load(from: &reader)) }
        try reader.passFill(count - (reader.offset - start))
    }
}

extension ByteWriter {
    /// Zeros, so that many values of no size take a byte each: a reader believes no count that is larger than what is left.
    @inlinable mutating func fill(_ missing: Int) {
        if missing > 0 { self.write(zeros: missing) }
    }
}

extension ByteReader {
    /// Passes what `fill` wrote.
    @inlinable mutating func passFill(_ missing: Int) throws(CodecError) {
        if missing > 0 { try self.skip(missing) }
    }
}

extension Storable where Self: RawRepresentable, RawValue: Storable {
    @inlinable public func store(to writer: inout ByteWriter) {
        self.rawValue.store(to: &writer)
    }

    @inlinable public static func load(from reader: inout ByteReader) throws -> Self {
        guard let value = Self(rawValue: try RawValue.load(from: &reader)) else {
            throw reader.corrupt("a \(Self.self)")
        }
        return value
    }
}
