import Testing

@testable import HadoopWire

struct AggregatedLogTests {
    private struct Memory: TFileSource {
        var content: [UInt8]
        var length: Int64 { Int64(self.content.count) }

        func bytes(at offset: Int64, count: Int) throws -> [UInt8] {
            Array(self.content[Int(offset)..<Int(offset) + count])
        }

        func text(_ places: [Range<Int64>]) -> String {
            String(
                decoding: places.flatMap { self.content[Int($0.lowerBound)..<Int($0.upperBound)] },
                as: UTF8.self
            )
        }
    }

    private static func sample(pieces: Int = 3, compresses: Bool = false) -> Memory {
        var writer = AggregatedLogWriter(
            owner: "alice",
            accessLists: [(name: "VIEW_APP", list: "alice,bob staff"), (name: "MODIFY_APP", list: "alice")],
            compresses: compresses,
            pieceMaximum: Int64(pieces)
        )
        var content: [UInt8] = []
        for (container, text) in [("container_1_0001_01_000001", "hello world\n"), ("container_1_0001_01_000002", "")] {
            writer.beginContainer(container)
            for name in ["stdout", "größe-😀"] {
                let bytes = Array(text.utf8)
                writer.beginFile(name, length: Int64(bytes.count))
                for start in stride(from: 0, to: bytes.count, by: pieces) {
                    writer.append(bytes[start..<min(start + pieces, bytes.count)])
                    content += writer.takeOutput()
                }
            }
            writer.endContainer()
        }
        writer.finish()
        return Memory(content: content + writer.takeOutput())
    }

    @Test
    func `What was written is read back, owner and access lists included`() throws {
        let file = Self.sample()
        let log = try AggregatedLog(file)
        #expect(log.owner == "alice")
        #expect(log.accessLists.map(\.name) == ["VIEW_APP", "MODIFY_APP"])
        #expect(log.accessLists.map(\.list) == ["alice,bob staff", "alice"])
        #expect(log.entries.map(\.name) == ["stdout", "größe-😀", "stdout", "größe-😀"])
        #expect(log.entries.map(\.length) == [12, 12, 0, 0])
        #expect(log.entries.map { file.text($0.extents) } == ["hello world\n", "hello world\n", "", ""])
    }

    @Test
    func `A part of a log is found across its pieces`() throws {
        let file = Self.sample()
        let entry = try #require(try AggregatedLog(file).entries.first)
        #expect(entry.extents.count == 4)
        for start in 0...12 as ClosedRange<Int64> {
            for end in start...12 {
                let expected = String("hello world\n".dropFirst(Int(start)).prefix(Int(end - start)))
                #expect(file.text(entry.places(of: start..<end)) == expected)
            }
        }
    }

    @Test
    func `A long log is one piece, however its bytes came, so that its end is near`() throws {
        var writer = AggregatedLogWriter(owner: "a", accessLists: [])
        writer.beginContainer("container_1_0001_01_000001")
        for name in ["stdout", "stderr"] {
            writer.beginFile(name, length: 3_000_000)
            for _ in 0..<300 { writer.append([UInt8](repeating: 65, count: 10_000)) }
        }
        writer.endContainer()
        writer.finish()
        let source = Counted(writer.takeOutput())
        let log = try AggregatedLog(source)
        #expect(log.entries.map(\.extents.count) == [1, 1])
        #expect(source.bytesRead < 50_000)
        let place = try #require(log.entries.last?.places(of: 2_999_999..<3_000_000).first)
        #expect(source.content[Int(place.lowerBound)] == 65)
    }

    @Test
    func `A file that is cut anywhere is refused`() throws {
        let file = Self.sample()
        for length in 0..<file.content.count {
            #expect(throws: TFileFailure.self) { try AggregatedLog(Memory(content: Array(file.content[..<length]))) }
        }
    }

    @Test
    func `No changed byte makes reading crash`() {
        let file = Self.sample()
        for index in file.content.indices {
            for change in [0x01, 0x80, 0xFF] as [UInt8] {
                var damaged = file
                damaged.content[index] ^= change
                _ = try? AggregatedLog(damaged)
            }
        }
    }

    @Test
    func `Many containers make several blocks`() throws {
        var writer = AggregatedLogWriter(owner: "a", accessLists: [])
        let text = [UInt8](repeating: 65, count: 100_000)
        for number in 0..<20 {
            writer.beginContainer("container_1_0001_01_\(number)")
            writer.beginFile("stderr", length: Int64(text.count))
            writer.append(text)
            writer.endContainer()
        }
        writer.finish()
        let file = Memory(content: writer.takeOutput())
        #expect(try TFileLayout(file).blocks.count == 7)
        #expect(try AggregatedLog(file).entries.map(\.length) == Array(repeating: 100_000, count: 20))
    }

    /// Remembers how much of it was read.
    private final class Counted: TFileSource {
        let content: [UInt8]
        private(set) var bytesRead = 0
        var length: Int64 { Int64(self.content.count) }

        init(_ content: [UInt8]) {
            self.content = content
        }

        func bytes(at offset: Int64, count: Int) throws -> [UInt8] {
            self.bytesRead += count
            return Array(self.content[Int(offset)..<Int(offset) + count])
        }
    }

