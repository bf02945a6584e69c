import Foundation
import ResourceManagerCore
import Testing

@testable import ResourceManager

@Suite struct NodeListFilesTests {
    private let folder: TemporaryFolder

    init() throws {
        self.folder = try TemporaryFolder()
    }

    private func write(_ text: String, to name: String) throws -> String {
        let path = self.folder.file(name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func `an XML list has names, several in one, and times to drain`() throws {
        let include = try self.write("a b # c\n\td\n", to: "include")
        let exclude = try self.write(
            """
            <?xml version="1.0"?>
            <!-- for the weekend -->
            <hosts>
              <host><name>a, b</name><timeout> 120 </timeout></host>
              <host><name>10.0.0.7</name></host>
              <host><name>d</name><timeout>-1</timeout></host>
              <host></host>
            </hosts>
            """,
            to: "exclude.xml"
        )
        let lists = try NodeListFiles(includePath: include, excludePath: exclude).read()
        #expect(lists.included == ["a", "b", "d"])
        #expect(lists.excluded == ["a", "b", "10.0.0.7", "d"])
        #expect(lists.drainSeconds == ["a": 120, "b": 120, "d": -1])
    }

    @Test func `an empty include file admits everybody`() throws {
        let plain = try self.write("# nobody yet\n", to: "include")
        let xml = try self.write("<hosts/>", to: "include.xml")
        #expect(try NodeListFiles(includePath: plain, excludePath: nil).read().included == nil)
        #expect(try NodeListFiles(includePath: xml, excludePath: nil).read().included == nil)
    }

    @Test(
        arguments: [
            ("list", "<hosts/>", "let its name end in .xml"),
            ("list.xml", "a\nb\n", "not well-formed"),
            ("list.xml", "<hosts><host><name>a</name><timeout>soon</timeout></host></hosts>", "soon is no timeout"),
            ("list.xml", "<!DOCTYPE hosts SYSTEM \"http://127.0.0.1/x\"><hosts/>", "document type"),
        ]
    )
    func `a list that is not what its name says is refused by its path`(
        name: String,
        text: String,
        reason: String
    ) throws {
        let path = try self.write(text, to: name)
        let error = try #require(throws: NodeListFiles.Unreadable.self) {
            try NodeListFiles(includePath: nil, excludePath: path).read()
        }
        #expect(error.description.contains(path))
        #expect(error.description.contains(reason))
    }
}
