import CLinux
import Glibc

/// How resources are fetched.
package struct TransferSettings: Sendable, Hashable {
    /// Until a connection must stand.
    package var connectTimeout: Duration
    /// A transfer slower than this for `stallTimeout` is given up and tried again.
    package var stallBytesPerSecond: Int
    package var stallTimeout: Duration
    package var redirectsMaximum: Int
    /// How often a transfer is tried in all; only faults that can pass are tried again.
    package var attemptsMaximum: Int
    /// The pause before the second attempt; each further one is twice as long.
    package var firstPause: Duration
    package var pauseMaximum: Duration
    /// Bytes of one resource; nil: as many as the disk holds.
    package var bytesMaximum: Int64?

    package init(
        connectTimeout: Duration = .seconds(20),
        stallBytesPerSecond: Int = 1,
        stallTimeout: Duration = .seconds(60),
        redirectsMaximum: Int = 10,
        attemptsMaximum: Int = 4,
        firstPause: Duration = .milliseconds(500),
        pauseMaximum: Duration = .seconds(10),
        bytesMaximum: Int64? = nil
    ) {
        self.connectTimeout = connectTimeout
        self.stallBytesPerSecond = stallBytesPerSecond
        self.stallTimeout = stallTimeout
        self.redirectsMaximum = redirectsMaximum
        self.attemptsMaximum = attemptsMaximum
        self.firstPause = firstPause
        self.pauseMaximum = pauseMaximum
        self.bytesMaximum = bytesMaximum
    }
}