    @Test
    func `Of a large file only the wanted container's part is gone through`() throws {
        var writer = AggregatedLogWriter(owner: "a", accessLists: [(name: "VIEW_APP", list: "b")])
        let text = [UInt8](repeating: 65, count: 1_000)
        for number in 0..<200 {
            writer.beginContainer("container_1_0001_01_\(number)")
            writer.beginFile("stderr", length: number == 7 ? 10 : 400_000)
            for _ in 0..<(number == 7 ? 0 : 400) { writer.append(text) }
            if number == 7 { writer.append(text[..<10]) }
            writer.endContainer()
        }
        writer.finish()
        let content = writer.takeOutput()
        for number in [0, 7, 8, 199] {
            let source = Counted(content)
            let log = try AggregatedLog(source) { $0 == "container_1_0001_01_\(number)" }
            #expect(log.entries.map(\.container) == ["container_1_0001_01_\(number)"])
            #expect(log.entries.first?.length == (number == 7 ? 10 : 400_000))
            #expect(log.owner == "a" && log.accessLists.map(\.list) == ["b"])
            #expect(source.bytesRead < 2_000_000, "\(number)")
        }
        let none = Counted(content)
        let empty = try AggregatedLog(none) { _ in false }
        #expect(empty.entries.isEmpty)
        #expect(none.bytesRead < 100_000)
    }

    @Test
    func `Numbers have TFile's own form`() throws {
        // From Hadoop's description of the form: bounds of each length.
        let known: [(Int64, [UInt8])] = [
            (0, [0]), (127, [127]), (-32, [0xE0]), (128, [204, 128]), (-33, [203, 223]), (5_119, [223, 255]),
            (5_120, [168, 20, 0]), (-5_121, [167, 235, 255]), (1_048_575, [183, 255, 255]),
            (1_048_576, [144, 16, 0, 0]), (134_217_727, [151, 255, 255, 255]),
            (134_217_728, [131, 8, 0, 0, 0]),
        ]
        for (value, bytes) in known {
            var encoded: [UInt8] = []
            encoded.append(tfile: value)
            #expect(encoded == bytes, "\(value)")
        }
        var values: [Int64] = [.min, .max]
        for bits in 0..<63 { values += [1 << Int64(bits), -(1 << Int64(bits)), (1 << Int64(bits)) - 1] }
        for value in values {
            var encoded: [UInt8] = []
            encoded.append(tfile: value)
            var cursor = TFileCursor(Memory(content: encoded), 0..<Int64(encoded.count))
            #expect(try cursor.number() == value)
            #expect(cursor.isAtEnd)
        }
    }

    @Test
    func `A compressed file is named as such`() throws {
        var file = Self.sample()
        let none = Array("none".utf8)
        for index in file.content.indices.dropLast(4) where Array(file.content[index..<index + 4]) == none {
            file.content.replaceSubrange(index..<index + 4, with: Array("zstd".utf8))
        }
        #expect(throws: TFileFailure.self) { try AggregatedLog(file) }
    }

    // MARK: - Compressed

    private func expanded(_ file: Memory) throws -> Memory {
        var content: [UInt8] = []
        try TFileExpansion.expand(file) { content += $0 }
        return Memory(content: content)
    }

    @Test(arguments: [1, 3, 100])
    func `The plain form of a compressed file is the file that is not compressed`(pieces: Int) throws {
        let compressed = Self.sample(pieces: pieces, compresses: true)
        #expect(throws: TFileFailure.self) { try AggregatedLog(compressed) }
        #expect(try self.expanded(compressed).content == Self.sample(pieces: pieces).content)
        #expect(try self.expanded(Self.sample(pieces: pieces)).content == Self.sample(pieces: pieces).content)
    }

    @Test
    func `Logs in many blocks are compressed and come back whole`() throws {
        func file(compresses: Bool) -> Memory {
            var writer = AggregatedLogWriter(owner: "a", accessLists: [], compresses: compresses)
            var content: [UInt8] = []
            var word: UInt32 = 1
            for number in 0..<4 {
                writer.beginContainer("container_1_0001_01_\(number)")
                writer.beginFile("stderr", length: 600_000)
                for _ in 0..<6 {
                    // Half of it is noise, so that blocks are long also when they are compressed.
                    let bytes = (0..<100_000).map { index -> UInt8 in
                        word = word &* 1_664_525 &+ 1_013_904_223
                        return index % 2 == 0 ? UInt8(word >> 24) : 0
                    }
                    writer.append(bytes)
                    content += writer.takeOutput()
                }
                writer.endContainer()
            }
            writer.finish()
            return Memory(content: content + writer.takeOutput())
        }
        let (plain, compressed) = (file(compresses: false), file(compresses: true))
        #expect(compressed.content.count < plain.content.count * 3 / 4)
        #expect(try TFileLayout(compressed).blocks.count > 1)
        let expanded = try self.expanded(compressed)
        let (one, other) = (try AggregatedLog(expanded), try AggregatedLog(plain))
        #expect(one.entries.map(\.length) == other.entries.map(\.length))
        #expect(one.entries.map { expanded.text($0.extents) } == other.entries.map { plain.text($0.extents) })
    }

    @Test
    func `No cut and no changed byte of a compressed file makes reading crash or grow`() {
        let file = Self.sample(compresses: true)
        for length in 0..<file.content.count {
            #expect(throws: TFileFailure.self) { try self.expanded(Memory(content: Array(file.content[..<length]))) }
        }
        for index in file.content.indices {
            for change in [0x01, 0x80, 0xFF] as [UInt8] {
                var damaged = file
                damaged.content[index] ^= change
                if let expanded = try? self.expanded(damaged) {
                    #expect(expanded.content.count < 100_000)
                }
            }
        }
    }
}
