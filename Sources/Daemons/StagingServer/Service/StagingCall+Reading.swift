import ClusterModel
import Glibc
import HadoopHTTP
import HadoopWire
import NIOCore
import NIOPosix
import Staging
import StagingCore

/// GET.
extension StagingCall {
    func get(_ operation: String) async throws -> WebAnswer? {
        switch operation {
        case "OPEN": return try await self.open()
        case "GETFILESTATUS", "GETFILELINKSTATUS": return try await self.fileStatus()
        // Of a large folder these take long.
        case "LISTSTATUS": return try await withTaskExecutorPreference(self.service.files) { try await self.list() }
        case "LISTSTATUS_BATCH":
            return try await withTaskExecutorPreference(self.service.files) { try await self.listBatch() }
        case "GETCONTENTSUMMARY":
            let (usage, quota) = try await withTaskExecutorPreference(self.service.files) { try await self.summary() }
            return Self.json("ContentSummary", StagingShapes.summary(usage, quota))
        case "GETQUOTAUSAGE":
            let (usage, quota) = try await withTaskExecutorPreference(self.service.files) { try await self.summary() }
            return Self.json("QuotaUsage", StagingShapes.quotaUsage(usage, quota))
        case "GETFILECHECKSUM": return try await self.checksum()
        case "GETHOMEDIRECTORY": return Self.json("Path", .string("/user/\(self.caller.user)"))
        case "GETTRASHROOT": return Self.json("Path", .string("/user/\(self.caller.user)/.Trash"))
        case "GETDELEGATIONTOKEN":
            guard let text = try await self.issueToken() else { return Self.json("Token", .null) }
            var token = RESTObject()
            token.add("urlString", text)
            return Self.json("Token", token)
        case "GETSERVERDEFAULTS": return Self.json("FsServerDefaults", StagingShapes.serverDefaults())
        case "CHECKACCESS": return try await self.checkAccess()
        case "GETACLSTATUS": return Self.json("AclStatus", StagingShapes.access(try await self.status().inode))
        case "GETXATTRS": return try await self.attributes()
        case "LISTXATTRS": return try await self.attributeNames()
        case "GETFILEBLOCKLOCATIONS", "GET_BLOCK_LOCATIONS": return try await self.blocks(operation)
        case "GETSTATUS":
            let blobs = self.driver.blobs
            let room = try await self.service.threads.runIfActive { try blobs.room() }
            return Self.json("FsStatus", StagingShapes.room(room))
        case "GETSTORAGEPOLICY", "GETALLSTORAGEPOLICY", "GETECPOLICY", "GETECPOLICIES", "GETECCODECS",
            "GETSNAPSHOTDIFF", "GETSNAPSHOTLIST", "GETSNAPSHOTTABLEDIRECTORYLIST", "GETSNAPSHOTDIFFLISTING",
            "GETLINKTARGET", "GETTRASHROOTS":
            throw RESTFailure.unsupported("\(operation) is not there on a staging server.")
        default: return nil
        }
    }

    private func status() async throws -> EntryStatus {
        let (path, caller) = (self.path, self.caller)
        return try await self.driver.step { namespace, _ in try namespace.status(path, by: caller) }
    }

    /// The status, and two members that are none of Hadoop's, whose clients pass them over: whether a file is being
    /// written, since Heddle's NodeManagers localize closed files alone; and what a closed file holds, since they download
    /// the same bytes once. That only for who may read it: a hash tells what can be guessed.
    private func fileStatus() async throws -> WebAnswer {
        let (path, caller) = (self.path, self.caller)
        let (status, isReadable) = try await self.driver.step { namespace, _ in
            let isReadable = (try? namespace.checkAccess(path, .read, by: caller)) != nil
            return (try namespace.status(path, by: caller), isReadable)
        }
        var object = StagingShapes.status(status, suffix: "")
        if let file = status.inode.file { object.add("underConstruction", file.isUnderConstruction) }
        if isReadable, let content = self.driver.wholeContent(of: status.inode) {
            object.add("contentSHA256", content.description)
        }
        return Self.json("FileStatus", object)
    }

