import Testing

@testable import Heddle

/// The end of a process's standard error.
@Suite struct ErrorTailTests {
    private let folder: Folder

    init() throws { self.folder = try Folder() }

    @Test func `of a long file whole lines of its end are told`() throws {
        let text = (0..<10_000).map { "line \($0)\n" }.joined()
        let tail = ErrorTail.text(of: try self.folder.write("stderr", text))
        #expect(text.hasSuffix("\n\(tail)\n") && tail.hasPrefix("line ") && tail.hasSuffix("line 9999"))
        #expect((3900...4096).contains(tail.utf8.count))
    }

    @Test func `of a short file all is told, of none nothing`() throws {
        #expect(ErrorTail.text(of: try self.folder.write("stderr", "one\ntwo\n\n")) == "one\ntwo")
        #expect(ErrorTail.text(of: try self.folder.write("stderr", "")) == "")
        #expect(ErrorTail.text(of: self.folder.path("nothing")) == "")
    }

    @Test func `of one endless line the end is told`() throws {
        let tail = ErrorTail.text(of: try self.folder.write("stderr", String(repeating: "x", count: 9000) + "end\n"))
        #expect(tail.hasSuffix("xend") && tail.utf8.count == 4095)
    }
}
