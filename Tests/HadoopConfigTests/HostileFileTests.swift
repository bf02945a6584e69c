import Foundation
import HadoopConfig
import Testing

@Suite struct HostileFileTests {
    @Test(arguments: [
        """
        <?xml version="1.0"?>
        <!DOCTYPE lolz [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
        <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;">]>
        <configuration><property><name>k</name><value>&f;&f;&f;</value></property></configuration>
        """,
        """
        <!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]>
        <configuration><property><name>k</name><value>&x;</value></property></configuration>
        """,
        """
        <!DOCTYPE c SYSTEM "http://127.0.0.1:1/evil.dtd">
        <configuration/>
        """,
        """
        <!DOCTYPE c [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>
        <configuration/>
        """,
        """
        <!DOCTYPE c [<!ENTITY a "1234567890"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
        <configuration a="&b;&b;&b;&b;&b;&b;"/>
        """,
    ])
    func `a DOCTYPE is refused whatever its entities would do`(text: String) throws {
        let error = try #require(try ConfigurationFolder(["core-site.xml": text]).failure())
        #expect(error.problems.count == 1)
        #expect(error.description.contains("DOCTYPE"))
        #expect(error.description.contains("core-site.xml:"))
    }

    @Test func `an entity that nothing declares is an error with its line`() throws {
        let folder = try ConfigurationFolder(["core-site.xml": site(["k": "&x;"])])
        let error = try #require(folder.failure())
        #expect(error.description.contains("core-site.xml:2: error: "))
    }

    @Test func `a sparse file of a gigabyte is refused without reading it`() throws {
        let folder = try ConfigurationFolder(["yarn-site.xml": "<configuration>"])
        let file = try #require(FileHandle(forWritingAtPath: folder.file("yarn-site.xml")))
        try file.truncate(atOffset: 1 << 30)
        try file.close()
        let before = ContinuousClock.now
        let error = try #require(folder.failure())
        #expect(error.description.contains("1073741824 bytes"))
        // Reading it would take seconds.
        #expect(before.duration(to: .now) < .seconds(1))
    }

    @Test func `a file that turns out longer than it said is read up to its limit`() throws {
        let folder = try ConfigurationFolder()
        // The kernel says that this one has no bytes, and gives hundreds.
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("yarn-site.xml"),
            withDestinationPath: "/proc/self/status"
        )
        var limits = ConfigurationLimits()
        limits.fileBytesMaximum = 100
        let error = try #require(folder.failure(limits: limits))
        #expect(error.description.contains("has more than the 100 bytes"))
    }

    @Test func `files that are small one by one may not be large together`() throws {
        let filler = "<configuration><!--" + String(repeating: "-.", count: 600) + "--></configuration>"
        let folder = try ConfigurationFolder()
        for index in 0..<10 {
            try folder.write("a\(index)-site.xml", filler.replacing("-.", with: " ."))
        }
        var limits = ConfigurationLimits()
        limits.totalBytesMaximum = 5_000
        #expect(folder.failure(limits: limits) != nil)
        #expect(folder.failure() == nil)
    }

    @Test func `depth, counts and lengths have limits`() throws {
        func failure(_ body: String, _ change: (inout ConfigurationLimits) -> Void) throws -> String? {
            var limits = ConfigurationLimits()
            change(&limits)
            let folder = try ConfigurationFolder(["core-site.xml": "<configuration>\(body)</configuration>"])
            return folder.failure(limits: limits)?.description
        }
        let deep = String(repeating: "<a>", count: 40) + String(repeating: "</a>", count: 40)
        #expect(try failure(deep) { _ in }?.contains("deep in each other") == true)
        let many = String(repeating: "<property name='k' value='v'/>", count: 11)
        #expect(try failure(many) { $0.propertyCountMaximum = 10 }?.contains("more than 10 properties") == true)
        let long = "<property><name>k</name><value>\(String(repeating: "x", count: 101))</value></property>"
        #expect(try failure(long) { $0.valueBytesMaximum = 100 }?.contains("longer than 100 bytes") == true)
        let name = "<property><name>\(String(repeating: "x", count: 101))</name><value>v</value></property>"
        #expect(try failure(name) { $0.keyBytesMaximum = 100 }?.contains("name is longer than 100 bytes") == true)
    }

    @Test(arguments: [
        ("", "not well-formed"),
        ("<configuration>", "not well-formed"),
        ("<configuration><property></configuration>", "not well-formed"),
        ("<configuration/><configuration/>", "not well-formed"),
        ("\u{0}\u{1}\u{2}", "not well-formed"),
        ("<html/>", "outermost element is <html>"),
        ("<configuration><property><value>v</value></property></configuration>", "without a <name>"),
        ("<configuration><property><name> </name></property></configuration>", "without a <name>"),
        ("<configuration><property><property/></property></configuration>", "inside another"),
        ("<configuration><fallback/></configuration>", "outside of an <include>"),
        ("<configuration><include/></configuration>", "without href"),
    ])
    func `what is no configuration is an error that says so`(text: String, expected: String) throws {
        let error = try #require(try ConfigurationFolder(["core-site.xml": text]).failure())
        #expect(error.description.contains(expected))
        #expect(error.description.contains("core-site.xml"))
    }

    @Test func `every prefix of a file is an error or a configuration, never a crash`() throws {
        let text = Array(site(["k": "a&amp;b", "j": "<![CDATA[x]]>"]).utf8)
        let folder = try ConfigurationFolder()
        for count in 0..<(text.count - 1) {
            try folder.write("core-site.xml", bytes: Array(text[..<count]))
            #expect(folder.failure() != nil)
        }
    }

    @Test func `changed bytes never crash the parser`() throws {
        let text = Array(site(["k": "v", "j": "${k}"]).utf8)
        let folder = try ConfigurationFolder()
        var state: UInt64 = 42
        for _ in 0..<500 {
            var bytes = text
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
            try folder.write("core-site.xml", bytes: bytes)
            _ = folder.failure()
        }
    }

    @Test func `a pipe or a folder in a file's place is refused at once`() throws {
        let folder = try ConfigurationFolder()
        #expect(unsafe mkfifo(folder.file("core-site.xml"), 0o600) == 0)
        #expect(folder.failure()?.description.contains("not a regular file") == true)
        try FileManager.default.removeItem(atPath: folder.file("core-site.xml"))
        try FileManager.default.createDirectory(
            atPath: folder.file("core-site.xml"),
            withIntermediateDirectories: false
        )
        #expect(folder.failure()?.description.contains("not a regular file") == true)
    }

    @Test func `every file's problem is reported, not the first one's only`() throws {
        let folder = try ConfigurationFolder(["core-site.xml": "<", "yarn-site.xml": "<html/>"])
        let error = try #require(folder.failure())
        #expect(error.problems.count == 2)
    }
}
