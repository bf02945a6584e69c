internal import Glibc
internal import Staging

/// Where an event log's lines go.
protocol EventSink: Sendable {
    mutating func append(_ text: String) throws
    /// Gives the log its final name.
    mutating func finish() throws
}

/// A file of this machine: `NAME.inprogress` until it is finished, as history servers expect.
struct FileEventSink: EventSink {
    private static let running = ".inprogress"

    private let path: String
    private let descriptor: Int32

    /// - Throws: `FileFailure` where the folder is not there.
    init(folder: String, name: String) throws {
        self.path = "\(folder)/\(name)"
        let running = self.path + Self.running
        self.descriptor = unsafe open(running, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o660)
        guard self.descriptor >= 0 else {
            throw FileFailure(running, "cannot be made: spark.eventLog.dir must be a folder that is there", errno)
        }
        // Spark's mode, whatever the umask: a history server may run as another user of the group.
        fchmod(self.descriptor, 0o660)
    }

    mutating func append(_ text: String) throws {
        try FileBytes.write(text.utf8, to: self.descriptor, self.path)
    }

    mutating func finish() throws {
        close(self.descriptor)
        guard unsafe rename(self.path + Self.running, self.path) == 0 else {
            throw FileFailure(self.path, "cannot be given its name", errno)
        }
    }
}

/// A folder of another file system: the log is kept in a file of this machine and sent when it is finished.
struct RemoteEventSink: EventSink {
    private var file: FileEventSink
    private let scratch: String
    private let name: String
    private let folder: ResourceLocation
    private let access: FileAccess

    init(_ folder: ResourceLocation, name: String, _ access: FileAccess) throws {
        let scratch = try FileBytes.makeTemporaryFolder("heddle-events")
        self.scratch = scratch
        self.file = try FileEventSink(folder: scratch, name: name)
        self.name = name
        self.folder = folder
        self.access = access
    }

    mutating func append(_ text: String) throws { try self.file.append(text) }

    mutating func finish() throws {
        defer { TreeRemoval.remove(self.scratch) }
        try self.file.finish()
        var target = self.folder
        target.path += "/\(self.name)"
        try self.access.transfers.upload("\(self.scratch)/\(self.name)", to: target, user: self.access.user)
    }
}
