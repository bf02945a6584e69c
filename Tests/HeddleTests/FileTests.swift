import Foundation
import Testing

@testable import Heddle

@Suite struct FileTests {
    private let context: HeddleContext
    private let folder: Folder

    init() throws {
        self.context = try HeddleContext(master: "local[2]")
        self.folder = try Folder()
        for name in ["a1", "a2", "b1", "_hidden", ".hidden", "deep/a/x", "deep/b/y"] {
            try self.folder.write(name, "\(name)\n")
        }
    }

    private func lines(_ names: String) async throws -> [String] {
        try await self.context.textFile(names).map { String($0) }.collect()
    }

    @Test(arguments: [
        ("*", ["a1", "a2", "b1"]), ("a?", ["a1", "a2"]), ("[b-z]1", ["b1"]), ("{a,b}1", ["a1", "b1"]),
        ("{a{1,2},b1}", ["a1", "a2", "b1"]), ("deep/*", ["deep/a/x", "deep/b/y"]), ("deep/*/y", ["deep/b/y"]),
        ("deep/{a,b}", ["deep/a/x", "deep/b/y"]), ("_hidden", ["_hidden"]), ("d*/a/x", ["deep/a/x"]),
    ])
    func `patterns name files`(_ pattern: String, _ expected: [String]) async throws {
        if pattern == "*" {
            // A folder among the files stands for its own files, of which this one has none.
            try FileManager.default.removeItem(atPath: self.folder.path("deep"))
        }
        #expect(try await self.lines(self.folder.path(pattern)) == expected)
        #expect(try await self.lines("file://" + self.folder.path(pattern)) == expected)
    }

    @Test func `folders and lists name files, hidden ones left out`() async throws {
        try FileManager.default.removeItem(atPath: self.folder.path("deep"))
        #expect(try await self.lines(self.folder.path) == ["a1", "a2", "b1"])
        #expect(try await self.lines("\(self.folder.path("b1")),\(self.folder.path("a1"))") == ["b1", "a1"])
    }

    @Test func `what names no file is refused`() async throws {
        for name in ["x*", "none", "a1/x", "a1,"] where name != "a1," {
            let error = await #expect(throws: HeddleError.self) { try await self.lines(self.folder.path(name)) }
            #expect(error?.description.hasSuffix("\(name) names no file") == true)
        }
        let nested = await #expect(throws: HeddleError.self) { try await self.lines(self.folder.path) }
        #expect(nested?.description.contains("is a folder in the folder that is read") == true)
        let scheme = await #expect(throws: HeddleError.self) { try await self.lines("gopher://host/x") }
        #expect(scheme?.description.contains("known are file, http") == true)
    }

    @Test func `files are cut by their sizes together`() async throws {
        let splits = FileSplit.splits(
            of: [
                SourceFile(name: "a", length: 100), SourceFile(name: "b.gz", length: 1000),
                SourceFile(name: "c", length: 0), SourceFile(name: "d", length: 900),
            ],
            wanted: 10
        )
        #expect(splits.map(\.file.name) == ["a", "b.gz", "c", "d", "d", "d", "d", "d"])
        #expect(splits.map(\.end) == [100, 1000, 0, 200, 400, 600, 800, 900])
        let large = FileSplit.splits(of: [SourceFile(name: "e", length: 1 << 30)], wanted: 2)
        #expect(large.count == 8)
    }

    @Test func `gzip files are read whole, also of several parts`() async throws {
        let one = Self.gzip("one\ntw")
        try self.folder.write("packed.gz", one + Self.gzip("o\nthree\n"))
        #expect(try await self.lines(self.folder.path("packed.gz")) == ["one", "two", "three"])
        for (bytes, problem) in [
            (Array(one.dropLast(5)), "is cut off"), (Array("no gzip".utf8), "damaged gzip data"),
            (one.prefix(12) + [0xFF, 0xFF, 0xFF] + one.dropFirst(15), "damaged gzip data"),
        ] {
            let path = try self.folder.write("bad.gz", bytes)
            let error = await #expect(throws: HeddleError.self) { try await self.lines(path) }
            #expect(error?.description.contains("\(path) ") == true && error?.description.contains(problem) == true)
        }
    }

    private static func gzip(_ text: String) -> [UInt8] { GzipWriter().compress(Array(text.utf8), isLast: true) }

    @Test func `files come whole with their names`() async throws {
        try self.folder.write("whole/a", "1\n2")
        try self.folder.write("whole/b.gz", Self.gzip("3"))
        let texts = try await self.context.wholeTextFiles(self.folder.path("whole")).collect()
        #expect(texts == [Pair(self.folder.path("whole/a"), "1\n2"), Pair(self.folder.path("whole/b.gz"), "3")])
        let bytes = try await self.context.binaryFiles(self.folder.path("whole"), partitions: 5)
        #expect(bytes.partitionCount == 2)
        #expect(try await bytes.values().collect() == [Array("1\n2".utf8), Self.gzip("3")])
    }

    @Test func `a file that has changed, though not its length, is an error`() async throws {
        let path = try self.folder.write("changing", "a\nb\n")
        let lines = try await self.context.textFile(path)
        let whole = try await self.context.wholeTextFiles(path)
        #expect(try await lines.count() == 2)
        try self.folder.write("changing", "c\nd\n")
        let past = Date(timeIntervalSince1970: 1_000_000)
        try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: path)
        for error in [
            await #expect(throws: HeddleError.self) { try await lines.count() },
            await #expect(throws: HeddleError.self) { try await whole.count() },
        ] { #expect(error?.description.contains("was changed after its partitions were made") == true) }
    }
}