    private func list() async throws -> WebAnswer {
        let (path, caller) = (self.path, self.caller)
        let (entries, isDirectory) = try await self.driver.step { namespace, _ in
            let entries = try namespace.list(path, by: caller).entries
            return (entries, try namespace.status(path, by: caller).inode.isDirectory)
        }
        return Self.json("FileStatuses", StagingShapes.statuses(entries, isDirectory: isDirectory))
    }

    private func listBatch() async throws -> WebAnswer {
        let (path, caller) = (self.path, self.caller)
        let after = self.parameters.text("startafter")
        let (entries, remaining, isDirectory) = try await self.driver.step { namespace, _ in
            let page = try namespace.list(path, after: after, limit: Self.batch, by: caller)
            return (page.entries, page.remaining, try namespace.status(path, by: caller).inode.isDirectory)
        }
        return Self.json(
            "DirectoryListing",
            StagingShapes.partialListing(entries, isDirectory: isDirectory, remaining: remaining)
        )
    }

    /// `dfs.ls.limit`
    private static let batch = 1_000

    private func summary() async throws -> (Usage, Quota) {
        let (path, caller) = (self.path, self.caller)
        return try await self.driver.step { namespace, _ in try namespace.summary(path, by: caller) }
    }

    private func checkAccess() async throws -> WebAnswer {
        let (path, caller) = (self.path, self.caller)
        let text = self.parameters.text("fsaction") ?? "---"
        guard let access = Access(symbol: text) else {
            throw RESTFailure.parameter("fsaction", "\"\(text)\" is not of the form rwx, with - for what is not asked")
        }
        try await self.driver.step { namespace, _ in try namespace.checkAccess(path, access, by: caller) }
        return Self.empty
    }

    private func attributes() async throws -> WebAnswer {
        let (path, caller) = (self.path, self.caller)
        let names = self.request.query.list("xattr.name")
        let encoding = self.parameters.text("encoding") ?? "text"
        let found = try await self.driver.step { namespace, _ in
            try namespace.attributes(path, named: names, by: caller)
        }
        var list: [RESTValue] = []
        for attribute in found {
            var object = RESTObject()
            object.add("name", attribute.name)
            object.add("value", try AttributeText.encode(attribute.value, as: encoding))
            list.append(.object(object))
        }
        return Self.json("XAttrs", .list(list))
    }

    private func attributeNames() async throws -> WebAnswer {
        let (path, caller) = (self.path, self.caller)
        let names = try await self.driver.step { namespace, _ in
            try namespace.attributes(path, named: [], by: caller).map(\.name)
        }
        // Hadoop puts a JSON list into a JSON text.
        let list = RESTValue.list(names.map(RESTValue.string)).json()
        return Self.json("XAttrNames", .string(String(decoding: list, as: UTF8.self)))
    }

    private func blocks(_ operation: String) async throws -> WebAnswer {
        let status = try await self.status()
        let offset = try self.parameters.number("offset", in: 0...Int64.max) ?? 0
        let length = try self.parameters.number("length", in: 0...Int64.max) ?? Int64.max
        let host = self.host
        guard operation == "GETFILEBLOCKLOCATIONS" else {
            return Self.json(
                "LocatedBlocks",
                StagingShapes.locatedBlocks(status, host: host, from: offset, length: length)
            )
        }
        return Self.json(
            "BlockLocations",
            StagingShapes.blockLocations(status, host: host, from: offset, length: length)
        )
    }

    /// The name that the caller uses for this server, without the port.
    private var host: String {
        let authority = self.request.authority ?? "localhost"
        guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else { return authority }
        return String(authority[..<colon])
    }

    // MARK: Bytes

    /// OPEN. Hadoop's NameNode sends readers to a DataNode; here they have come to the right place at once, unless they
    /// ask for an address.
    private func open() async throws -> WebAnswer {
        let offset = try self.parameters.number("offset", in: 0...Int64.max) ?? 0
        let limit = try self.parameters.number("length", in: 0...Int64.max)
        if try self.parameters.flag("noredirect", default: false) { return try await self.openAddress() }
        let reading = try await self.driver.openForReading(self.path, by: self.caller)
        let whole = reading.plan.length
        guard offset <= whole else {
            throw RESTFailure(
                status: 403,
                javaClassName: "java.io.IOException",
                message: "Offset=\(offset) out of the range [0, \(whole)]; OPEN, path=\(self.path)"
            )
        }
        let length = min(limit ?? Int64.max, whole - offset)
        return WebAnswer(
            status: 200,
            headers: WebAnswer.hadoopHeaders + [WebHeader("Content-Type", "application/octet-stream")]
                + (try await self.state(of: reading.plan)),
            body: try await self.body(of: reading, from: offset, length: length)
        )
    }

