package import ClusterModel

/// How a file is made.
package struct FileCreation: Hashable, Sendable {
    package var overwrites: Bool
    /// False refuses to make missing folders (`createparent`).
    package var makesParents: Bool
    package var mode: UInt16
    /// The mode before the caller's umask, if the caller tells it: a folder's default access control list takes the
    /// umask's place.
    package var unmaskedMode: UInt16?
    package var blockSize: Int64
    package var replication: Int16

    package init(
        overwrites: Bool,
        makesParents: Bool = true,
        mode: UInt16 = 0o644,
        unmaskedMode: UInt16? = nil,
        blockSize: Int64 = 128 << 20,
        replication: Int16 = 3
    ) {
        self.overwrites = overwrites
        self.makesParents = makesParents
        self.mode = mode
        self.unmaskedMode = unmaskedMode
        self.blockSize = blockSize
        self.replication = replication
    }
}

/// What the first step of CREATE or APPEND asks for.
package struct WriteRequest: Hashable, Sendable {
    package enum Purpose: Hashable, Sendable {
        case create(FileCreation)
        case append
    }

    package var path: StagingPath
    package var purpose: Purpose
    package var write: WriteID
    /// What the writer calls itself, if it does.
    package var writer: String?
    package var caller: Caller

    package init(path: StagingPath, purpose: Purpose, write: WriteID, writer: String? = nil, caller: Caller) {
        self.path = path
        self.purpose = purpose
        self.write = write
        self.writer = writer
        self.caller = caller
    }
}

/// Files under construction. A CREATE or APPEND comes in two steps: the first reserves the name for its caller, the
/// second brings the bytes. Between them, and until the bytes are complete, nobody else may write the file.
extension Namespace {
    /// The first step.
    package mutating func reserve(_ request: WriteRequest, at now: Timestamp) throws(StagingRefusal) {
        switch request.purpose {
        case .create(let creation):
            try self.create(
                request.path,
                creation,
                as: request.write,
                writer: request.writer,
                by: request.caller,
                at: now
            )
        case .append: try self.append(request.path, as: request.write, by: request.caller, at: now)
        }
    }

    /// Both steps in one request: its bytes follow.
    package mutating func begin(_ request: WriteRequest, at now: Timestamp) throws(StagingRefusal) {
        try self.reserve(request, at: now)
        try self.begin(request.write, at: request.path, by: request.caller)
    }

    /// Both steps, and all bytes, stored as `content`: the file is closed. What does not fit leaves nothing behind.
    package mutating func store(
        _ request: WriteRequest,
        _ content: Segment?,
        at now: Timestamp
    ) throws(StagingRefusal) {
        try self.begin(request, at: now)
        do throws(StagingRefusal) {
            try self.finish(request.write, content, at: now)
        } catch {
            self.abandon(request.write, prefix: nil, at: now)
            throw error
        }
    }

    /// The first step of CREATE: from here on the name exists.
    /// - Parameter writer: what the writer calls itself. Who repeats its first step, since an answer was lost or its line
    ///   broke on the way, begins anew; to any other the name is taken.
    package mutating func create(
        _ path: StagingPath,
        _ creation: FileCreation,
        as write: WriteID,
        writer: String? = nil,
        by caller: Caller,
        at now: Timestamp
    ) throws(StagingRefusal) {
        self.abandonEarlier(path, of: writer, by: caller, at: now)
        defer { self.streams[write]?.writer = writer }
        let resolution = try self.resolve(path, by: caller)
        guard let name = path.names.last else { throw .fileExists("/ already exists as a directory") }
        if let target = resolution.target {
            return try self.overwrite(target, resolution, creation, as: write, by: caller, at: now)
        }
        guard creation.makesParents || resolution.missingParents == 0 else {
            throw .fileNotFound("Parent directory doesn't exist: \(path.parent)")
        }
        try self.checkCreation(resolution, caller)
        let added = Usage(directories: Int64(resolution.missingParents), files: 1)
        try self.checkQuota(added, in: resolution.ancestors)
        let parent = self.makeParents(resolution, unmasked: creation.unmaskedMode, caller, at: now)
        var file = FileNode(blockSize: creation.blockSize, replication: creation.replication)
        file.writing = Writing(id: write, holder: caller.user, purpose: .create, since: now)
        var attributes = Attributes(
            owner: caller.user,
            group: self.inodes[parent]?.attributes.group ?? self.settings.supergroup,
            mode: creation.mode & Attributes.modeMask,
            modified: now,
            accessed: now
        )
        self.inherit(&attributes, from: parent, unmasked: creation.unmaskedMode, isDirectory: false)
        let id = self.makeID()
        self.insert(Inode(id: id, parent: parent, name: name, attributes: attributes, kind: .file(file)))
        self.touch(parent, at: now)
        self.streams[write] = Stream(file: id)
    }

