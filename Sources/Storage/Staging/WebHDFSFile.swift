import FoundationEssentials
import Glibc

/// A file of an HDFS or of a staging server, read over WebHDFS: its status says what it is, its bytes follow.
struct WebHDFSFile {
    private let location: ResourceLocation
    private let user: String
    private let settings: TransferSettings

    /// - Parameter user: whom the server knows the reader as.
    init(_ location: ResourceLocation, user: String, settings: TransferSettings) {
        self.location = location
        self.user = user
        self.settings = settings
    }

    /// What `GETFILESTATUS` answers, as far as it matters here.
    private struct Answer: Decodable {
        struct Status: Decodable, Equatable {
            var type: String
            var length: Int64
            var modificationTime: Int64
            var permission: String
        }

        // The name is WebHDFS's.
        var FileStatus: Status
    }

    /// One attempt to copy the file into an open one.
    func download(
        _ expectation: ResourceExpectation,
        into target: borrowing OwnedDescriptor,
        path: String,
        _ cancellation: Cancellation
    ) throws(TransferFailure) -> Int64 {
        let before = try self.status(of: nil, by: target, path, cancellation)
        guard before.type == "FILE" else { throw TransferFailure("Resource \(self.location) is not a file") }
        try expectation.check(timestamp: before.modificationTime, of: self.location)
        try expectation.check(size: before.length, of: self.location)
        if expectation.isPublic { try self.checkPublic(before, by: target, path, cancellation) }
        let outcome = try self.run("OPEN", at: nil, self.settings, target, path, cancellation)
        guard outcome.size == before.length else {
            throw TransferFailure(
                "Resource \(self.location): \(outcome.size) of its \(before.length) bytes came",
                isTransient: true
            )
        }
        return outcome.size
    }

    /// Hadoop's rule for the public cache: everybody may read the file and search every folder above it.
    private func checkPublic(
        _ status: Answer.Status,
        by target: borrowing OwnedDescriptor,
        _ path: String,
        _ cancellation: Cancellation
    ) throws(TransferFailure) {
        var isPublic = Self.allowsOthers(4, status)
        var folder = self.location.path[...]
        while isPublic, let slash = folder.lastIndex(of: "/"), folder.utf8.count > 1 {
            folder = slash == folder.startIndex ? "/" : folder[..<slash]
            isPublic = Self.allowsOthers(1, try self.status(of: String(folder), by: target, path, cancellation))
        }
        guard isPublic else {
            throw TransferFailure(
                "Resource \(self.location) is not publicly accessible and as such cannot be part of the public cache."
            )
        }
    }

    private static func allowsOthers(_ bit: UInt16, _ status: Answer.Status) -> Bool {
        (UInt16(status.permission, radix: 8) ?? 0) & bit != 0
    }

    /// - Parameter target: holds the answer in between; the bytes of the file come over it.
    private func status(
        of folder: String?,
        by target: borrowing OwnedDescriptor,
        _ path: String,
        _ cancellation: Cancellation
    ) throws(TransferFailure) -> Answer.Status {
        var settings = self.settings
        settings.bytesMaximum = Int64(Self.answerMaximum)
        let outcome = try self.run("GETFILESTATUS", at: folder, settings, target, path, cancellation)
        var bytes = [UInt8](repeating: 0, count: Int(outcome.size))
        let count = unsafe pread(target.number, &bytes, bytes.count, 0)
        guard count == bytes.count, let answer = try? JSONDecoder().decode(Answer.self, from: Data(bytes)) else {
            throw TransferFailure("Resource \(self.location) cannot be fetched: its server does not speak WebHDFS")
        }
        return answer.FileStatus
    }

    /// No status is longer.
    private static let answerMaximum = 64 << 10

    private func run(
        _ operation: String,
        at folder: String?,
        _ settings: TransferSettings,
        _ target: borrowing OwnedDescriptor,
        _ path: String,
        _ cancellation: Cancellation
    ) throws(TransferFailure) -> HTTPTransfer.Outcome {
        try HTTPTransfer(
            try HTTPAddress(webHDFS: self.location, path: folder, operation: operation, user: self.user),
            settings: settings,
            target: target.number,
            path: path,
            cancellation
        ).run()
    }
}
