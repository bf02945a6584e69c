/// A file that is read at any place.
package protocol TFileSource {
    /// Bytes in all.
    var length: Int64 { get }
    /// Exactly `count` bytes; asked for only within the file.
    func bytes(at offset: Int64, count: Int) throws -> [UInt8]
}

/// Goes forward through a range of a file, of which only what is asked for is read.
struct TFileCursor<Source: TFileSource> {
    private let source: Source
    private(set) var offset: Int64
    let end: Int64
    /// Bytes that were read ahead, and where they begin.
    private var window: [UInt8] = []
    private var windowStart: Int64 = 0

    private static var windowLength: Int64 { 4_096 }

    init(_ source: Source, _ range: Range<Int64>) {
        self.source = source
        self.offset = range.lowerBound
        self.end = range.upperBound
    }

    var sourceLength: Int64 { self.source.length }
    var isAtEnd: Bool { self.offset >= self.end }

    mutating func byte() throws -> UInt8 {
        guard self.offset < self.end else { throw TFileFailure.truncated }
        if self.offset < self.windowStart || self.offset >= self.windowStart + Int64(self.window.count) {
            self.window = try self.source.bytes(
                at: self.offset,
                count: Int(min(Self.windowLength, self.end - self.offset))
            )
            self.windowStart = self.offset
        }
        defer { self.offset += 1 }
        return self.window[Int(self.offset - self.windowStart)]
    }

    mutating func bytes(_ count: Int64) throws -> [UInt8] {
        // Nothing that is read whole is longer: keys, names and tables of one node's file.
        guard count >= 0, count <= 16 << 20 else {
            throw TFileFailure("a field of the aggregated log file is too long")
        }
        var result: [UInt8] = []
        guard count <= self.end - self.offset else { throw TFileFailure.truncated }
        for _ in 0..<count { result.append(try self.byte()) }
        return result
    }

    mutating func skip(_ count: Int64) throws {
        guard count >= 0, count <= self.end - self.offset else { throw TFileFailure.truncated }
        self.offset += count
    }

    mutating func number() throws -> Int64 {
        let first = Int64(Int8(bitPattern: try self.byte()))
        switch first {
        case (-32)...: return first
        case (-72)...: return (first + 52) << 8 | (try self.bigEndian(1))
        case (-104)...: return (first + 88) << 16 | (try self.bigEndian(2))
        case (-120)...: return (first + 112) << 24 | (try self.bigEndian(3))
        default:
            let count = Int(first + 129)
            guard count >= 4 else { throw TFileFailure("a number of the aggregated log file is malformed") }
            let unused = Int64(8 * (8 - count))
            return ((try self.bigEndian(count)) << unused) >> unused
        }
    }

    /// How many entries follow.
    mutating func entryCount() throws -> Int64 {
        let count = try self.number()
        guard count >= 0 else { throw TFileFailure("a table of the aggregated log file has a negative length") }
        return count
    }

    private mutating func bigEndian(_ count: Int) throws -> Int64 {
        var value: UInt64 = 0
        for _ in 0..<count { value = value << 8 | UInt64(try self.byte()) }
        return Int64(bitPattern: value)
    }

    mutating func text() throws -> String {
        guard let text = String(validating: try self.bytes(try self.number()), as: UTF8.self) else {
            throw TFileFailure("a text of the aggregated log file is not UTF-8")
        }
        return text
    }
}