    private mutating func overwrite(
        _ target: Inode,
        _ resolution: Resolution,
        _ creation: FileCreation,
        as write: WriteID,
        by caller: Caller,
        at now: Timestamp
    ) throws(StagingRefusal) {
        guard let file = target.file else { throw .fileExists("\(resolution.path) already exists as a directory") }
        try self.checkUnwritten(file, at: resolution.path, "CREATE_FILE", caller)
        guard creation.overwrites else {
            throw .fileExists("\(resolution.path) for client \(caller.user) already exists")
        }
        try self.check(.write, on: target, at: resolution.path, caller)
        let old = target.attributes
        var new = old
        new.owner = caller.user
        new.mode = creation.mode & Attributes.modeMask
        new.extended = []
        new.acl = []
        self.inherit(&new, from: target.parent, unmasked: creation.unmaskedMode, isDirectory: false)
        let attributes = new
        self.update(target.id) { inode in
            inode.attributes = attributes
            inode.changeFile {
                $0.writing = Writing(id: write, holder: caller.user, purpose: .overwrite(old), since: now)
            }
        }
        self.streams[write] = Stream(file: target.id)
    }

    /// The first step of APPEND.
    package mutating func append(
        _ path: StagingPath,
        as write: WriteID,
        by caller: Caller,
        at now: Timestamp
    ) throws(StagingRefusal) {
        let target: Inode
        do throws(StagingRefusal) {
            (target, _) = try self.existing(path, by: caller)
        } catch .fileNotFound {
            throw .fileNotFound("Failed to append to non-existent file \(path) for client \(caller.user)")
        }
        guard let file = target.file else {
            throw .fileNotFound("Failed to append to non-existent file \(path): it is a directory")
        }
        try self.check(.write, on: target, at: path, caller)
        try self.checkUnwritten(file, at: path, "APPEND_FILE", caller)
        guard file.segments.count < self.settings.segmentsMaximum else {
            throw .notPossible(
                "File has reached the limit on maximum number of blocks: \(path) was appended to "
                    + "\(file.segments.count) times. Copy it to a new file"
            )
        }
        self.update(target.id) { inode in
            inode.changeFile {
                $0.writing = Writing(id: write, holder: caller.user, purpose: .append, since: now)
            }
        }
        self.streams[write] = Stream(file: target.id)
    }

    /// Ends what the same writer has begun and given up, though this side may not have noticed yet: it never writes twice at a time.
    private mutating func abandonEarlier(
        _ path: StagingPath,
        of writer: String?,
        by caller: Caller,
        at now: Timestamp
    ) {
        guard let writer, let writing = (try? self.existing(path, by: caller))?.0.file?.writing,
            writing.holder == caller.user, self.streams[writing.id]?.writer == writer
        else { return }
        self.abandon(writing.id, prefix: nil, at: now)
    }

    func checkUnwritten(
        _ file: FileNode,
        at path: StagingPath,
        _ operation: String,
        _ caller: Caller
    ) throws(StagingRefusal) {
        guard let writing = file.writing else { return }
        throw .alreadyBeingWritten(
            "Failed to \(operation) \(path) for \(caller.user) because this file lease is currently owned by "
                + "\(writing.holder)"
        )
    }

    /// The second step begins: its bytes follow.
    /// - Throws: `leaseExpired` when the first step's reservation is gone, is another caller's, or is used already.
    package mutating func begin(_ write: WriteID, at path: StagingPath, by caller: Caller) throws(StagingRefusal) {
        guard let stream = self.streams[write], let writing = self.inodes[stream.file]?.file?.writing,
            writing.holder == caller.user, !stream.hasBegun, self.path(of: stream.file) == path
        else {
            throw .leaseExpired(
                "No lease on \(path): \(caller.user) does not have it open for writing. Begin again with the first step"
            )
        }
        self.streams[write]?.hasBegun = true
    }

