import Glibc
import Synchronization

/// Writes one stream's bytes where they belong in the target, as far as they are those that were asked for.
final class PartSink: BodySink {
    private let source: any DownloadSource
    private let part: Range<Int64>?
    private let version: FileVersion?
    private let expectation: ResourceExpectation
    private let bytesMaximum: Int64?
    private let target: Int32
    private let path: String
    private let progress: TransferProgress?
    private let learned: @Sendable (FileVersion) -> Void
    private let state: Mutex<StreamedPart>

    /// - Parameters:
    ///   - part: nil for the whole file.
    ///   - learned: called once with what the first answer says of the file.
    init(
        _ download: Download.Order,
        part: Range<Int64>?,
        of version: FileVersion?,
        learned: @escaping @Sendable (FileVersion) -> Void
    ) {
        self.source = download.source
        self.expectation = download.expectation
        self.bytesMaximum = download.settings.bytesMaximum
        self.target = download.target
        self.path = download.path
        self.progress = download.progress
        self.part = part
        self.version = version
        self.learned = learned
        let end = part.map { $0.upperBound == Int64.max ? version?.length : $0.upperBound } ?? nil
        self.state = Mutex(StreamedPart(position: part?.lowerBound ?? 0, end: end))
    }

    /// How far the target is filled by this stream.
    var position: Int64 { self.state.withLock { $0.position } }

    /// Leaves everything from `end` to other streams.
    /// - Returns: false when this stream is already beyond.
    func cut(at end: Int64) -> Bool { self.state.withLock { $0.cut(at: end) } }

    func begin(_ head: HTTPHead) throws(TransferFailure) {
        let version = try self.source.judge(head, for: self.part, of: self.version)
        guard self.part == nil else { return }
        if let length = version.length {
            if let limit = self.bytesMaximum, length > limit {
                throw Transfers.tooLarge(self.source.location, limit)
            }
            try self.expectation.check(size: length, of: self.source.location)
        }
        self.state.withLock { $0.learn(end: version.length) }
        self.progress?.start(of: version.length)
        self.learned(version)
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws(TransferFailure) -> Bool {
        let (start, room, isCut) = self.state.withLock { state in
            (state.position, state.room, state.isCut)
        }
        var wanted = bytes.count
        if let room, Int64(wanted) > room {
            guard isCut else {
                throw TransferFailure(
                    "Resource \(self.source.location): its server sent more bytes than it was asked for",
                    isTransient: true,
                    needsRestart: true
                )
            }
            wanted = Int(room)
        }
        if let limit = self.bytesMaximum, start + Int64(wanted) > limit {
            throw Transfers.tooLarge(self.source.location, limit)
        }
        var written = 0
        while written < wanted {
            let count = unsafe pwrite(
                self.target,
                bytes.baseAddress.map { unsafe $0 + written },
                wanted - written,
                off_t(start + Int64(written))
            )
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw TransferFailure("Resource \(self.source.location): \(SystemError("write", self.path))")
            }
            written += count
        }
        let (kept, isWanted) = self.state.withLock { $0.advance(by: Int64(wanted)) }
        self.progress?.add(kept)
        return isWanted
    }
}
