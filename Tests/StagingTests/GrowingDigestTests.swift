import Crypto
import Foundation
import TestSupport
import Testing

@testable import Staging

@Suite final class GrowingDigestTests {
    private let folder: URL
    private let file: FileHandle

    init() throws {
        self.folder = FileManager.default.temporaryDirectory.appending(path: "heddle-digest-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: false)
        let path = self.folder.appending(path: "file").path
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        self.file = try FileHandle(forUpdating: URL(filePath: path))
    }

    deinit { try? FileManager.default.removeItem(at: self.folder) }

    private static let body = Data((0..<9_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 11) })
    private static let location = ResourceLocation(scheme: "http", host: "h", path: "/f")

    private func digest(_ stated: Data) throws -> GrowingDigest {
        let stated = StatedDigest(algorithm: .sha256, bytes: Array(SHA256.hash(data: stated)))
        return try #require(GrowingDigest([stated], of: self.file.fileDescriptor, from: Self.location))
    }

    @Test func `what is there is taken in pieces, the rest at the end`() throws {
        var digest = try self.digest(Self.body)
        var written = 0
        var taken = 0
        for end in [10, 4 << 20, 4 << 20 + 1, 9_000_000, 9_000_001] {
            try self.file.write(contentsOf: Self.body[written..<end])
            written = end
            while try digest.advance(to: Int64(written)) { taken += 1 }
        }
        #expect(taken == 2)
        try digest.check(upTo: Int64(written), Cancellation())
    }

    @Test func `one byte that is another is noticed wherever it is`() throws {
        for position in [0, 4 << 20, 9_000_000] {
            var wrong = Self.body
            wrong[position] ^= 1
            var digest = try self.digest(wrong)
            try self.file.seek(toOffset: 0)
            try self.file.write(contentsOf: Self.body)
            while try digest.advance(to: Int64(Self.body.count)) {}
            let failure = #expect(throws: TransferFailure.self) {
                try digest.check(upTo: Int64(Self.body.count), Cancellation())
            }
            #expect(failure?.description.contains("did not arrive as it was sent") == true)
        }
    }

    @Test func `a cancelled transfer is not taken to its end`() throws {
        var digest = try self.digest(Self.body)
        try self.file.write(contentsOf: Self.body)
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(throws: TransferFailure.cancelled) { try digest.check(upTo: Int64(Self.body.count), cancellation) }
    }

    @Test func `nothing that was stated is nothing to check`() {
        #expect(GrowingDigest([], of: self.file.fileDescriptor, from: Self.location) == nil)
    }
}