/// Fetches resources by URL: file, http, https, webhdfs and swebhdfs. Calls block; run them on `BlockingThreads`.
package struct Transfers: Sendable {
    package var settings: TransferSettings

    package init(settings: TransferSettings = TransferSettings()) {
        self.settings = settings
    }

    /// The schemes that can be fetched.
    package static let schemes = ["file", "http", "https", "webhdfs", "swebhdfs"]

    /// Copies a resource into an empty file.
    /// - Parameters:
    ///   - target: opened for reading and writing; at its beginning afterwards.
    ///   - path: what to call it in errors.
    ///   - account: whose rights open a `file:` resource.
    ///   - user: whom WebHDFS knows the reader as; nil: by the name of the account.
    /// - Returns: its size in bytes.
    package func fetch(
        _ location: ResourceLocation,
        expecting expectation: ResourceExpectation,
        as account: OperatingSystemAccount?,
        user: String? = nil,
        into target: borrowing OwnedDescriptor,
        path: String,
        cancellation: Cancellation
    ) throws(TransferFailure) -> Int64 {
        let size: Int64
        switch location.scheme {
        case "file":
            let source = try LocalSource(location, expecting: expectation, as: account)
            size = try self.copy(source, into: target, path: path, cancellation)
            try source.checkUnchanged()
        case "http", "https":
            size = try self.repeating(cancellation) { () throws(TransferFailure) in
                try self.download(location, expectation, into: target, path: path, cancellation)
            }
        case "webhdfs", "swebhdfs":
            let file = WebHDFSFile(location, user: try Self.name(user, account), settings: self.settings)
            size = try self.repeating(cancellation) { () throws(TransferFailure) in
                try file.download(expectation, into: target, path: path, cancellation)
            }
        default:
            throw TransferFailure(
                "Resource \(location) cannot be fetched: there is no file system for scheme \"\(location.scheme)\"; "
                    + "supported are \(Self.schemes.joined(separator: ", "))"
            )
        }
        guard lseek(target.number, 0, SEEK_SET) == 0 else {
            throw TransferFailure("\(SystemError("rewind", path))")
        }
        return size
    }

    /// Copies an opened file of this machine.
    package func copy(
        _ source: borrowing LocalSource,
        into target: borrowing OwnedDescriptor,
        path: String,
        _ cancellation: Cancellation
    ) throws(TransferFailure) -> Int64 {
        guard lseek(source.descriptor.number, 0, SEEK_SET) == 0 else {
            throw TransferFailure("\(SystemError("rewind", source.location.path))")
        }
        var copied: Int64 = 0
        // Small enough to notice a cancellation, large enough to be one call for most files.
        let step = 16 << 20
        var buffer: [UInt8] = []
        while true {
            if cancellation.isCancelled { throw .cancelled }
            if let limit = self.settings.bytesMaximum, copied > limit { throw Self.tooLarge(source.location, limit) }
            if buffer.isEmpty {
                let count = heddle_copy_range(source.descriptor.number, target.number, step)
                if count == 0, copied > 0 || source.size == 0 { return copied }
                if count > 0 {
                    copied += Int64(count)
                    continue
                }
                // Some file systems, /proc among them, answer 0 or refuse: then by hand.
                guard count == 0 || [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EPERM].contains(errno) else {
                    if errno == EINTR { continue }
                    throw TransferFailure("Resource \(source.location): \(SystemError("write", path))")
                }
                buffer = [UInt8](repeating: 0, count: 1 << 20)
            }
            let count = try Self.copyChunk(source, into: target, path: path, &buffer)
            if count == 0 { return copied }
            copied += Int64(count)
        }
    }

    private static func copyChunk(
        _ source: borrowing LocalSource,
        into target: borrowing OwnedDescriptor,
        path: String,
        _ buffer: inout [UInt8]
    ) throws(TransferFailure) -> Int {
        let number = source.descriptor.number
        var count = 0
        repeat {
            count = unsafe read(number, &buffer, buffer.count)
        } while count < 0 && errno == EINTR
        guard count >= 0 else {
            throw TransferFailure("Resource \(source.location): \(SystemError("read", source.location.path))")
        }
        var written = 0
        while written < count {
            let step = unsafe buffer.withUnsafeBytes { bytes in
                unsafe write(target.number, bytes.baseAddress.map { unsafe $0 + written }, count - written)
            }
            if step < 0, errno == EINTR { continue }
            guard step > 0 else {
                throw TransferFailure("Resource \(source.location): \(SystemError("write", path))")
            }
            written += step
        }
        return count
    }

    private static func name(_ user: String?, _ account: OperatingSystemAccount?) throws(TransferFailure) -> String {
        if let name = user ?? account?.name { return name }
        do {
            return try OperatingSystemAccount.own().name
        } catch {
            throw TransferFailure("\(error)")
        }
    }

    private func download(
        _ location: ResourceLocation,
        _ expectation: ResourceExpectation,
        into target: borrowing OwnedDescriptor,
        path: String,
        _ cancellation: Cancellation
    ) throws(TransferFailure) -> Int64 {
        let outcome = try HTTPTransfer(
            try HTTPAddress(location),
            settings: self.settings,
            target: target.number,
            path: path,
            cancellation
        ).run()
        if let changed = outcome.lastModified {
            try expectation.check(timestamp: changed, of: location)
        } else if expectation.timestamp != nil {
            throw TransferFailure(
                "Resource \(location) has a timestamp but its server states no Last-Modified to compare: "
                    + "state timestamp 0 for it"
            )
        }
        try expectation.check(size: outcome.size, of: location)
        return outcome.size
    }

    /// Tries again, after longer and longer pauses, what failed for a reason that may pass.
    private func repeating(
        _ cancellation: Cancellation,
        _ transfer: () throws(TransferFailure) -> Int64
    ) throws(TransferFailure) -> Int64 {
        var pause = self.settings.firstPause
        var attempt = 1
        while true {
            do throws(TransferFailure) {
                return try transfer()
            } catch {
                guard error.isTransient, attempt < self.settings.attemptsMaximum else {
                    if attempt == 1 { throw error }
                    throw TransferFailure("\(error.description) (tried \(attempt) times)")
                }
                try Self.wait(pause, cancellation)
                pause = min(pause * 2, self.settings.pauseMaximum)
                attempt += 1
            }
        }
    }

    private static func wait(_ duration: Duration, _ cancellation: Cancellation) throws(TransferFailure) {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            if cancellation.isCancelled { throw .cancelled }
            usleep(20_000)
        }
    }

    static func tooLarge(_ location: ResourceLocation, _ limit: Int64) -> TransferFailure {
        TransferFailure("Resource \(location) is larger than the \(limit) bytes that one resource may have")
    }
}