    /// What tells a closed file's state: Repr-Digest (RFC 9530) has the SHA-256 of the whole file, whatever part of it is sent;
    /// Heddle's own client needs no other question than OPEN then.
    private func state(of plan: ReadPlan) async throws -> [WebHeader] {
        let (driver, inode) = (self.driver, plan.inode)
        guard inode.file?.isUnderConstruction == false else { return [] }
        // What is short is in the index, of which no disk is asked.
        let content =
            plan.length <= Self.smallBytes
            ? driver.wholeContent(of: inode)
            : try await self.service.threads.runIfActive { driver.wholeContent(of: inode) }
        guard let content else {
            let modified = inode.attributes.modified.milliseconds
            return [WebHeader("ETag", "\"\(inode.id.number)-\(modified)-\(plan.length)\"")]
        }
        return [
            WebHeader("ETag", "\"\(content)\""),
            WebHeader("Repr-Digest", "sha-256=:\(Base64.encode(content.bytes)):"),
        ]
    }

    /// A small answer goes out in one write; what is longer is sent by the kernel.
    private func body(of reading: Reading, from offset: Int64, length: Int64) async throws -> WebAnswer.Body {
        let threads = self.service.threads
        let pieces = reading.pieces(from: offset, length: length)
        guard length > Self.smallBytes else {
            if pieces.count == 1, let bytes = try await reading.fetch(pieces[0]) { return .bytes(bytes) }
            return .bytes(
                try await threads.runIfActive {
                    var buffer = ByteBuffer()
                    for piece in pieces {
                        try reading.read(piece, upTo: Int(Self.smallBytes)) { buffer.writeImmutableBuffer($0) }
                    }
                    return buffer
                }
            )
        }
        return .stream(length: length) { writer in
            for piece in pieces {
                switch try await threads.runIfActive({ try reading.open(piece) }) {
                case .bytes(let bytes): try await writer.write(bytes)
                case .file(let file):
                    try await writer.send(file.descriptor, from: piece.offset, count: piece.length)
                    withExtendedLifetime(file) {}
                }
            }
        }
    }

    /// What is read into memory for one answer.
    private static let smallBytes: Int64 = 64 << 10

    private func openAddress() async throws -> WebAnswer {
        _ = try await self.driver.openForReading(self.path, by: self.caller)
        return Self.json("Location", .string(self.address(without: "noredirect=")))
    }

    /// GETFILECHECKSUM: what HDFS would answer for the same bytes and block size.
    private func checksum() async throws -> WebAnswer {
        let status = try await self.status()
        let reading = try await self.driver.openForReading(self.path, by: self.caller)
        var checksum = FileChecksum(blockSize: status.inode.file?.blockSize ?? StagingParameters.blockSize)
        for piece in reading.pieces(from: 0, length: reading.plan.length) {
            let begun = checksum
            checksum = try await self.service.threads.runIfActive {
                var checksum = begun
                try reading.read(piece, upTo: 1 << 20) { checksum.add($0.readableBytesView) }
                return checksum
            }
        }
        let result = checksum.finish()
        var object = RESTObject()
        object.add("algorithm", result.algorithm)
        object.add("bytes", AttributeText.hexadecimal(result.bytes))
        object.add("length", result.bytes.count)
        return Self.json("FileChecksum", object)
    }

    /// This request's own address, with the parameter of that beginning left out.
    func address(without parameter: String) -> String {
        let query = (self.request.rawQuery ?? "").split(separator: "&").filter {
            !$0.lowercased().hasPrefix(parameter.lowercased())
        }
        let authority = self.request.authority ?? "localhost"
        return "\(self.request.scheme)://\(authority)\(self.request.rawPath)?\(query.joined(separator: "&"))"
    }
}
