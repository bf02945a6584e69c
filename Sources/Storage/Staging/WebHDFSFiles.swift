import FoundationEssentials

/// The files of an HDFS or of a staging server, over WebHDFS.
struct WebHDFSFiles: RemoteFiles {
    let calls: HTTPCalls
    /// Whom the server knows the caller as.
    let user: String
    /// What proves it, where the caller has a token for that server.
    var token: String?

    /// What `GETFILESTATUS` and `LISTSTATUS` answer, as far as it matters here.
    struct Status: Decodable, Hashable {
        var type: String
        var length: Int64
        var modificationTime: Int64
        var permission: String
        var pathSuffix: String?
        var fileId: Int64?
        var owner: String?
        var group: String?
        var replication: Int?
        /// What changes with the bytes; owner and mode may change under a reader.
        var content: [Int64] { [self.length, self.modificationTime, self.fileId ?? 0] }

        /// SHA-256 of a closed file, which Heddle's own staging server adds for those who may read it.
        var contentSHA256: String?
        /// Whether somebody is writing it, which Heddle's own staging server adds.
        var underConstruction: Bool?
    }

    // The names are WebHDFS's.
    private struct StatusAnswer: Decodable { var FileStatus: Status }
    private struct ListAnswer: Decodable {
        struct Statuses: Decodable { var FileStatus: [Status] }
        var FileStatuses: Statuses
    }
    private struct LocationsAnswer: Decodable {
        struct Locations: Decodable { var isUnderConstruction: Bool }
        var LocatedBlocks: Locations
    }
    private struct BlocksAnswer: Decodable {
        struct Block: Decodable {
            var offset: Int64
            var length: Int64
            var hosts: [String]
            /// `ADDRESS:PORT` of the same machines.
            var names: [String]?
        }
        struct Blocks: Decodable { var BlockLocation: [Block] }
        var BlockLocations: Blocks
    }
    private struct FlagAnswer: Decodable { var boolean: Bool }
    private struct ChecksumAnswer: Decodable {
        struct Checksum: Decodable {
            var algorithm: String
            var bytes: String
        }
        var FileChecksum: Checksum
    }
    private struct RefusalAnswer: Decodable {
        struct Refusal: Decodable {
            var exception: String?
            var message: String
        }
        var RemoteException: Refusal
    }

    func source(
        _ location: ResourceLocation,
        expecting expectation: ResourceExpectation
    ) throws(TransferFailure) -> any DownloadSource {
        try self.webHDFSSource(location, expecting: expectation)
    }

    func webHDFSSource(
        _ location: ResourceLocation,
        expecting expectation: ResourceExpectation
    ) throws(TransferFailure) -> WebHDFSSource {
        if expectation.isAboutBytes, self.servers.contains(location) {
            return WebHDFSSource(location: location, files: self, expectation: expectation, before: nil)
        }
        let before = try self.rawStatus(location)
        guard before.type == "FILE" else { throw TransferFailure("Resource \(location) is not a file") }
        if expectation.isClosed { try self.checkClosed(location, before) }
        try expectation.check(timestamp: before.modificationTime, of: location)
        try expectation.check(size: before.length, of: location)
        if expectation.isPublic { try self.checkPublic(location, before) }
        return WebHDFSSource(location: location, files: self, expectation: expectation, before: before)
    }

    fileprivate func checkClosed(_ location: ResourceLocation, _ status: Status) throws(TransferFailure) {
        let isOpen: Bool
        if let stated = status.underConstruction {
            isOpen = stated
        } else {
            isOpen = try self.isUnderConstruction(location)
        }
        guard isOpen else { return }
        throw TransferFailure(
            "Resource \(location) is still being written: \(status.length) bytes of it are there so far. Close it before it "
                + "is named as a resource"
        )
    }

