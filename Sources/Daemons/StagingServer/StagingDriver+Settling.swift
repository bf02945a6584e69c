import ClusterModel
import Logging
import NIOPosix
import StagingCore

/// Small content: stored with what names it, and brought to disk as a file afterwards.
extension StagingDriver {
    /// How an upload's bytes become content.
    enum Received: Sendable {
        case nothing
        /// They are in the stream's file, and on disk.
        case file(Segment)
        /// They are in the stream's file, but maybe not on disk.
        case small(Segment, [UInt8])
    }

    /// Ends an upload: its content is installed, and its file closed, on disk.
    func finish(_ write: WriteID, _ received: Received) async throws {
        switch received {
        case .nothing:
            self.blobs.discard(write)
            try await self.step { namespace, now in try namespace.finish(write, nil, at: now) }
        case .file(let segment):
            // Installed already, on a thread for that.
            defer { self.release([segment.hash]) }
            try await self.step { namespace, now in try namespace.finish(write, segment, at: now) }
        case .small(let segment, let bytes):
            defer { self.release([segment.hash]) }
            try await self.finishSmall(write, segment, bytes)
        }
    }

    /// Brings small files to disk and removes their rows, until none waits.
    func settle(on threads: NIOThreadPool) async {
        while case let items = self.settlingBatch(limit: Self.settlingBatch), !items.isEmpty, !Task.isCancelled {
            do {
                try await withThrowingTaskGroup { group in
                    let share = (items.count + Self.settlingStreams - 1) / Self.settlingStreams
                    for start in stride(from: 0, to: items.count, by: share) {
                        let part = items[start..<min(start + share, items.count)].map(\.hash)
                        group.addTask { try await threads.runIfActive { try self.blobs.syncFiles(of: part) } }
                    }
                    try await group.waitForAll()
                }
                let hashes = items.map(\.hash)
                try await threads.runIfActive { try self.blobs.syncNames(of: hashes) }
                try await self.settled(items)
            } catch {
                // The rows keep the content; the next turn tries again, or the next start.
                guard !Task.isCancelled else { return }
                self.logger.error("small files cannot be brought to disk yet: \(error)")
                return
            }
        }
    }

    /// Flushes that run side by side share the journal of the file system.
    private static let settlingStreams = 4
    private static let settlingBatch = 1_024

    /// Puts content that had not settled when the last run ended into its files.
    func restore(_ rows: [(hash: ContentHash, bytes: [UInt8])]) async throws {
        guard !rows.isEmpty else { return }
        let named = rows.filter { row in self.withNamespace { $0.names(row.hash) } }
        for row in named { try self.blobs.write(row.bytes, as: row.hash) }
        try self.blobs.syncNames(of: named.map(\.hash))
        try await self.forgetRows(rows.map(\.hash))
    }
}
