/// Files of a plain web server: they can be read, and put where the server takes PUT.
struct HTTPFiles: RemoteFiles {
    let calls: HTTPCalls

    func source(
        _ location: ResourceLocation,
        expecting expectation: ResourceExpectation
    ) throws(TransferFailure) -> any DownloadSource {
        HTTPSource(try HTTPAddress(location), expectation)
    }

    func status(_ location: ResourceLocation) throws(TransferFailure) -> FileStatus {
        let address = try HTTPAddress(location)
        let answer = try self.calls.call(
            "Resource \(location) cannot be looked at",
            failure: { Self.failure("looked at", location, $0) },
            request: {
                HTTPRequest(method: .head, url: address.url, user: address.user, password: address.password)
            }
        ).answer
        return FileStatus(
            location: location,
            kind: .file,
            length: answer.head.contentLength,
            modificationTime: answer.head.lastModified.map { $0 * 1000 },
            entityTag: answer.head["etag"]
        )
    }

    func list(_ location: ResourceLocation) throws(TransferFailure) -> [FileStatus] {
        throw Self.unsupported("cannot list", location)
    }

    func upload(
        _ file: UploadedFile,
        to location: ResourceLocation,
        _ progress: TransferProgress?
    ) throws(TransferFailure) {
        let address = try HTTPAddress(location)
        progress?.start(of: file.length)
        _ = try self.calls.call(
            "Resource \(location) cannot be written",
            progress: progress,
            failure: { Self.failure("written", location, $0) },
            request: {
                progress?.start(of: file.length)
                return HTTPRequest(
                    method: .put,
                    url: address.url,
                    body: .file(descriptor: file.descriptor, offset: 0, length: file.length),
                    user: address.user,
                    password: address.password,
                    followsRedirects: false
                )
            }
        )
    }

    /// The web has no folders: what is put below one makes it.
    func makeDirectory(_ location: ResourceLocation) {}

    func rename(_ location: ResourceLocation, to destination: ResourceLocation) throws(TransferFailure) {
        throw Self.unsupported("cannot rename", location)
    }

    func delete(_ location: ResourceLocation) throws(TransferFailure) -> Bool {
        let address = try HTTPAddress(location)
        return try self.calls.call(
            "Resource \(location) cannot be deleted",
            accepts: { $0.head.isSuccess || $0.head.status == 404 },
            failure: { Self.failure("deleted", location, $0) },
            request: {
                HTTPRequest(
                    method: .delete,
                    url: address.url,
                    user: address.user,
                    password: address.password,
                    followsRedirects: false
                )
            }
        ).answer.head.isSuccess
    }

    static func failure(_ what: String, _ location: ResourceLocation, _ answer: HTTPAnswer) -> TransferFailure {
        TransferFailure(
            "Resource \(location) cannot be \(what): the server answered \(answer.head.text)",
            isTransient: answer.head.isTransient,
            retryAfter: answer.head.retryAfter,
            status: answer.head.status
        )
    }
}

/// A file of a web server, with its validators (RFC 9110, section 8.8).
struct HTTPSource: DownloadSource {
    private let address: HTTPAddress
    private let expectation: ResourceExpectation

    init(_ address: HTTPAddress, _ expectation: ResourceExpectation) {
        self.address = address
        self.expectation = expectation
    }

    var location: ResourceLocation { self.address.location }

    func renewed() -> HTTPSource { self }

    func request(_ part: Range<Int64>?, of version: FileVersion?) -> HTTPRequest {
        var request = HTTPRequest(url: self.address.url, user: self.address.user, password: self.address.password)
        if let part {
            request.headers.append(ByteRange.header(part))
            if let validator = version?.validator {
                request.headers.append(HTTPRequest.Header(name: "If-Range", value: validator))
            }
        }
        return request
    }

    func judge(
        _ head: HTTPHead,
        for part: Range<Int64>?,
        of version: FileVersion?
    ) throws(TransferFailure) -> FileVersion {
        try Self.judge(head, for: part, of: version, self.expectation, self.location)
    }

    /// The rule for all that speaks plain HTTP, S3 included.
    static func judge(
        _ head: HTTPHead,
        for part: Range<Int64>?,
        of version: FileVersion?,
        _ expectation: ResourceExpectation,
        _ location: ResourceLocation
    ) throws(TransferFailure) -> FileVersion {
        if let part, let version {
            guard let problem = ByteRange.problem(head, for: part, of: version) else { return version }
            throw TransferFailure("Resource \(location): \(problem)", isTransient: true, needsRestart: true)
        }
        guard head.status == 200 else {
            throw TransferFailure(
                "Resource \(location) cannot be fetched: the server answered \(head.text)",
                status: head.status
            )
        }
        if let changed = head.lastModified {
            try expectation.check(timestamp: changed * 1000, of: location)
        } else if expectation.timestamp != nil {
            throw TransferFailure(
                "Resource \(location) has a timestamp but its server states no Last-Modified to compare: "
                    + "state timestamp 0 for it"
            )
        }
        return FileVersion(
            length: head.contentLength,
            validator: Self.validator(of: head),
            takesRanges: head["accept-ranges"]?.lowercased() == "bytes",
            digests: StatedDigest.stated(in: head),
            lastModified: head.lastModified.map { $0 * 1000 }
        )
    }

    /// A strong entity tag, or the time of a change that was over before the answer was made: whatever changes a file
    /// twice within one second keeps its time.
    private static func validator(of head: HTTPHead) -> String? {
        if let tag = head["etag"], tag.hasPrefix("\""), tag.utf8.count > 2 { return tag }
        guard !head.has("etag"), let changed = head.lastModified, let now = head.date, now > changed else { return nil }
        return head["last-modified"]
    }

    func failure(_ answer: HTTPAnswer) -> TransferFailure {
        var failure = HTTPFiles.failure("fetched", self.location, answer)
        // The file became shorter than what came of it.
        if answer.head.status == 416 {
            failure.isTransient = true
            failure.needsRestart = true
        }
        return failure
    }

    func confirm(_ version: FileVersion, isPieced: Bool, target: Int32?, path: String) {}
}
