import Foundation
import Staging
import Testing

@testable import ApplicationMaster

/// The files that an application is submitted with, before anything is copied.
@Suite final class GivenFilesTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-\(UUID().uuidString)")
        .path

    init() throws {
        for name in ["", "/one", "/two"] {
            try FileManager.default.createDirectory(atPath: self.folder + name, withIntermediateDirectories: true)
        }
        for name in ["/program", "/one/f", "/two/f", "/one/box.tgz"] {
            try Data().write(to: URL(fileURLWithPath: self.folder + name))
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    private func given(_ properties: [String: String], copies: Bool = true) throws -> [GivenFiles.File] {
        try GivenFiles(program: "\(self.folder)/program", EngineProperties(properties), copies: copies).files
    }

    @Test func `the program comes first, then files and archives by their names`() throws {
        let files = try self.given([
            "spark.files": "\(self.folder)/one/f,webhdfs://h:1/x/g#h",
            "spark.archives": "\(self.folder)/one/box.tgz#box",
        ])
        #expect(files.map(\.name) == ["program", "f", "h", "box"])
        #expect(files.map(\.kind) == [.file, .file, .file, .archive])
        #expect(files.map(\.place) == ["program", "f", "g", "box.tgz"])
        #expect(files.map(\.source.scheme) == ["file", "file", "webhdfs", "file"])
    }

    @Test func `files of one name have places of their own`() throws {
        let files = try self.given(["spark.files": "\(self.folder)/one/f#a,\(self.folder)/two/f#b"])
        #expect(files.map(\.place) == ["program", "f", "2/f"])
    }

    @Test(arguments: [
        ("/no/such", "spark.files: /no/such does not exist"),
        ("relative", "spark.files names relative, which is no path"),
        ("FOLDER/one", "FOLDER/one is a folder; pack it"), ("FOLDER/one/f,FOLDER/two/f", "two files would be called f"),
        ("FOLDER/one/f#program", "two files would be called program"), ("FOLDER/one/f#a/b", "a/b cannot be a name"),
        ("#x", "spark.files names #x, which is no path"),
    ]) func `what cannot be shipped is refused`(files: String, text: String) throws {
        let (files, text) = (
            files.replacingOccurrences(of: "FOLDER", with: self.folder),
            text.replacingOccurrences(of: "FOLDER", with: self.folder)
        )
        let error = #expect(throws: Submission.Failure.self) { try self.given(["spark.files": files]) }
        #expect(error?.description.contains(text) == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test func `a folder is nodes' own business where nothing is copied`() throws {
        #expect(try self.given(["spark.archives": "\(self.folder)/one#box"], copies: false).last?.name == "box")
    }
}
