import Glibc
import Testing

@testable import Staging

// A million entries take more than a minute under the thread sanitizer.
@Suite(.timeLimit(.minutes(3))) struct ArchiveUnpackerTests {
    private let folder: TestFolder

    init() throws {
        self.folder = try TestFolder()
    }

    private func unpack(
        _ bytes: [UInt8],
        _ kind: ArchiveKind,
        limits: UnpackLimits = UnpackLimits(),
        ownership: FileOwnership = FileOwnership(fileMode: 0o500, directoryMode: 0o700),
        matching pattern: EntryPattern? = nil
    ) throws -> Int64 {
        let path = try self.folder.write("archive", bytes)
        _ = try self.folder.makeDirectory("out")
        return try ArchiveUnpacker(limits: limits).unpack(
            OwnedDescriptor.open(path, O_RDONLY),
            bytes: Int64(bytes.count),
            kind: kind,
            into: self.folder.openDirectory("out"),
            ownership: ownership,
            matching: pattern,
            cancellation: Cancellation()
        )
    }

    private func refusal(of bytes: [UInt8], _ kind: ArchiveKind, limits: UnpackLimits = UnpackLimits()) -> String {
        let failure = #expect(throws: UnpackFailure.self) { try self.unpack(bytes, kind, limits: limits) }
        return failure?.description ?? ""
    }

    @Test(arguments: [
        ("a.ZIP", ArchiveKind.zip), ("b.jar", .zip), ("c.tar", .tar), ("d.Tar.Gz", .tar), ("e.tgz", .tar),
        ("f.gz", nil), ("g.tar.bz2", nil), ("zip", nil), ("h.txt", nil),
    ])
    func `the name's end tells an archive's kind, in any case`(name: String, kind: ArchiveKind?) {
        #expect(ArchiveKind(name: name) == kind)
    }

    @Test func `a zip unpacks with folders, links and the asked modes`() throws {
        var zip = ZipBuilder()
        zip.add("top.txt", Array("top".utf8))
        zip.add("dir/", mode: 0o040_755)
        zip.add("dir/deep/er/file", Array("deep".utf8), mode: 0o100_755)
        zip.add("windows", Array("w".utf8), mode: nil)
        zip.add("dir/link", Array("deep/er/file".utf8), mode: 0o120_777)
        zip.add("./dotted/./name", Array("n".utf8))
        let size = try self.unpack(zip.finished(), .zip)
        #expect(size == 3 + 4 + 1 + 1)
        #expect(try self.folder.read("out/top.txt") == Array("top".utf8))
        #expect(try self.folder.read("out/dir/link") == Array("deep".utf8))
        #expect(try self.folder.read("out/dotted/name") == Array("n".utf8))
        #expect(self.folder.mode("out/top.txt") == 0o500)
        #expect(self.folder.mode("out/dir/deep/er/file") == 0o500)
        #expect(self.folder.mode("out/dir/deep") == 0o700)
        #expect(self.folder.mode("out") == 0o700)
    }

    @Test func `a tar unpacks, packed or not, with hard links and replaced entries`() throws {
        var tar = TarBuilder()
        tar.add("bin/", type: "5", mode: 0o755)
        tar.add("bin/tool", Array("old".utf8), mode: 0o4755)
        tar.add("bin/tool", Array("new!".utf8), mode: 0o4755)
        tar.add("bin/same", type: "1", link: "bin/tool")
        tar.add("lib", type: "2", link: "bin")
        tar.add("up", type: "2", link: "bin/../bin/./tool")
        _ = try self.unpack(gzip(tar.finished()), .tar, ownership: FileOwnership(fileMode: 0o555, directoryMode: 0o755))
        #expect(try self.folder.read("out/bin/tool") == Array("new!".utf8))
        #expect(try self.folder.read("out/bin/same") == Array("new!".utf8))
        #expect(try self.folder.read("out/lib/tool") == Array("new!".utf8))
        #expect(try self.folder.read("out/up") == Array("new!".utf8))
        // Set-user-id does not survive.
        #expect(self.folder.mode("out/bin/tool") == 0o555)
        #expect(self.folder.mode("out/bin") == 0o755)
    }

    @Test(arguments: [
        "../out", "a/../../out", "..", "/etc/passwd", "//etc/passwd", "C:\\windows", "c:/windows", "\\\\server\\x",
        "a\\..\\..\\b", "./../x", "a/..", "dir/../../../../../../../../tmp/x",
    ])
    func `entries that lead out are refused in both formats`(name: String) throws {
        var zip = ZipBuilder()
        zip.add("good", [1])
        zip.add(name, [2])
        let zipRefusal = self.refusal(of: zip.finished(), .zip)
        #expect(zipRefusal.contains("absolute path") || zipRefusal.contains("leads out"))
        TreeRemoval.remove("\(self.folder.path)/out")
        var tar = TarBuilder()
        tar.add(name, [2])
        let tarRefusal = self.refusal(of: tar.finished(), .tar)
        #expect(tarRefusal.contains("absolute path") || tarRefusal.contains("leads out"))
        #expect(self.folder.status("x") == nil)
    }

    @Test func `a packed virtual environment keeps its links to the machine's interpreter`() throws {
        let interpreter = try self.folder.write("python3.11", Array("interpreter".utf8))
        var tar = TarBuilder()
        tar.add("bin/python3", type: "2", link: "python")
        tar.add("bin/python", type: "2", link: interpreter)
        tar.add("bin/activate", [1])
        #expect(try self.unpack(gzip(tar.finished()), .tar) == 1)
        #expect(try self.folder.read("out/bin/python3") == Array("interpreter".utf8))
        // What the link leads to is nobody's to change: neither its mode nor, when the archive goes, itself.
        #expect(self.folder.mode("python3.11") != 0o500)
        TreeRemoval.remove("\(self.folder.path)/out")
        #expect(try self.folder.read("python3.11") == Array("interpreter".utf8))
    }

    @Test(arguments: ["door/file", "door/deep/file"])
    func `nothing is written through a link to an absolute path`(name: String) throws {
        _ = try self.folder.makeDirectory("target")
        for fileComesFirst in [false, true] {
            var tar = TarBuilder()
            if fileComesFirst { tar.add(name, [1]) }
            tar.add("door", type: "2", link: "\(self.folder.path)/target")
            if !fileComesFirst { tar.add(name, [1]) }
            #expect(self.refusal(of: tar.finished(), .tar).contains("File exists"))
            #expect(self.folder.status("target/file") == nil && self.folder.status("target/deep") == nil)
            TreeRemoval.remove("\(self.folder.path)/out")
        }
    }

    @Test func `a hard link to a link with an absolute path is refused`() throws {
        try self.folder.write("secret", [1])
        var tar = TarBuilder()
        tar.add("soft", type: "2", link: "\(self.folder.path)/secret")
        tar.add("hard", type: "1", link: "soft")
        #expect(self.refusal(of: tar.finished(), .tar).contains("cannot link"))
    }

    @Test(arguments: ["../outside", "a/../../outside", "..", "../../../../etc/passwd"])
    func `symbolic links that lead out are refused`(target: String) throws {
        var tar = TarBuilder()
        tar.add("a/", type: "5")
        tar.add("link", type: "2", link: target)
        #expect(self.refusal(of: tar.finished(), .tar).contains("outside the archive"))
        #expect(self.folder.status("out/link") == nil)
    }

    @Test func `links that lead out only together are refused`() throws {
        var tar = TarBuilder()
        tar.add("a/b/c/", type: "5")
        // Each stays inside by its letters; the second goes through the first and ends above the archive.
        tar.add("a/b/c/top", type: "2", link: "../../..")
        tar.add("out", type: "2", link: "a/b/c/top/../secret")
        try self.folder.write("secret", [1])
        #expect(self.refusal(of: tar.finished(), .tar).contains("outside the archive"))
    }

    @Test func `nothing is written through a link`() throws {
        var tar = TarBuilder()
        tar.add("door", type: "2", link: "room")
        tar.add("room/", type: "5")
        tar.add("door/file", [1])
        // The folder is made, so the link of the same name cannot be.
        #expect(self.refusal(of: tar.finished(), .tar).contains("File exists"))
        #expect(self.folder.status("out/room/file") == nil)
    }

    @Test(arguments: ["/etc/passwd", "../secret", "missing"])
    func `hard links to what is not in the archive are refused`(target: String) throws {
        try self.folder.write("secret", [1])
        var tar = TarBuilder()
        tar.add("hard", type: "1", link: target)
        #expect(!self.refusal(of: tar.finished(), .tar).isEmpty)
        #expect(self.folder.status("out/hard") == nil)
    }

    @Test(arguments: [("3", "a device"), ("4", "a device"), ("6", "a pipe")])
    func `devices and pipes are refused`(type: Character, what: String) throws {
        var tar = TarBuilder()
        tar.add("special", type: type)
        #expect(self.refusal(of: tar.finished(), .tar).contains(what))
        #expect(self.folder.status("out/special") == nil)
    }

    @Test func `a bomb is stopped at its limit, by its ratio and by its size`() throws {
        var zip = ZipBuilder()
        zip.addZeros("bomb", count: 8 << 20)
        let bytes = zip.finished()
        #expect(bytes.count < 1 << 20)
        let byRatio = UnpackLimits(ratioMaximum: 10, ratioExemptBytes: 1 << 20)
        #expect(self.refusal(of: bytes, .zip, limits: byRatio).contains("\(max(1 << 20, bytes.count * 10)) bytes"))
        #expect(self.folder.status("out/bomb").map { $0.st_size <= max(1 << 20, bytes.count * 10) } == true)
        TreeRemoval.remove("\(self.folder.path)/out")
        let bySize = UnpackLimits(totalBytesMaximum: 3 << 20)
        #expect(self.refusal(of: bytes, .zip, limits: bySize).contains("3145728 bytes"))
        TreeRemoval.remove("\(self.folder.path)/out")
        #expect(try self.unpack(bytes, .zip) > 7 << 20)
    }

    /// A hole costs an archive nothing wherever it lies.
    @Test(arguments: [0, 5_000_000, 9_999_997])
    func `a hole in a tar is kept, and counts as if it were full`(offset: Int) throws {
        var tar = TarBuilder()
        tar.add("f", Array("abc".utf8), type: "S", sparse: TarBuilder.Sparse(offset: offset, size: 10_000_000))
        #expect(try self.unpack(tar.finished(), .tar) == 10_000_000)
        let content = try self.folder.read("out/f")
        try #require(content.count == 10_000_000)
        let isRight = content[offset..<offset + 3].elementsEqual("abc".utf8) && content.count { $0 != 0 } == 3
        #expect(isRight)
        TreeRemoval.remove("\(self.folder.path)/out")
        let limits = UnpackLimits(totalBytesMaximum: 9_999_999)
        #expect(self.refusal(of: tar.finished(), .tar, limits: limits).contains("more than the 9999999 bytes"))
    }

    @Test func `entries, depth and the length of names are limited`() throws {
        var many = TarBuilder()
        for index in 0..<20 { many.add("file\(index)") }
        #expect(
            self.refusal(of: many.finished(), .tar, limits: UnpackLimits(entriesMaximum: 10)).contains("10 entries")
        )
        TreeRemoval.remove("\(self.folder.path)/out")
        var deep = ZipBuilder()
        deep.add(String(repeating: "d/", count: 200) + "f")
        #expect(self.refusal(of: deep.finished(), .zip).contains("folders deep"))
        TreeRemoval.remove("\(self.folder.path)/out")
        var long = ZipBuilder()
        long.add(String(repeating: "n", count: 5000))
        #expect(self.refusal(of: long.finished(), .zip).contains("longer than 4096 bytes"))
    }

    @Test func `a name that is no UTF-8 keeps its bytes`() throws {
        // Latin-1, as old archivers write it: "caf\u{e9}".
        var tar = TarBuilder()
        tar.add("caf?", [1])
        var bytes = tar.finished()
        bytes[3] = 0xe9
        // The header's sum of bytes, in which the name's changed.
        let sum = bytes[..<512].enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
        let digits = String(sum, radix: 8)
        bytes.replaceSubrange(148..<154, with: Array((String(repeating: "0", count: 6 - digits.count) + digits).utf8))
        #expect(try self.unpack(bytes, .tar) == 1)
        let path = Array("\(self.folder.path)/out/caf".utf8CString.dropLast()) + [CChar(bitPattern: 0xe9), 0]
        #expect(unsafe access(path, F_OK) == 0)
    }

    @Test func `a name that is no UTF-8 keeps its bytes in a zip, too, and cannot lead out`() throws {
        for name in [[0x63, 0x61, 0x66, 0xe9], [0xff, 0xfe], [0x82, 0xa0, 0x2e, 0x74]] as [[UInt8]] {
            var zip = ZipBuilder()
            zip.add(bytes: name, Array("hello".utf8), isUTF8: false)
            #expect(try self.unpack(zip.finished(), .zip) == 5)
            let path = Array("\(self.folder.path)/out/".utf8) + name
            #expect(unsafe access(path.map { CChar(bitPattern: $0) } + [0], F_OK) == 0, "\(name)")
            TreeRemoval.remove("\(self.folder.path)/out")
        }
        // Said to be UTF-8, and is none: refused or kept, never another name.
        var lying = ZipBuilder()
        lying.add(bytes: [0x61, 0xe9], [1], isUTF8: true)
        lying.add(bytes: Array("../".utf8) + [0xe9], [1], isUTF8: false)
        #expect(self.refusal(of: lying.finished(), .zip) != "")
        #expect(self.folder.status("\u{e9}") == nil)
    }

    /// Refused at the limit and not before. That it takes no more memory than for a few is measured in a NodeManager of its own
    /// (Tests/Interop/test_localizer_faults.py): here other tests use memory too.
    @Test func `a million entries are the most`() throws {
        var header = TarBuilder()
        header.add("folder/", type: "5", mode: 0o755)
        let archive = Array(repeating: gzip(repeating: header.bytes, count: 1000), count: 1001).flatMap { $0 }
        #expect(self.refusal(of: archive, .tar).contains("1000000 entries"))
    }

    @Test func `an archive cut off at any place is an error or complete, never a crash or a leak`() throws {
        var zip = ZipBuilder()
        zip.add("a", Array("hello".utf8))
        zip.add("b/c", Array("world".utf8))
        var tar = TarBuilder()
        tar.add("a", Array("hello".utf8))
        tar.add("b/c", Array("world".utf8))
        let packed = gzip(tar.finished())
        for (bytes, kind) in [(zip.finished(), ArchiveKind.zip), (packed, .tar), (tar.finished(), .tar)] {
            for length in stride(from: 0, to: bytes.count, by: 23) {
                TreeRemoval.remove("\(self.folder.path)/out")
                _ = try? self.unpack(Array(bytes.prefix(length)), kind)
            }
        }
        #expect(OpenDescriptors.count(below: self.folder.path) == 0)
    }

    @Test func `garbage is an error`() throws {
        #expect(self.refusal(of: Array("this is no archive at all".utf8), .tar).contains("Unrecognized archive format"))
        TreeRemoval.remove("\(self.folder.path)/out")
        #expect(!self.refusal(of: [UInt8](repeating: 0xff, count: 4096), .zip).isEmpty)
    }

    @Test func `only matching entries are unpacked under a pattern`() throws {
        var jar = ZipBuilder()
        jar.add("classes/A.class", [1])
        jar.add("lib/b.jar", [2])
        jar.add("other/c", [3])
        jar.add("xclasses/d", [4])
        _ = try self.unpack(jar.finished(), .zip, matching: EntryPattern("(?:classes/|lib/).*"))
        #expect(self.folder.status("out/classes/A.class") != nil)
        #expect(self.folder.status("out/lib/b.jar") != nil)
        #expect(self.folder.status("out/other") == nil)
        #expect(self.folder.status("out/xclasses") == nil)
    }
}

