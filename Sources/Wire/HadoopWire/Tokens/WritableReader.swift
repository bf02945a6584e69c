/// Reads Hadoop's `Writable` forms from a run of bytes.
struct WritableReader {
    private let bytes: [UInt8]
    private(set) var offset: Int

    init(_ bytes: [UInt8], offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    mutating func byte() throws(WireError) -> UInt8 {
        guard self.offset < self.bytes.count else { throw .truncated }
        defer { self.offset += 1 }
        return self.bytes[self.offset]
    }

    mutating func bytes(_ count: Int) throws(WireError) -> [UInt8] {
        guard count >= 0 else { throw .malformedField }
        guard count <= self.bytes.count - self.offset else { throw .truncated }
        defer { self.offset += count }
        return Array(self.bytes[self.offset..<self.offset + count])
    }

    /// `WritableUtils.readVLong`: a small number is one byte; otherwise the first byte tells sign and length.
    mutating func variableInt() throws(WireError) -> Int64 {
        let first = Int8(bitPattern: try self.byte())
        if first >= -112 { return Int64(first) }
        let isNegative = first < -120
        let count = isNegative ? -120 - Int(first) : -112 - Int(first)
        var value: UInt64 = 0
        for _ in 0..<count {
            value = value << 8 | UInt64(try self.byte())
        }
        return Int64(bitPattern: isNegative ? ~value : value)
    }

    mutating func count() throws(WireError) -> Int {
        let count = try self.variableInt()
        guard count >= 0, count <= Int64(Int32.max) else { throw .malformedField }
        return Int(count)
    }

    mutating func run() throws(WireError) -> [UInt8] {
        try self.bytes(try self.count())
    }

    mutating func text() throws(WireError) -> String {
        guard let text = String(validating: try self.run(), as: UTF8.self) else { throw .invalidUTF8 }
        return text
    }
}

extension [UInt8] {
    /// `WritableUtils.writeVLong`.
    mutating func append(variableInt value: Int64) {
        if value >= -112, value <= 127 {
            self.append(UInt8(bitPattern: Int8(value)))
            return
        }
        let magnitude = UInt64(bitPattern: value < 0 ? ~value : value)
        let count = (64 - magnitude.leadingZeroBitCount + 7) / 8
        self.append(UInt8(bitPattern: Int8((value < 0 ? -120 : -112) - count)))
        for index in (0..<count).reversed() {
            self.append(UInt8(truncatingIfNeeded: magnitude >> UInt64(8 * index)))
        }
    }

    mutating func append(writableRun bytes: some Collection<UInt8>) {
        self.append(variableInt: Int64(bytes.count))
        self.append(contentsOf: bytes)
    }
}
