import Staging
import Testing

@testable import Commands

@Suite struct FileCommandTests {
    private static func arguments(_ fileSystem: String = "webhdfs://stage:14000") throws -> FileArguments {
        try FileArguments(defaultFileSystem: fileSystem, user: "ann", workingDirectory: "/home/ann/here")
    }

    @Test(arguments: [
        ("/a/b", "webhdfs://stage:14000/a/b"), ("b", "webhdfs://stage:14000/user/ann/b"),
        ("", "webhdfs://stage:14000/user/ann"), (".", "webhdfs://stage:14000/user/ann"),
        ("../bob/./x//y", "webhdfs://stage:14000/user/bob/x/y"), ("/../..", "webhdfs://stage:14000/"),
        ("s3a://bucket/key", "s3a://bucket/key"), ("s3a://bucket", "s3a://bucket/"),
        ("file:///tmp/x", "file:/tmp/x"), ("a:b/c", nil), ("/a:b", "webhdfs://stage:14000/a:b"),
        ("webhdfs://[::1]:80/x", "webhdfs://[::1]:80/x"),
    ])
    func `a path without a file system is one of the configuration's, in the user's folder`(
        word: String,
        expected: String?
    ) throws {
        let arguments = try Self.arguments()
        if let expected {
            #expect(try arguments.place(word).location.description == expected)
        } else {
            #expect(throws: CommandFailure.self) { try arguments.place(word) }
        }
    }

    @Test func `paths of this machine begin in the working directory`() throws {
        #expect(try Self.arguments().localPlace("x/../y").location.description == "file:/home/ann/here/y")
        #expect(try Self.arguments().localPlace("file:///y").location.description == "file:/y")
        #expect(try Self.arguments("file:///").place("y").location.description == "file:/home/ann/here/y")
        #expect(throws: CommandFailure.self) { try Self.arguments().localPlace("s3a://b/x") }
        #expect(throws: CommandFailure.self) { try Self.arguments("stage") }
    }

    @Test func `what lies below a place is written as the place is`() throws {
        let child = try Self.arguments().place("dir").child("x")
        #expect(child.word == "dir/x" && child.location.path == "/user/ann/dir/x")
        #expect(try Self.arguments().place("/").child("x").word == "/x")
    }

    private static func line(_ name: String, _ done: Int64, _ total: Int64?, _ seconds: Int, width: Int = 79) -> String
    {
        ProgressLine.text(name: name, done: done, total: total, elapsed: .seconds(seconds), width: width)
    }

    @Test func `a bar says how far a file is, how fast it comes and how long it will take`() {
        let line = Self.line("a.tar", 25 << 20, 100 << 20, 5)
        #expect(line.count == 79)
        #expect(line.hasPrefix("a.tar [=====") && line.hasSuffix(" ]  25% 25.0 MiB 5.0 MiB/s, 0:15 left"))
        #expect(Self.line("a.tar", 0, 0, 0).hasSuffix("=] 100% 0 B"))
        #expect(Self.line("a.tar", 100 << 20, 100 << 20, 10).hasSuffix("=] 100% 100.0 MiB 10.0 MiB/s"))
        #expect(Self.line("a.tar", 5000, nil, 2) == "a.tar 4.9 KiB 2.4 KiB/s")
        #expect(Self.line("a.tar", 0, 7, 3).hasSuffix("   0% 0 B 0 B/s"))
    }

    @Test func `a line is never longer than the terminal is wide`() {
        let name = String(repeating: "name", count: 50)
        for width in 1...200 {
            for total in [nil, 0, 1 << 40] as [Int64?] {
                #expect(Self.line(name, 1 << 33, total, 100, width: width).count <= width, "\(width)")
            }
        }
        #expect(Self.line(name, 1, 2, 1).contains("..."))
    }

    @Test func `no name commands the terminal`() {
        #expect(Self.line("a\u{1B}[2Jb\r\n\u{9B}", 0, nil, 0) == "a?[2Jb??? 0 B")
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_048_575, "1.0 MiB"), (1536 << 20, "1.5 GiB"),
        (Int64.max, "8192.0 PiB"),
    ])
    func `sizes have the unit that suits them`(bytes: Int64, text: String) {
        #expect(ProgressLine.size(bytes) == text)
    }

    @Test func `times have hours when there are any`() {
        #expect([7, 754, 3723].map(ProgressLine.time) == ["0:07", "12:34", "1:02:03"])
    }
}