    /// What a NameNode says of it with the file's blocks, of which one is enough. HttpFS and other gateways do not know the
    /// question: what they do not tell is no reason to refuse.
    private func isUnderConstruction(_ location: ResourceLocation) throws(TransferFailure) -> Bool {
        let address = try self.address(location, "GET_BLOCK_LOCATIONS", [("offset", "0"), ("length", "1")])
        let body = try self.calls.call(
            "Resource \(location) cannot be fetched",
            accepts: { _ in true },
            failure: { Self.failure("fetched", location, $0) },
            request: { HTTPRequest(url: address.url) }
        ).body
        let answer = try? JSONDecoder().decode(LocationsAnswer.self, from: Data(body))
        return answer?.LocatedBlocks.isUnderConstruction ?? false
    }

    /// Hadoop's rule for the public cache: everybody may read the file and search every folder above it.
    private func checkPublic(_ location: ResourceLocation, _ status: Status) throws(TransferFailure) {
        func allowsOthers(_ bit: UInt16, _ status: Status) -> Bool {
            (UInt16(status.permission, radix: 8) ?? 0) & bit != 0
        }
        var isPublic = allowsOthers(4, status)
        var folder = location
        while isPublic, let slash = folder.path.lastIndex(of: "/"), folder.path.utf8.count > 1 {
            folder.path = slash == folder.path.startIndex ? "/" : String(folder.path[..<slash])
            isPublic = allowsOthers(1, try self.rawStatus(folder))
        }
        guard isPublic else {
            throw TransferFailure(
                "Resource \(location) is not publicly accessible and as such cannot be part of the public cache."
            )
        }
    }

    func status(_ location: ResourceLocation) throws(TransferFailure) -> FileStatus {
        Self.status(try self.rawStatus(location), at: location)
    }

    private static func status(_ status: Status, at location: ResourceLocation) -> FileStatus {
        let isFile = status.type == "FILE"
        return FileStatus(
            location: location,
            kind: isFile ? .file : .directory,
            length: isFile ? status.length : nil,
            modificationTime: status.modificationTime,
            permission: UInt16(status.permission, radix: 8),
            owner: status.owner,
            group: status.group,
            replication: status.replication,
            contentHash: status.contentSHA256
        )
    }

    func rawStatus(_ location: ResourceLocation) throws(TransferFailure) -> Status {
        let status = try self.ask(StatusAnswer.self, "fetched", location, .get, "GETFILESTATUS").FileStatus
        if status.underConstruction != nil { self.servers.insert(location) }
        return status
    }

    var servers: OwnServers { self.calls.loop.ownServers }

    func list(_ location: ResourceLocation) throws(TransferFailure) -> [FileStatus] {
        let found = try self.ask(ListAnswer.self, "listed", location, .get, "LISTSTATUS")
        return found.FileStatuses.FileStatus.map { status in
            var entry = location
            // A file lists itself, without a name.
            if let name = status.pathSuffix, !name.isEmpty {
                entry.path += (entry.path.hasSuffix("/") ? "" : "/") + name
            }
            return Self.status(status, at: entry)
        }
    }

    func blocks(of location: ResourceLocation, length: Int64) throws(TransferFailure) -> [FileBlock] {
        let words = [("offset", "0"), ("length", "\(length)")]
        let answer = try self.ask(BlocksAnswer.self, "found", location, .get, "GETFILEBLOCKLOCATIONS", words)
        return answer.BlockLocations.BlockLocation.filter { $0.offset >= 0 && $0.length > 0 }.map { block in
            // Executors may know themselves by their name or by their address.
            let addresses = (block.names ?? []).compactMap { $0.split(separator: ":").first.map(String.init) }
            let (end, overflow) = block.offset.addingReportingOverflow(block.length)
            return FileBlock(
                range: block.offset..<(overflow ? .max : end),
                hosts: block.hosts + addresses.filter { !block.hosts.contains($0) }
            )
        }
    }

    func makeDirectory(_ location: ResourceLocation) throws(TransferFailure) {
        guard try self.ask(FlagAnswer.self, "made", location, .put, "MKDIRS").boolean else {
            throw TransferFailure("Resource \(location) cannot be made: the server says no more than that")
        }
    }

