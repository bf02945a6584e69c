import Glibc

/// A file of any file system of which parts are read, each by a request of its own. Calls block.
package protocol ReadableFile: Sendable {
    /// As it was when the file was opened.
    var status: FileStatus { get }
    /// Exactly `count` bytes, at most `Transfers.partMaximum`.
    /// - Throws: also when the file does not have them all.
    func bytes(at offset: Int64, count: Int) throws(TransferFailure) -> [UInt8]
}

extension Transfers {
    /// How many bytes one part may have.
    package static let partMaximum = 4 << 20

    /// Opens a file to read parts of it: nothing is fetched before it is asked for.
    /// - Parameter user: whom WebHDFS knows the reader as; nil: by the name of this process's account.
    package func open(
        _ location: ResourceLocation,
        user: String? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(TransferFailure) -> any ReadableFile {
        let (files, mapped) = try self.files(location, as: nil, user: user, cancellation)
        let status = try files.status(mapped)
        if location.scheme == "file" { return try OpenLocalFile(status) }
        guard status.kind == .file, status.length != nil else {
            throw TransferFailure("Resource \(location) is not a file whose length is known")
        }
        let calls = HTTPCalls(settings: self.settings, loop: self.loop, cancellation: cancellation, chance: self.chance)
        return RemotePartFile(
            status: status,
            source: try files.source(mapped, expecting: ResourceExpectation()),
            calls: calls
        )
    }
}

private final class OpenLocalFile: ReadableFile {
    let status: FileStatus
    private let source: LocalSource

    init(_ status: FileStatus) throws(TransferFailure) {
        self.source = try LocalSource(status.location, expecting: ResourceExpectation(), as: nil)
        var status = status
        status.length = self.source.size
        self.status = status
    }

    func bytes(at offset: Int64, count: Int) throws(TransferFailure) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        while result.count < count {
            let (have, want) = (result.count, count - result.count)
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: want) { buffer, length in
                length = unsafe max(
                    0,
                    pread(self.source.descriptor.number, buffer.baseAddress, want, off_t(offset + Int64(have)))
                )
            }
            guard !piece.isEmpty else {
                throw TransferFailure("Resource \(self.status.location) ends before byte \(offset + Int64(count))")
            }
            result += piece
        }
        return result
    }
}

private struct RemotePartFile: ReadableFile {
    let status: FileStatus
    let source: any DownloadSource
    let calls: HTTPCalls

    func bytes(at offset: Int64, count: Int) throws(TransferFailure) -> [UInt8] {
        guard count > 0 else { return [] }
        let location = self.status.location
        let part = offset..<offset + Int64(count)
        let (answer, body) = try self.calls.call(
            "Resource \(location) cannot be read",
            failure: { self.source.failure($0) },
            request: { () throws(TransferFailure) in try self.source.request(part, of: nil) }
        )
        if let text = answer.head["content-range"], let (found, _) = ByteRange.parse(text),
            found.lowerBound != offset
        {
            throw TransferFailure("Resource \(location): its server answered with another part than was asked for")
        }
        guard body.count == count else {
            throw TransferFailure(
                "Resource \(location): its server sent \(body.count) bytes where \(count) at byte \(offset) were asked for"
            )
        }
        return body
    }
}
