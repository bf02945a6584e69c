import ClusterModel
import FoundationEssentials
import Glibc
import HadoopWire
import Staging

/// The aggregated log files of one application, one a node.
struct AggregatedLogs: Sendable {
    /// A node's file as the remote folder lists it.
    struct NodeFile: Sendable {
        /// `host_port`
        var name: String
        var status: FileStatus
    }

    let transfers: Transfers
    let folders: RemoteLogFolders
    let application: ApplicationID
    /// Whom the file system knows the reader as.
    let user: String

    /// The files of an owner's application, by name; nil when no folder of it is there.
    func files(of owner: String) throws -> [NodeFile]? {
        let places = self.folders.candidates(
            user: owner,
            application: self.application.description,
            number: self.application.number
        )
        for place in places {
            do throws(TransferFailure) {
                return try self.transfers.list(place, user: self.user)
                    .filter { $0.kind == .file && !$0.location.path.hasSuffix(".tmp") }
                    .compactMap { status in status.location.name.map { NodeFile(name: $0, status: status) } }
                    .sorted { $0.name < $1.name }
            } catch {
                guard error.status == 404 else { throw error }
            }
        }
        return nil
    }

    /// Brings a node's file here and opens it.
    func open(_ file: NodeFile) throws -> OpenLogFile {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("heddle-logs-\(UInt64.random(in: .min ... .max))").path
        defer { _ = unsafe unlink(path) }
        try self.transfers.download(file.status.location, to: path, user: self.user)
        return try OpenLogFile(path)
    }
}

/// A node's file on this machine, without a name, gone when it is closed.
final class OpenLogFile: TFileSource {
    private let descriptor: OwnedDescriptor
    let length: Int64

    init(_ path: String) throws {
        self.descriptor = try OwnedDescriptor.open(path, O_RDONLY)
        self.length = Int64(try self.descriptor.status(path: path).st_size)
    }

    func bytes(at offset: Int64, count: Int) throws -> [UInt8] {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            length = unsafe max(0, pread(self.descriptor.number, buffer.baseAddress, count, off_t(offset)))
        }
        guard bytes.count == count else { throw TFileFailure("The aggregated log file cannot be read to its end") }
        return bytes
    }
}
