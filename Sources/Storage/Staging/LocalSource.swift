import CLinux
import Glibc

/// A file of this machine that is to be fetched, opened with the rights of whoever asks for it.
package struct LocalSource: ~Copyable {
    package let descriptor: OwnedDescriptor
    package let location: ResourceLocation
    /// Bytes when it was opened.
    package let size: Int64
    /// In milliseconds. Taken at the opening; `checkUnchanged` compares.
    private let changed: Int64

    /// Opens and checks a `file:` resource.
    /// - Parameter account: whose rights open it; nil: this process's.
    package init(
        _ location: ResourceLocation,
        expecting expectation: ResourceExpectation,
        as account: OperatingSystemAccount?
    ) throws(TransferFailure) {
        guard location.host.isEmpty || location.host.lowercased() == "localhost" else {
            throw TransferFailure("Resource \(location) names a host, but file: resources are files of this machine")
        }
        guard location.path.hasPrefix("/"), !location.path.utf8.contains(0) else {
            throw TransferFailure("Resource \(location) is not an absolute path")
        }
        let descriptor = try Self.open(location, as: account)
        let status = try Self.status(descriptor, location)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TransferFailure("Resource \(location) is not a regular file")
        }
        if expectation.isPublic { try Self.checkPublic(descriptor, mode: status.st_mode, location) }
        try expectation.check(timestamp: milliseconds(status.st_mtim), of: location)
        try expectation.check(size: Int64(status.st_size), of: location)
        self.changed = milliseconds(status.st_mtim)
        self.size = Int64(status.st_size)
        self.location = location
        self.descriptor = descriptor
    }

    /// - Throws: when the file was written to since it was opened, so that what was read may be a mixture.
    package func checkUnchanged() throws(TransferFailure) {
        let status = try Self.status(self.descriptor, self.location)
        let now = ResourceExpectation(timestamp: self.changed, size: self.size)
        try now.check(timestamp: milliseconds(status.st_mtim), of: self.location)
        try now.check(size: Int64(status.st_size), of: self.location)
    }

    private static func status(
        _ descriptor: borrowing OwnedDescriptor,
        _ location: ResourceLocation
    ) throws(TransferFailure) -> stat {
        do {
            return try descriptor.status(path: location.path)
        } catch {
            throw TransferFailure("Resource \(location): \(error)")
        }
    }

    private static func open(
        _ location: ResourceLocation,
        as account: OperatingSystemAccount?
    ) throws(TransferFailure) -> OwnedDescriptor {
        // Not blocking, and no terminal: the name may turn out to be a pipe or a device.
        let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY
        let number: Int32
        if let account, !account.isOwn {
            number = unsafe heddle_open_as(
                account.user,
                account.group,
                account.groups,
                account.groups.count,
                location.path,
                flags
            )
        } else {
            number = unsafe heddle_open(location.path, flags, 0)
        }
        guard number >= 0 else {
            let reason = SystemError.text(of: errno)
            let who = account.map { " as user \($0.name)" } ?? ""
            throw TransferFailure("Resource \(location) cannot be opened\(who): \(reason)")
        }
        return OwnedDescriptor(owning: number)
    }

    /// Everybody may read the file and pass through every folder above it.
    private static func checkPublic(
        _ descriptor: borrowing OwnedDescriptor,
        mode: UInt32,
        _ location: ResourceLocation
    ) throws(TransferFailure) {
        let refusal = TransferFailure(
            "Resource \(location) is not publicly accessible and as such cannot be part of the public cache."
        )
        guard mode & S_IROTH != 0 else { throw refusal }
        // The path that was really opened, without links.
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let base = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return -1 }
            return unsafe readlink("/proc/self/fd/\(descriptor.number)", base, bytes.count - 1)
        }
        guard length > 0, buffer[0] == UInt8(ascii: "/") else { throw refusal }
        var folder = buffer[..<length]
        while let slash = folder.lastIndex(of: UInt8(ascii: "/")) {
            folder = folder[..<slash]
            var status = stat()
            let path = folder.isEmpty ? [UInt8(ascii: "/"), 0] : Array(folder) + [0]
            let result = unsafe path.withUnsafeBytes { bytes -> Int32 in
                guard let base = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return -1 }
                return unsafe lstat(base, &status)
            }
            guard result == 0, status.st_mode & S_IXOTH != 0 else { throw refusal }
        }
    }
}
