/// What is known of a file or folder without fetching it.
package struct FileStatus: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case file
        case directory
    }

    package var location: ResourceLocation
    package var kind: Kind
    /// Bytes; nil where the server does not say, and for folders.
    package var length: Int64?
    /// Milliseconds since 1970, where the server says.
    package var modificationTime: Int64?
    /// The server's name for this state of the file.
    package var entityTag: String?
    /// Permission bits, where the file system has them.
    package var permission: UInt16?
    package var owner: String?
    package var group: String?
    package var replication: Int?
    /// SHA-256 of the content in lower-case hexadecimal digits, where the server states it; unproved.
    package var contentHash: String?
}

/// A part of a file, and by which names the machines are known that hold it.
package struct FileBlock: Sendable, Hashable {
    package var range: Range<Int64>
    package var hosts: [String]

    package init(range: Range<Int64>, hosts: [String]) {
        self.range = range
        self.hosts = hosts
    }
}

/// One file system as the product needs it. Calls block.
protocol RemoteFiles: Sendable {
    /// What reads one file of it.
    func source(
        _ location: ResourceLocation,
        expecting expectation: ResourceExpectation
    ) throws(TransferFailure) -> any DownloadSource

    func status(_ location: ResourceLocation) throws(TransferFailure) -> FileStatus
    /// What a folder holds, by name.
    func list(_ location: ResourceLocation) throws(TransferFailure) -> [FileStatus]
    /// Where the parts of a file lie; empty where the file system knows no such places.
    func blocks(of location: ResourceLocation, length: Int64) throws(TransferFailure) -> [FileBlock]
    /// Writes a whole file, in place of one that is there. Nobody sees a part of it where the protocol allows that.
    func upload(
        _ file: UploadedFile,
        to location: ResourceLocation,
        _ progress: TransferProgress?
    ) throws(TransferFailure)
    /// Makes a folder and those above it; done if it is there.
    func makeDirectory(_ location: ResourceLocation) throws(TransferFailure)
    /// - Throws: if the source is not there or the destination is.
    func rename(_ location: ResourceLocation, to destination: ResourceLocation) throws(TransferFailure)
    /// Removes a file or a whole folder.
    /// - Returns: false if there was nothing.
    func delete(_ location: ResourceLocation) throws(TransferFailure) -> Bool
}

/// An open file that is sent, `length` bytes from its beginning. Its owner keeps it open.
struct UploadedFile: Sendable {
    var descriptor: Int32
    var length: Int64
}

extension RemoteFiles {
    func blocks(of location: ResourceLocation, length: Int64) throws(TransferFailure) -> [FileBlock] { [] }

    static func unsupported(_ what: String, _ location: ResourceLocation) -> TransferFailure {
        TransferFailure("\(what) \(location): the protocol \"\(location.scheme)\" offers no way to do that")
    }
}