@Suite struct EntryPatternTests {
    @Test(arguments: [
        ("(?:classes/|lib/).*", "lib/a.jar", true), ("(?:classes/|lib/).*", "a/lib/b", false),
        ("[^/]+\\.txt", "a.txt", true), ("[^/]+\\.txt", "a/b.txt", false), ("\\d{2}\\w+?", "12ab", true),
        (".*?/x", "a/b/x", true), ("a", "aa", false), ("", "", true), ("a|b", "b", true), ("a|b", "ab", false),
    ])
    func `a pattern matches whole names as Java's does`(expression: String, name: String, isMatch: Bool) throws {
        #expect(try EntryPattern(expression).matches(name) == isMatch)
    }

    @Test(arguments: ["(?=x)", "(?<n>a)", "a*+", "\\1", "\\bx", "(", "a{1000}", "(a{99}){99}b{9}", "\\", "[a"])
    func `what cannot be matched in bounded time or is not understood is refused`(expression: String) {
        #expect(throws: UnpackFailure.self) { try EntryPattern(expression) }
    }

    @Test func `a pattern made to take years takes no time`() throws {
        let pattern = try EntryPattern("(a|a)*(a|aa)*(a*)*b")
        let start = ContinuousClock.now
        #expect(!pattern.matches(String(repeating: "a", count: 2000)))
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}
