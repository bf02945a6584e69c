import Foundation
import Glibc
import TestSupport
import Testing

@testable import Staging

/// Files that are written beside what is there, by both ways: those that get their name late, and those that are renamed.
@Suite struct WholeFileTests {
    @Test(arguments: [true, false])
    func `a file has its name, its mode and all its bytes at once`(isNamedLate: Bool) throws {
        let folder = try TestFolder()
        try WholeFile.write("\(folder.path)/new", mode: 0o640, isFlushed: true, isNamedLate: isNamedLate) {
            (target, path) throws(TransferFailure) in
            Self.fill(target)
            #expect(path == "\(folder.path)/new")
            // Whoever lists the folder sees nothing of it: a name that begins with a dot at most.
            #expect(Self.names(in: folder.path).allSatisfy { $0.hasPrefix(".new.") })
            #expect(Self.names(in: folder.path).count == (isNamedLate ? 0 : 1))
        }
        #expect(try folder.read("new") == Array("new".utf8))
        #expect(Self.names(in: folder.path) == ["new"])
        var status = stat()
        #expect(unsafe lstat("\(folder.path)/new", &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o640)
    }

    @Test(arguments: [true, false])
    func `a file takes the place of another one and of a link, whole or not at all`(isNamedLate: Bool) throws {
        let folder = try TestFolder()
        try folder.write("old", Array("old".utf8))
        #expect(unsafe symlink("old", "\(folder.path)/link") == 0)
        #expect(throws: TransferFailure.self) {
            try WholeFile.write("\(folder.path)/old", isFlushed: false, isNamedLate: isNamedLate) {
                (target, _) throws(TransferFailure) in
                Self.fill(target)
                throw TransferFailure("broken off")
            }
        }
        #expect(try folder.read("old") == Array("old".utf8))
        for name in ["link", "old"] {
            try WholeFile.write("\(folder.path)/\(name)", isFlushed: false, isNamedLate: isNamedLate) {
                (target, _) throws(TransferFailure) in Self.fill(target)
            }
            #expect(try folder.read(name) == Array("new".utf8))
            // What a link leads to is not what was named.
            if name == "link" { #expect(try folder.read("old") == Array("old".utf8)) }
        }
        #expect(Self.names(in: folder.path) == ["link", "old"])
    }

    @Test(arguments: [true, false])
    func `a folder is no place for a file, and nothing is left of it`(isNamedLate: Bool) throws {
        let folder = try TestFolder()
        _ = try folder.makeDirectory("there")
        let failure = #expect(throws: TransferFailure.self) {
            try WholeFile.write("\(folder.path)/there", isFlushed: false, isNamedLate: isNamedLate) {
                (target, _) throws(TransferFailure) in Self.fill(target)
            }
        }
        #expect(failure?.description.hasSuffix("to \(folder.path)/there: Is a directory") == true, "\(failure as Any)")
        #expect(Self.names(in: folder.path) == ["there"])
    }

    @Test(arguments: [true, false])
    func `a name may have as many bytes as file systems take`(isNamedLate: Bool) throws {
        let folder = try TestFolder()
        let name = String(repeating: "\u{E9}", count: 127)
        for _ in 0..<2 {
            try WholeFile.write("\(folder.path)/\(name)", isFlushed: false, isNamedLate: isNamedLate) {
                (target, _) throws(TransferFailure) in Self.fill(target)
            }
        }
        #expect(Self.names(in: folder.path) == [name])
    }

    private static func fill(_ target: borrowing OwnedDescriptor) {
        #expect(unsafe pwrite(target.number, "new", 3, 0) == 3)
    }

    private static func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? []
    }
}
