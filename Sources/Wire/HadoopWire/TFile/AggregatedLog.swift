/// What one node's aggregated log file holds: whose it is, who may read it, and where each log's bytes are. Contents are
/// not read for this. A compressed file must have been expanded (`TFileExpansion`).
package struct AggregatedLog: Sendable, Equatable {
    /// One log file of one container.
    package struct Entry: Sendable, Equatable {
        package var container: String
        package var name: String
        /// Bytes.
        package var length: Int64
        /// The places of its bytes, in order.
        package var extents: [Range<Int64>]
    }

    package struct AccessList: Sendable, Equatable {
        package var name: String
        package var list: String
    }

    package private(set) var owner = ""
    package private(set) var accessLists: [AccessList] = []
    package private(set) var entries: [Entry] = []

    /// Who may look at the logs besides the owner, in Hadoop's form of lists; nil: nobody.
    package var viewers: String? { self.accessLists.first { $0.name == "VIEW_APP" }?.list }

    /// Bounds what a malicious file can make its reader remember: more than 1 TB of logs in Hadoop's chunks.
    private static let extentsMaximum = 2_000_000

    /// Records that are about the application, not of a container.
    private static let ownKeys: Set<String> = ["VERSION", "APPLICATION_ACL", "APPLICATION_OWNER"]

    /// - Parameter includes: which containers are wanted. The file's index says where long records of others end, so
    ///   that of a large file only what is wanted is gone through.
    package init(_ source: some TFileSource, of includes: (_ container: String) -> Bool = { _ in true }) throws {
        var extents = 0
        let layout = try TFileLayout(source)
        guard !layout.isCompressed else { throw TFileFailure("the aggregated log file is not in its plain form") }
        for block in layout.blocks {
            var cursor = TFileCursor(source, block.range)
            var lastKey = ""
            if let key = block.lastKey, key.count >= 2 { lastKey = try javaText(Array(key.dropFirst(2))) }
            let isLastWanted = lastKey.isEmpty || Self.ownKeys.contains(lastKey) || includes(lastKey)
            var number: Int64 = 0
            while !cursor.isAtEnd {
                number += 1
                // A block ends with the record that made it long enough; those before it are short.
                if number == block.records, !isLastWanted { break }
                try self.readRecord(&cursor, &extents, includes)
            }
        }
    }

    private mutating func readRecord<Source>(
        _ cursor: inout TFileCursor<Source>,
        _ extents: inout Int,
        _ includes: (_ container: String) -> Bool
    ) throws {
        let keyBytes = try cursor.bytes(try cursor.number())
        guard keyBytes.count >= 2 else { throw TFileFailure.truncated }
        let key = try javaText(Array(keyBytes.dropFirst(2)))
        var value = ChunkedValue<Source>()
        switch key {
        case "VERSION":
            _ = try value.bytes(4, &cursor)
        case "APPLICATION_ACL":
            while try !value.isAtEnd(&cursor) {
                self.accessLists.append(
                    AccessList(name: try value.text(&cursor), list: try value.text(&cursor))
                )
            }
        case "APPLICATION_OWNER":
            self.owner = try value.text(&cursor)
        case _ where !includes(key): break
        default:
            while try !value.isAtEnd(&cursor) {
                let name = try value.text(&cursor)
                guard let length = Int64(try value.text(&cursor)), length >= 0 else {
                    throw TFileFailure("the length of a log of \(key) is not a number")
                }
                let places = try value.places(length, &cursor)
                extents += places.count + 1
                guard extents <= Self.extentsMaximum else {
                    throw TFileFailure("the aggregated log file is in more pieces than can be read")
                }
                self.entries.append(Entry(container: key, name: name, length: length, extents: places))
            }
        }
        while try !value.isAtEnd(&cursor) { try value.skipChunk(&cursor) }
    }
}

extension AggregatedLog.Entry {
    /// The places of a part of the log, in order.
    package func places(of part: Range<Int64>) -> [Range<Int64>] {
        var result: [Range<Int64>] = []
        var start: Int64 = 0
        for extent in self.extents {
            let wanted = part.clamped(to: start..<start + Int64(extent.count))
            if !wanted.isEmpty {
                let offset = extent.lowerBound - start
                result.append(wanted.lowerBound + offset..<wanted.upperBound + offset)
            }
            start += Int64(extent.count)
        }
        return result
    }
}

/// The value of a record: pieces, each behind its length, which is negative for all but the last.
private struct ChunkedValue<Source: TFileSource> {
    private var remaining: Int64 = 0
    private var isLast = false

    /// Goes on to the next piece that has bytes.
    mutating func isAtEnd(_ cursor: inout TFileCursor<Source>) throws -> Bool {
        while self.remaining == 0, !self.isLast {
            let count = try cursor.number()
            self.isLast = count >= 0
            guard count != .min, abs(count) <= cursor.end - cursor.offset else { throw TFileFailure.truncated }
            self.remaining = abs(count)
        }
        return self.remaining == 0
    }

    mutating func bytes(_ count: Int64, _ cursor: inout TFileCursor<Source>) throws -> [UInt8] {
        var result: [UInt8] = []
        while Int64(result.count) < count {
            guard try !self.isAtEnd(&cursor) else { throw TFileFailure.truncated }
            let step = min(count - Int64(result.count), self.remaining)
            result += try cursor.bytes(step)
            self.remaining -= step
        }
        return result
    }

    mutating func text(_ cursor: inout TFileCursor<Source>) throws -> String {
        let length = try self.bytes(2, &cursor)
        return try javaText(try self.bytes(Int64(length[0]) << 8 | Int64(length[1]), &cursor))
    }

    mutating func places(_ count: Int64, _ cursor: inout TFileCursor<Source>) throws -> [Range<Int64>] {
        var result: [Range<Int64>] = []
        var rest = count
        while rest > 0 {
            guard try !self.isAtEnd(&cursor) else { throw TFileFailure.truncated }
            let step = min(rest, self.remaining)
            result.append(cursor.offset..<cursor.offset + step)
            try cursor.skip(step)
            self.remaining -= step
            rest -= step
        }
        return result
    }

    mutating func skipChunk(_ cursor: inout TFileCursor<Source>) throws {
        try cursor.skip(self.remaining)
        self.remaining = 0
    }
}
