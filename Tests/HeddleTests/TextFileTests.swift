import Foundation
import Testing

@testable import Heddle

@Suite struct TextFileTests {
    private let context: HeddleContext

    init() throws { self.context = try HeddleContext(master: "local[2]") }

    private func file(_ bytes: [UInt8]) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-text-\(UUID().uuidString)")
            .path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func lines(_ text: String, partitions: Int) async throws -> [String] {
        let path = try self.file(Array(text.utf8))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await self.context.textFile(path, partitions: partitions).map { String($0) }.collect()
    }

    @Test(arguments: [
        "", "\n", "a", "a\n", "\na", "a\n\nb", "one\ntwo\nthree\n", "one\r\ntwo\r\n\r\nthree",
        "a longer line than others\nb\n",
    ])
    func `every line comes once, however the file is cut`(_ text: String) async throws {
        var expected = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        if expected.last == "" { expected.removeLast() }
        for partitions in 1...(text.utf8.count + 2) {
            #expect(try await self.lines(text, partitions: partitions) == expected.map(String.init), "\(partitions)")
        }
    }

    @Test func `lines may be longer than a block`() async throws {
        let long = String(repeating: "x", count: 3 * TextFileSource.blockBytes + 7)
        #expect(try await self.lines("a\n\(long)\nb", partitions: 4) == ["a", long, "b"])
    }

    @Test func `bytes that are no text stay as they are`() async throws {
        let path = try self.file([0xff, 0x00, 10, 0xfe])
        defer { try? FileManager.default.removeItem(atPath: path) }
        let lines = try await self.context.textFile(path).collect()
        #expect(lines == [Text([0xff, 0x00] as [UInt8]), Text([0xfe] as [UInt8])])
    }

    @Test func `a file that is not there is refused with its name`() async throws {
        let error = await #expect(throws: HeddleError.self) { try await self.context.textFile("/no/such/file") }
        #expect(error?.description == "/no/such/file names no file")
    }

    @Test func `a file that has become shorter is an error`() async throws {
        let path = try self.file(Array("a\nb\nc\n".utf8))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let lines = try await self.context.textFile(path)
        try Data("a\n".utf8).write(to: URL(fileURLWithPath: path))
        let error = await #expect(throws: HeddleError.self) { try await lines.count() }
        #expect(error?.description.contains("was changed after its partitions were made, from 6 bytes to 2") == true)
    }
}
