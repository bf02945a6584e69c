internal import Glibc
internal import Staging

/// A file as it was when the partitions of a dataset were made. Executors read that file and no later state of it.
@usableFromInline struct SourceFile: Codable, Hashable, Sendable {
    /// As errors and programs name it.
    var name: String
    var length: Int64
    /// When it was changed last, and what its server calls this state of it; nil where that is not said.
    var modifiedAt: Int64?
    var entityTag: String?

    /// Whether what was found later can be the same state.
    func isSame(as other: SourceFile) -> Bool {
        func agree<Value: Equatable>(_ left: Value?, _ right: Value?) -> Bool {
            left == nil || right == nil || left == right
        }
        return self.length == other.length && agree(self.modifiedAt, other.modifiedAt)
            && agree(self.entityTag, other.entityTag)
    }

    func changed(_ found: SourceFile) -> FileFailure {
        let what = found.length == self.length ? "" : ", from \(self.length) bytes to \(found.length)"
        return FileFailure(self.name, "was changed after its partitions were made\(what): make the dataset anew")
    }
}

/// Files of one kind of place, of which parts are read. Calls block.
protocol FileSource: Sendable {
    /// - Returns: nil where there is nothing of that name.
    func find(_ name: String) throws -> FoundFile?
    /// What a folder holds, by name.
    func list(_ folder: String) throws -> [FoundFile]
    /// Where the parts of a file lie; empty where that is not known.
    func blocks(of file: SourceFile) -> [FileBlock]
    /// Opens that state of a file.
    /// - Throws: where it is another now.
    func open(_ file: SourceFile) throws -> any RangedFile
}

enum FoundFile: Hashable, Sendable {
    case file(SourceFile)
    case folder(String)

    var name: String {
        switch self {
        case .file(let file): file.name
        case .folder(let name): name
        }
    }
}

/// An open file. Calls block.
protocol RangedFile: AnyObject {
    /// Fills the beginning of the memory with what stands at an offset.
    /// - Returns: how many bytes; 0 at the end.
    func read(at offset: Int64, into memory: UnsafeMutableRawBufferPointer) throws -> Int
    /// - Throws: if the file is no longer what it was when it was opened.
    func checkUnchanged() throws
}

enum FileSources {
    /// The place that a name speaks of; without a scheme it is this machine.
    static func source(of name: String) throws -> any FileSource {
        guard let scheme = self.scheme(of: name) else { return LocalFileSource() }
        if scheme == "file" { return LocalFileSource() }
        // A gateway leads to an HDFS; transfers say where none is known.
        guard Transfers.schemes.contains(scheme) || scheme == "hdfs" else {
            throw FileFailure(name, "cannot be read: known are \(Transfers.schemes.joined(separator: ", ")), hdfs")
        }
        return RemoteFileSource()
    }

    static func scheme(of name: String) -> String? {
        guard let colon = name.firstIndex(of: ":"), name[colon...].hasPrefix(":/") else { return nil }
        let scheme = name[..<colon]
        let isScheme =
            !scheme.isEmpty
            && scheme.utf8.allSatisfy { byte in
                (97...122).contains(byte | 0x20) || (48...57).contains(byte) || byte == 43 || byte == 45 || byte == 46
            }
        return isScheme ? scheme.lowercased() : nil
    }
}

// MARK: - This machine's files

struct LocalFileSource: FileSource {
    static func path(of name: String) -> String {
        guard FileSources.scheme(of: name) == "file" else { return name }
        var path = name.dropFirst("file:".count)
        while path.hasPrefix("//") { path = path.dropFirst() }
        return String(path)
    }

    static func describe(_ name: String, _ status: stat) -> FoundFile {
        if status.st_mode & S_IFMT == S_IFDIR { return .folder(name) }
        let time = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        return .file(SourceFile(name: name, length: Int64(status.st_size), modifiedAt: time))
    }

    func find(_ name: String) throws -> FoundFile? {
        var status = stat()
        if unsafe stat(Self.path(of: name), &status) == 0 { return Self.describe(name, status) }
        guard errno == ENOENT || errno == ENOTDIR else { throw FileFailure(name, "cannot be read", errno) }
        return nil
    }

    func list(_ folder: String) throws -> [FoundFile] {
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        return try Self.names(in: Self.path(of: folder)).compactMap { try self.find(prefix + $0) }
    }

    /// Every executor reads its own machine's.
    func blocks(of file: SourceFile) -> [FileBlock] { [] }

    func open(_ file: SourceFile) throws -> any RangedFile { try LocalRangedFile(file) }

