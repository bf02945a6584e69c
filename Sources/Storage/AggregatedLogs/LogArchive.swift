package import ClusterModel
package import HadoopWire
package import Settings
package import Staging

/// The aggregated logs of applications, wherever `yarn.nodemanager.remote-app-log-dir` is. Calls block.
package struct LogArchive: Sendable {
    /// What one node put there of an application: one file, or with rolling aggregation one for each time.
    package struct NodeFile: Sendable {
        /// `host_port`, with rolling aggregation `host_port_milliseconds`.
        package var name: String
        package var status: FileStatus

        /// - Parameter node: `host:port` or `host_port`, or a host alone.
        package func isOf(node: String) -> Bool {
            let wanted = RemoteLogFolders.fileName(ofNode: node)
            return self.name == wanted || self.name.hasPrefix(wanted + "_")
        }
    }

    package let folders: RemoteLogFolders
    private let transfers: Transfers

    package init(_ settings: LogAggregationSettings, transfers: Transfers) throws(TransferFailure) {
        self.folders = try RemoteLogFolders(settings.folder, suffix: settings.suffix)
        self.transfers = transfers
    }

    /// Where the files of an application are looked for first.
    package func folder(of application: ApplicationID, owner: String) -> ResourceLocation {
        self.places(of: application, owner: owner)[0]
    }

    private func places(of application: ApplicationID, owner: String) -> [ResourceLocation] {
        self.folders.candidates(user: owner, application: application.description, number: application.number)
    }

    /// The files of an owner's application, in the order of names and times; nil when no folder of it is there.
    /// - Parameter user: whom the file system knows the reader as.
    package func files(
        of application: ApplicationID,
        owner: String,
        as user: String
    ) throws(TransferFailure) -> [NodeFile]? {
        // The owner's name becomes part of a path.
        guard Self.isPlain(owner) else { return nil }
        for place in self.places(of: application, owner: owner) {
            do throws(TransferFailure) {
                return try self.transfers.list(place, user: user)
                    .filter { $0.kind == .file }
                    .compactMap { status in status.location.name.map { NodeFile(name: $0, status: status) } }
                    .filter { Self.isNodeFile($0.name) }
                    .sorted { ($0.name.utf8.count, $0.name) < ($1.name.utf8.count, $1.name) }
            } catch {
                guard error.status == 404 else { throw error }
            }
        }
        return nil
    }

    /// The only user that has a folder of the application; nil when there is none, or several.
    package func owner(of application: ApplicationID, as user: String) throws(TransferFailure) -> String? {
        var owners: [String] = []
        for entry in try self.entriesOfRoot(as: user) where entry.kind == .directory {
            guard let owner = entry.location.name, Self.isPlain(owner) else { continue }
            do throws(TransferFailure) {
                if try self.files(of: application, owner: owner, as: user) != nil { owners.append(owner) }
            } catch {
                // Folders of others are closed.
                guard error.status == 403 || error.status == 401 else { throw error }
            }
        }
        return owners.count == 1 ? owners[0] : nil
    }

    /// None where nothing was aggregated yet.
    private func entriesOfRoot(as user: String) throws(TransferFailure) -> [FileStatus] {
        do throws(TransferFailure) {
            return try self.transfers.list(self.folders.root, user: user)
        } catch {
            guard error.status == 404 else { throw error }
            return []
        }
    }

    /// Neither what is still being uploaded nor a checksum that Hadoop's local file system keeps beside each file
    /// (`.name.crc`) and hides from its readers.
    private static func isNodeFile(_ name: String) -> Bool { !name.hasSuffix(".tmp") && !name.hasPrefix(".") }

    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    /// Opens a node's file: its parts are fetched when they are asked for. A compressed one is fetched whole, since no part
    /// of it can be read without those before it.
    /// - Throws: `TransferFailure`, `UnreadableLog`.
    package func open(_ file: NodeFile, as user: String) throws -> OpenNodeFile {
        let remote = RemoteTFile(file: try self.transfers.open(file.status.location, user: user), plain: nil)
        do {
            let plain = try TFileExpansion.plainForm(of: remote)
            return OpenNodeFile(file: file, source: RemoteTFile(file: remote.file, plain: plain))
        } catch let failure as TFileFailure {
            throw UnreadableLog(location: file.status.location, reason: failure.description)
        }
    }
}

/// Why a file is there but none of its logs can be shown: damaged, or compressed in a way that is not known here.
package struct UnreadableLog: Error, Sendable, Hashable, CustomStringConvertible {
    package var location: ResourceLocation
    /// Names neither servers nor paths.
    package var reason: String

    package var description: String { "\(self.location): \(self.reason)" }
}

/// A node's file that is being read.
package struct OpenNodeFile: Sendable {
    package let file: LogArchive.NodeFile
    private let source: RemoteTFile

    fileprivate init(file: LogArchive.NodeFile, source: RemoteTFile) {
        self.file = file
        self.source = source
    }

    /// What it holds. Long logs of containers that are not wanted are not gone through.
    package func contents(of includes: (_ container: String) -> Bool = { _ in true }) throws -> AggregatedLog {
        do {
            return try AggregatedLog(self.source, of: includes)
        } catch let failure as TFileFailure {
            throw UnreadableLog(location: self.file.status.location, reason: failure.description)
        }
    }

    /// Begins to read a part of one log.
    package func reader(_ entry: AggregatedLog.Entry, _ part: Range<Int64>) -> LogPartReader {
        LogPartReader(source: self.source, places: entry.places(of: part))
    }
}

/// Goes through a part of a log, of which never more than a piece is in memory.
package struct LogPartReader: Sendable {
    fileprivate let source: RemoteTFile
    /// What is still to be read, the next last.
    private var places: [Range<Int64>]

    fileprivate init(source: RemoteTFile, places: [Range<Int64>]) {
        self.source = source
        self.places = places.reversed()
    }

    /// Large enough that a request counts, small enough that many readers cost little.
    private static let pieceBytes: Int64 = 1 << 20

    /// The next piece; nil at the end.
    package mutating func next() throws -> [UInt8]? {
        guard let place = self.places.popLast() else { return nil }
        let end = min(place.upperBound, place.lowerBound + Self.pieceBytes)
        if end < place.upperBound { self.places.append(end..<place.upperBound) }
        return try self.source.bytes(at: place.lowerBound, count: Int(end - place.lowerBound))
    }
}

private struct RemoteTFile: TFileSource {
    let file: any ReadableFile
    /// What is read instead.
    let plain: PlainTFile?

    var length: Int64 { self.plain?.length ?? self.file.status.length ?? 0 }

    func bytes(at offset: Int64, count: Int) throws -> [UInt8] {
        try self.plain?.bytes(at: offset, count: count) ?? self.file.bytes(at: offset, count: count)
    }
}