    func rename(_ location: ResourceLocation, to destination: ResourceLocation) throws(TransferFailure) {
        let words = [("destination", destination.path)]
        // Done twice it would fail the second time.
        guard try self.ask(FlagAnswer.self, "renamed", location, .put, "RENAME", words, isRepeatable: false).boolean
        else {
            throw TransferFailure(
                "Resource \(location) cannot be renamed to \(destination): it is not there, or the destination is"
            )
        }
    }

    func delete(_ location: ResourceLocation) throws(TransferFailure) -> Bool {
        try self.ask(FlagAnswer.self, "deleted", location, .delete, "DELETE", [("recursive", "true")]).boolean
    }

    /// The server's checksum of a file: Hadoop's algorithm name, and bytes; nil if it has none to offer.
    func checksum(_ location: ResourceLocation) throws(TransferFailure) -> (algorithm: String, bytes: [UInt8])? {
        do throws(TransferFailure) {
            let found = try self.ask(ChecksumAnswer.self, "checked", location, .get, "GETFILECHECKSUM").FileChecksum
            return Hexadecimal.bytes(found.bytes).map { (found.algorithm, $0) }
        } catch {
            guard let status = error.status, !error.isTransient, status != 401, status != 403 else { throw error }
            return nil
        }
    }

    func upload(
        _ file: UploadedFile,
        to location: ResourceLocation,
        _ progress: TransferProgress?
    ) throws(TransferFailure) {
        var upload = WebHDFSUpload(file, to: location, of: self, progress)
        try upload.run()
    }

    // MARK: - Calls

    func address(
        _ location: ResourceLocation,
        _ operation: String,
        _ words: [(String, String)] = []
    ) throws(TransferFailure) -> HTTPAddress {
        try HTTPAddress(webHDFS: location, operation: operation, user: self.user, token: self.token, parameters: words)
    }

    private func ask<Answer: Decodable>(
        _ kind: Answer.Type,
        _ what: String,
        _ location: ResourceLocation,
        _ method: HTTPRequest.Method,
        _ operation: String,
        _ words: [(String, String)] = [],
        isRepeatable: Bool = true
    ) throws(TransferFailure) -> Answer {
        let address = try self.address(location, operation, words)
        let body = try self.calls.call(
            "Resource \(location) cannot be \(what)",
            isRepeatable: isRepeatable,
            failure: { Self.failure(what, location, $0) },
            request: {
                HTTPRequest(method: method, url: address.url)
            }
        ).body
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)) else {
            throw TransferFailure("Resource \(location) cannot be \(what): its server does not speak WebHDFS")
        }
        return answer
    }

    /// What a server says while it has not noticed yet that an earlier stream to the same file broke; the last, where
    /// libcurl sent the second step once more on a new connection by itself.
    private static let writerExceptions = [
        "AlreadyBeingCreatedException", "RecoveryInProgressException", "LeaseExpiredException",
    ]

    /// With the server's own words, where it sent Hadoop's RemoteException.
    /// - Parameter waitsForWriter: whether the one who is writing the file may be this process: that passes.
    static func failure(
        _ what: String,
        _ location: ResourceLocation,
        _ answer: HTTPAnswer,
        waitsForWriter: Bool = false
    ) -> TransferFailure {
        var failure = HTTPFiles.failure(what, location, answer)
        if let refusal = try? JSONDecoder().decode(RefusalAnswer.self, from: Data(answer.errorBody)) {
            let words = refusal.RemoteException.message.split(separator: "\n").first ?? ""
            let printable = words.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.prefix(500)
            failure.description += ": \(String(String.UnicodeScalarView(printable)))"
            // HDFS answers 403 while it starts in safe mode.
            if refusal.RemoteException.message.contains("safe mode") { failure.isTransient = true }
            if waitsForWriter, Self.writerExceptions.contains(refusal.RemoteException.exception ?? "") {
                failure.isTransient = true
            }
        }
        return failure
    }
}