    /// What a folder holds, in the order of the names' bytes.
    private static func names(in path: String) throws -> [String] {
        guard let folder = unsafe opendir(path) else { throw FileFailure(path, "cannot be listed", errno) }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { place in
                unsafe place.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

private final class LocalRangedFile: RangedFile {
    private let descriptor: Int32
    private let file: SourceFile

    init(_ file: SourceFile) throws {
        self.file = file
        self.descriptor = unsafe Glibc.open(LocalFileSource.path(of: file.name), O_RDONLY | O_CLOEXEC)
        guard self.descriptor >= 0 else { throw FileFailure(file.name, "cannot be opened", errno) }
        try self.checkUnchanged()
    }

    deinit { close(self.descriptor) }

    func read(at offset: Int64, into memory: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = unsafe pread(self.descriptor, memory.baseAddress, memory.count, Int(offset))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure(self.file.name, "cannot be read", errno) }
            if count == 0 && offset < self.file.length { try self.checkUnchanged() }
            return count
        }
    }

    func checkUnchanged() throws {
        var status = stat()
        guard unsafe fstat(self.descriptor, &status) == 0 else {
            throw FileFailure(self.file.name, "cannot be looked at", errno)
        }
        guard case .file(let found) = LocalFileSource.describe(self.file.name, status) else {
            throw FileFailure(self.file.name, "is a folder now")
        }
        if !self.file.isSame(as: found) { throw self.file.changed(found) }
    }
}

// MARK: - Files of other machines

/// Files behind http, https, webhdfs, swebhdfs and s3, by the product's own transfers.
struct RemoteFileSource: FileSource {
    static func location(of name: String) throws -> ResourceLocation {
        // The root of a place may be named without its slash.
        guard let location = ResourceLocation(url: name) ?? ResourceLocation(url: name + "/") else {
            throw FileFailure(name, "is no address: say scheme://host:port/path")
        }
        return location
    }

    private static func describe(_ name: String, _ status: FileStatus) -> FoundFile {
        guard status.kind == .file else { return .folder(name) }
        let file = SourceFile(
            name: name,
            length: status.length ?? -1,
            modifiedAt: status.modificationTime,
            entityTag: status.entityTag
        )
        return .file(file)
    }

    func find(_ name: String) throws -> FoundFile? {
        let access = try FileAccess.current
        do {
            return Self.describe(name, try access.transfers.status(of: Self.location(of: name), user: access.user))
        } catch let failure as TransferFailure where failure.status == 404 {
            return nil
        }
    }

    func list(_ folder: String) throws -> [FoundFile] {
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        let access = try FileAccess.current
        return try access.transfers.list(Self.location(of: folder), user: access.user).compactMap { status in
            status.location.name.map { Self.describe(prefix + $0, status) }
        }
    }

    /// Servers that do not answer cost nothing but the places: reading says what is wrong.
    func blocks(of file: SourceFile) -> [FileBlock] {
        guard file.length > 0, let access = try? FileAccess.current, let place = try? Self.location(of: file.name)
        else { return [] }
        return (try? access.transfers.blocks(of: place, length: file.length, user: access.user)) ?? []
    }

    func open(_ file: SourceFile) throws -> any RangedFile {
        guard file.length >= 0 else {
            throw FileFailure(file.name, "cannot be read by parts: its server does not say how long it is")
        }
        let access = try FileAccess.current
        let opened = try access.transfers.open(Self.location(of: file.name), user: access.user)
        return try RemoteRangedFile(file, opened) { try self.find(file.name) }
    }
}

private final class RemoteRangedFile: RangedFile {
    private let file: SourceFile
    private let opened: any ReadableFile
    private let find: () throws -> FoundFile?

    init(_ file: SourceFile, _ opened: any ReadableFile, _ find: @escaping () throws -> FoundFile?) throws {
        self.file = file
        self.opened = opened
        self.find = find
        try self.checkUnchanged()
    }

    func read(at offset: Int64, into memory: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = min(Int64(min(memory.count, Transfers.partMaximum)), self.file.length - offset)
        guard count > 0 else { return 0 }
        unsafe memory.copyBytes(from: try self.opened.bytes(at: offset, count: Int(count)))
        return Int(count)
    }

    func checkUnchanged() throws {
        guard case .file(let found)? = try self.find() else {
            throw FileFailure(self.file.name, "is no longer there: it was removed after its partitions were made")
        }
        if !self.file.isSame(as: found) { throw self.file.changed(found) }
    }
}
