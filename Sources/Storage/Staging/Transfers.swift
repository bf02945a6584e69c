import Glibc

/// Fetches and keeps resources by URL: file, http, https, webhdfs, swebhdfs, s3, s3a, s3n, and hdfs where its gateway is
/// configured. Calls block; run them on `BlockingThreads`.
package struct Transfers: Sendable {
    package var settings: TransferSettings
    /// What WebHDFS servers are shown instead of a name.
    package var tokens = DelegationTokens()
    let loop: TransferLoop
    var credentials: S3Credentials
    /// Chance for pauses, from 0 up to 1.
    let chance: @Sendable () -> Double

    /// - Parameters:
    ///   - loop: whose connections are used.
    ///   - chance: spreads the pauses between attempts; from 0 up to 1.
    package init(
        settings: TransferSettings = TransferSettings(),
        loop: TransferLoop = .shared,
        chance: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.settings = settings
        self.loop = loop
        self.chance = chance
        self.credentials = S3Credentials(settings.s3)
    }

    /// The schemes that can be fetched.
    package static let schemes = ["file", "http", "https", "webhdfs", "swebhdfs", "s3", "s3a", "s3n"]

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
        progress: TransferProgress? = nil,
        cancellation: Cancellation
    ) throws(TransferFailure) -> Int64 {
        let size: Int64
        if location.scheme == "file" {
            let source = try LocalSource(location, expecting: expectation, as: account)
            size = try self.copy(source, into: target, path: path, cancellation)
            try source.checkUnchanged()
        } else {
            let (files, mapped) = try self.files(location, as: account, user: user, cancellation)
            let source = try files.source(mapped, expecting: expectation)
            var download = Download(
                Download.Order(
                    source: source,
                    expectation: expectation,
                    settings: self.settings,
                    target: target.number,
                    path: path,
                    progress: progress,
                    loop: self.loop,
                    cancellation: cancellation,
                    chance: self.chance
                )
            )
            size = try download.run().length ?? 0
        }
        guard lseek(target.number, 0, SEEK_SET) == 0 else {
            throw TransferFailure("\(SystemError("rewind", path))")
        }
        return size
    }

    /// The file system of a location, and the location as that one knows it.
    func files(
        _ location: ResourceLocation,
        as account: OperatingSystemAccount?,
        user: String?,
        _ cancellation: Cancellation
    ) throws(TransferFailure) -> (any RemoteFiles, ResourceLocation) {
        let calls = HTTPCalls(
            settings: self.settings,
            loop: self.loop,
            cancellation: cancellation,
            chance: self.chance
        )
        switch location.scheme {
        case "file": return (LocalFiles(transfers: self, cancellation: cancellation), location)
        case "http", "https": return (HTTPFiles(calls: calls), location)
        case "webhdfs", "swebhdfs":
            return (try self.webHDFS(location, calls, Self.name(user, account)), location)
        case "s3", "s3a", "s3n":
            return (try S3Files(calls: calls, bucket: location.host, self.settings.s3, self.credentials), location)
        case "hdfs":
            let gateway = try self.gateway(of: location)
            return (try self.webHDFS(gateway, calls, Self.name(user, account)), gateway)
        default:
            throw TransferFailure(
                "Resource \(location) cannot be fetched: there is no file system for scheme \"\(location.scheme)\"; "
                    + "supported are \(Self.schemes.joined(separator: ", "))"
            )
        }
    }

    private func webHDFS(_ location: ResourceLocation, _ calls: HTTPCalls, _ user: String) -> WebHDFSFiles {
        WebHDFSFiles(calls: calls, user: user, token: self.tokens.text(for: location))
    }

    /// An HDFS is reached over its WebHDFS gateway, which nothing but the configuration knows.
    private func gateway(of location: ResourceLocation) throws(TransferFailure) -> ResourceLocation {
        let authority = location.host + (location.port.map { ":\($0)" } ?? "")
        let known = self.settings.hdfsGateways
        guard var mapped = known[authority.lowercased()] ?? known[location.host.lowercased()] else {
            throw TransferFailure(
                "Resource \(location) cannot be fetched: set heddle.transfer.hdfs-gateway.\(authority) to the WebHDFS "
                    + "address of that HDFS, such as webhdfs://\(location.host):9870; else supported are "
                    + Self.schemes.joined(separator: ", ")
            )
        }
        mapped.path = location.path
        return mapped
    }

    private static func name(_ user: String?, _ account: OperatingSystemAccount?) throws(TransferFailure) -> String {
        if let name = user ?? account?.name { return name }
        do {
            return try OperatingSystemAccount.ownName()
        } catch {
            throw TransferFailure("\(error)")
        }
    }

    static func tooLarge(_ location: ResourceLocation, _ limit: Int64) -> TransferFailure {
        TransferFailure("Resource \(location) is larger than the \(limit) bytes that one resource may have")
    }
}