    /// Whether a stream may grow to `total` bytes.
    /// - Throws: `leaseExpired` when the file was removed under its writer, `spaceQuotaExceeded` when they do not fit.
    package func checkSpace(_ write: WriteID, total: Int64) throws(StagingRefusal) {
        guard let stream = self.streams[write], let inode = self.inodes[stream.file], let file = inode.file else {
            throw Self.noLease
        }
        let kept = file.writing?.purpose == .append || file.writing?.purpose == .create ? 0 : file.length
        let growth = max(0, total - kept).multipliedReportingOverflow(by: Int64(file.replication)).partialValue
        try self.checkQuota(Usage(space: growth), in: self.holders(of: inode))
    }

    /// More bytes have come in, `total` with those before: readers may have them.
    /// - Throws: as `checkSpace`.
    package mutating func received(_ write: WriteID, total: Int64) throws(StagingRefusal) {
        try self.checkSpace(write, total: total)
        self.streams[write]?.received = total
    }

    /// All bytes are there and stored as `content`, nil for none: the file is closed.
    /// - Throws: as `checkSpace`; then the content is not the file's.
    package mutating func finish(_ write: WriteID, _ content: Segment?, at now: Timestamp) throws(StagingRefusal) {
        try self.received(write, total: content?.length ?? 0)
        guard let stream = self.streams.removeValue(forKey: write) else { throw Self.noLease }
        let added = content.map { [$0] } ?? []
        self.update(stream.file) { inode in
            inode.attributes.modified = now
            inode.changeFile { file in
                if file.writing?.purpose == .append {
                    file.segments += added
                } else {
                    file.segments = added
                }
                file.writing = nil
            }
        }
    }

    /// What is to become of a stream that broke: whether its prefix is worth storing.
    package func keepsPrefix(of write: WriteID) -> Bool {
        guard let stream = self.streams[write], let writing = self.inodes[stream.file]?.file?.writing else {
            return false
        }
        if case .overwrite = writing.purpose { return false }
        return stream.hasBegun && !self.isScratch(self.path(of: stream.file))
    }

    /// A stream broke, was refused, or its second step never came. Inside scratch folders a new file goes; elsewhere it
    /// keeps what was received. An old file's new content is forgotten, and the old one stays.
    /// - Parameter prefix: what was received, if `keepsPrefix` asked for it; nil for nothing, which leaves no file.
    package mutating func abandon(_ write: WriteID, prefix: Segment?, at now: Timestamp) {
        let kept = self.keepsPrefix(of: write) ? prefix : nil
        guard let stream = self.streams.removeValue(forKey: write),
            let inode = self.inodes[stream.file], let writing = inode.file?.writing
        else { return }
        if writing.purpose == .create, kept == nil {
            self.remove(inode.id)
            self.touch(inode.parent, at: now)
            return
        }
        self.update(inode.id) { inode in
            if case .overwrite(let old) = writing.purpose { inode.attributes = old }
            if kept != nil { inode.attributes.modified = now }
            inode.changeFile { file in
                if let kept { file.segments.append(kept) }
                file.writing = nil
            }
        }
    }

    /// Every stream, in the order of its file: after a restart none of them goes on.
    package var openWrites: [WriteID] {
        self.streams.sorted { $0.value.file < $1.value.file }.map(\.key)
    }

    /// Streams whose second step has not come in time.
    func overdueWrites(at now: Timestamp) -> [WriteID] {
        self.openWrites.filter { write in
            guard let stream = self.streams[write], !stream.hasBegun,
                let writing = self.inodes[stream.file]?.file?.writing
            else { return false }
            return now.milliseconds(since: writing.since) >= self.settings.beginWithin
        }
    }

    func isScratch(_ path: StagingPath) -> Bool {
        path.names.dropLast().contains { self.settings.scratchFolders.contains($0.description) }
    }

    private static let noLease = StagingRefusal.leaseExpired(
        "No lease: the file is not open for writing any more. It was removed or replaced while it was written"
    )
}
