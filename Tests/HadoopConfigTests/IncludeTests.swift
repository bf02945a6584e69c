import Foundation
import HadoopConfig
import Testing

@Suite struct IncludeTests {
    private func wrapped(_ body: String) -> String {
        "<configuration xmlns:xi=\"http://www.w3.org/2001/XInclude\">\n\(body)\n</configuration>"
    }

    @Test func `an included file stands where it is included, relative to its includer`() throws {
        let folder = try ConfigurationFolder([
            "core-site.xml": self.wrapped(
                "<property name='a' value='1'/><xi:include href='more.xml'/><property name='b' value='3'/>"
            ),
            "more.xml": site(["a": "2", "b": "2"]),
        ])
        let configuration = try folder.load()
        #expect(try configuration.text(of: "a") == "2")
        #expect(try configuration.text(of: "b") == "3")
        #expect(configuration.origin(of: "a") == .file(path: folder.file("more.xml"), line: 2))
    }

    @Test func `absolute paths and file URIs are included`() throws {
        let other = try ConfigurationFolder(["a.xml": site(["a": "1"]), "b.xml": site(["b": "2"])])
        let folder = try ConfigurationFolder([
            "core-site.xml": self.wrapped(
                "<xi:include href='\(other.file("a.xml"))'/><xi:include href='file://\(other.file("b.xml"))'/>"
            )
        ])
        let configuration = try folder.load()
        #expect(try configuration.text(of: "a") == "1")
        #expect(try configuration.text(of: "b") == "2")
    }

    @Test func `a fallback counts only where the file is missing`() throws {
        let fallback = "<xi:fallback><property name='k' value='fallback'/></xi:fallback>"
        let folder = try ConfigurationFolder([
            "core-site.xml": self.wrapped("<xi:include href='none.xml'>\(fallback)</xi:include>"),
            "yarn-site.xml": self.wrapped("<xi:include href='none.xml'><xi:fallback/></xi:include>"),
            "mapred-site.xml": self.wrapped(
                "<xi:include href='there.xml'>\(fallback.replacing("'k'", with: "'j'"))</xi:include>"
            ),
            "there.xml": site(["i": "1"]),
        ])
        let configuration = try folder.load()
        #expect(try configuration.text(of: "k") == "fallback")
        #expect(try configuration.text(of: "j") == nil)
        #expect(try configuration.text(of: "i") == "1")
    }

    @Test func `a fallback does not hide a file that is broken`() throws {
        let folder = try ConfigurationFolder([
            "core-site.xml": self.wrapped("<xi:include href='bad.xml'><xi:fallback/></xi:include>"),
            "bad.xml": "<",
        ])
        #expect(folder.failure()?.description.contains("bad.xml") == true)
    }

    @Test func `files that include each other in a circle are refused`() throws {
        let folder = try ConfigurationFolder([
            "core-site.xml": self.wrapped("<xi:include href='b.xml'/>"),
            "b.xml": self.wrapped("<xi:include href='./core-site.xml'/>"),
        ])
        #expect(folder.failure()?.description.contains("includes itself") == true)
    }

    @Test func `a circle through another name of the same file is seen`() throws {
        let folder = try ConfigurationFolder(["core-site.xml": self.wrapped("<xi:include href='link.xml'/>")])
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link.xml"),
            withDestinationPath: folder.file("core-site.xml")
        )
        #expect(folder.failure()?.description.contains("includes itself") == true)
    }

    @Test func `chains and numbers of includes have limits`() throws {
        let chain = try ConfigurationFolder(["core-site.xml": self.wrapped("<xi:include href='f0.xml'/>")])
        for index in 0..<20 {
            try chain.write("f\(index).xml", self.wrapped("<xi:include href='f\(index + 1).xml'/>"))
        }
        try chain.write("f20.xml", site(["k": "v"]))
        #expect(chain.failure()?.description.contains("10 that include each other") == true)

        let wide = try ConfigurationFolder(["f.xml": site(["k": "v"])])
        try wide.write("core-site.xml", self.wrapped(String(repeating: "<xi:include href='f.xml'/>", count: 300)))
        #expect(wide.failure()?.description.contains("more than 256 included files") == true)
    }

    /// Two includes of the next level each would be 2^30 files.
    @Test func `a tree of includes that doubles at every level ends early`() throws {
        let folder = try ConfigurationFolder(["core-site.xml": self.wrapped("<xi:include href='f0.xml'/>")])
        for index in 0..<9 {
            let href = "<xi:include href='f\(index + 1).xml'/>"
            try folder.write("f\(index).xml", self.wrapped(href + href))
        }
        try folder.write("f9.xml", site(["k": "v"]))
        #expect(folder.failure()?.description.contains("more than 256 included files") == true)
    }

    @Test(arguments: [
        ("href='http://127.0.0.1:1/x.xml'", "only files of this machine"),
        ("href='ftp://h/x'", "only files of this machine"),
        ("href='file://otherhost/x.xml'", "only files of this machine"),
        ("href='none.xml'", "does not exist"),
        ("href='/dev/zero'", "not a regular file"),
        ("href='/etc/passwd'", "not well-formed"),
        ("href='f.xml' parse='text'", "not supported"),
        ("href='f.xml' xpointer='x'", "not supported"),
    ])
    func `other includes are refused by name`(attributes: String, expected: String) throws {
        let folder = try ConfigurationFolder(["core-site.xml": self.wrapped("<xi:include \(attributes)/>")])
        let description = try #require(folder.failure()).description
        #expect(description.contains(expected))
        // What stood in the other file stays there.
        #expect(!description.contains("root:"))
    }
}
