import Crypto
import FoundationEssentials
import Glibc

/// The objects of one bucket of S3, or of a store that speaks its protocol. Folders are what names with slashes look
/// like, and marks that end in one.
struct S3Files: RemoteFiles {
    let calls: HTTPCalls
    private let bucket: String
    private let settings: S3Settings
    private let credentials: S3Credentials
    private let endpoint: S3Endpoint

    init(
        calls: HTTPCalls,
        bucket: String,
        _ settings: S3Settings,
        _ credentials: S3Credentials
    ) throws(TransferFailure) {
        self.calls = calls
        self.bucket = bucket
        self.settings = settings
        self.credentials = credentials
        self.endpoint = try S3Endpoint(bucket: bucket, settings[bucket: bucket])
    }

    // MARK: - Requests

    /// One request, signed now.
    /// - Parameter key: the object, without a slash before it; nil for the bucket.
    func request(
        _ method: HTTPRequest.Method,
        key: String?,
        query: [(name: String, value: String)] = [],
        headers: [HTTPRequest.Header] = [],
        body: HTTPRequest.Body = .none
    ) throws(TransferFailure) -> HTTPRequest {
        let path = self.endpoint.pathPrefix + "/" + (key ?? "")
        let hash = try self.payloadHash(body)
        var subject = SigV4.Subject(
            method: method.rawValue,
            path: path,
            query: query,
            headers: headers,
            payloadHash: hash
        )
        let words = subject.canonicalQuery
        var request = HTTPRequest(
            method: method,
            url: self.endpoint.origin + SigV4.Subject.encoded(path) + (words.isEmpty ? "" : "?\(words)"),
            headers: headers,
            body: body,
            followsRedirects: false
        )
        guard let keys = try self.credentials.keys(of: self.bucket, self.calls) else { return request }
        let time = SigV4.time(currentMilliseconds() / 1000)
        var signed = [
            HTTPRequest.Header(name: "x-amz-content-sha256", value: hash),
            HTTPRequest.Header(name: "x-amz-date", value: time),
        ]
        if let token = keys.sessionToken {
            signed.append(HTTPRequest.Header(name: "x-amz-security-token", value: token))
        }
        subject.headers += [HTTPRequest.Header(name: "host", value: self.endpoint.host)] + signed
        let signature = SigV4(keys: keys, region: self.endpoint.region, service: "s3")
        signed.append(
            HTTPRequest.Header(name: "Authorization", value: signature.authorization(subject, at: time))
        )
        request.secretHeaders = signed
        return request
    }

    /// Over TLS nobody changes a body on its way, so it need not be read twice.
    private func payloadHash(_ body: HTTPRequest.Body) throws(TransferFailure) -> String {
        switch body {
        case .none: return Hexadecimal.text(SHA256.hash(data: [UInt8]()))
        case .bytes(let bytes): return Hexadecimal.text(SHA256.hash(data: bytes))
        case .file(let descriptor, let offset, let length):
            if self.endpoint.usesTLS { return SigV4.unsignedPayload }
            var hasher = SHA256()
            do throws(SystemError) {
                unsafe try FileReading.each(descriptor, offset..<offset + length) {
                    unsafe hasher.update(bufferPointer: $0)
                }
            } catch {
                throw TransferFailure("Bucket \(self.bucket): \(error)")
            }
            return Hexadecimal.text(hasher.finalize())
        }
    }

    func failure(_ what: String, _ location: ResourceLocation, _ answer: HTTPAnswer) -> TransferFailure {
        var failure = HTTPFiles.failure(what, location, answer)
        if let error = S3Answer(answer.errorBody), let code = error["Code"] {
            let message = (error["Message"] ?? "").unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.prefix(
                500
            )
            failure.description += ": \(code) (\(String(String.UnicodeScalarView(message))))"
            if ["RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable"].contains(code) {
                failure.isTransient = true
            }
        }
        if [301, 307, 400].contains(answer.head.status), let region = answer.head["x-amz-bucket-region"],
            region != self.endpoint.region
        {
            failure.description += "; the bucket is in region \(region): set "
            failure.description += "fs.s3a.bucket.\(self.bucket).endpoint.region to it"
        }
        return failure
    }

    @discardableResult
    private func ask(
        _ what: String,
        _ location: ResourceLocation,
        progress: TransferProgress? = nil,
        accepts: (HTTPAnswer) -> Bool = { $0.head.isSuccess },
        request: () throws(TransferFailure) -> HTTPRequest
    ) throws(TransferFailure) -> (answer: HTTPAnswer, body: [UInt8]) {
        try self.calls.call(
            "Resource \(location) cannot be \(what)",
            progress: progress,
            accepts: accepts,
            failure: { self.failure(what, location, $0) },
            request: request
        )
    }

    static func key(_ location: ResourceLocation) -> String { String(location.path.drop { $0 == "/" }) }

    private static func folderKey(_ location: ResourceLocation) -> String {
        let key = Self.key(location)
        return key.isEmpty || key.hasSuffix("/") ? key : key + "/"
    }

    // MARK: - Reading

    func source(
        _ location: ResourceLocation,
        expecting expectation: ResourceExpectation
    ) -> any DownloadSource {
        S3Source(location: location, files: self, expectation: expectation)
    }

    func status(_ location: ResourceLocation) throws(TransferFailure) -> FileStatus {
        let key = Self.key(location)
        if !key.isEmpty {
            let found = try self.ask(
                "looked at",
                location,
                accepts: { $0.head.isSuccess || $0.head.status == 404 },
                request: {
                    () throws(TransferFailure) in try self.request(.head, key: key)
                }
            ).answer
            if found.head.isSuccess {
                let isMark = key.hasSuffix("/")
                return FileStatus(
                    location: location,
                    kind: isMark ? .directory : .file,
                    length: isMark ? nil : found.head.contentLength,
                    modificationTime: found.head.lastModified.map { $0 * 1000 },
                    entityTag: found.head["etag"]
                )
            }
        }
        if !key.isEmpty, try self.page(location, prefix: Self.folderKey(location), limit: 1).objects.isEmpty {
            throw TransferFailure("Resource \(location) cannot be looked at: there is no such object", status: 404)
        }
        return FileStatus(location: location, kind: .directory)
    }

    func list(_ location: ResourceLocation) throws(TransferFailure) -> [FileStatus] {
        let prefix = Self.folderKey(location)
        var found: [FileStatus] = []
        var next: String?
        repeat {
            let page = try self.page(location, prefix: prefix, delimiter: "/", after: next)
            for object in page.objects where object.key != prefix {
                var entry = location
                entry.path = "/" + object.key
                found.append(
                    FileStatus(
                        location: entry,
                        kind: .file,
                        length: object.length,
                        modificationTime: object.modified,
                        entityTag: object.tag
                    )
                )
            }
            for folder in page.folders {
                var entry = location
                entry.path = "/" + folder.dropLast()
                found.append(FileStatus(location: entry, kind: .directory))
            }
            next = page.next
        } while next != nil
        return found.sorted { $0.location.path < $1.location.path }
    }

    private struct Page {
        struct Object {
            var key: String
            var length: Int64
            var modified: Int64?
            var tag: String?
        }

        var objects: [Object] = []
        var folders: [String] = []
        var next: String?
    }

    /// ListObjectsV2. Keys come encoded, since XML cannot hold every key.
    private func page(
        _ location: ResourceLocation,
        prefix: String,
        delimiter: String? = nil,
        after token: String? = nil,
        limit: Int = 1000
    ) throws(TransferFailure) -> Page {
        var query = [
            (name: "list-type", value: "2"), (name: "encoding-type", value: "url"), (name: "prefix", value: prefix),
            (name: "max-keys", value: "\(limit)"),
        ]
        if let delimiter { query.append((name: "delimiter", value: delimiter)) }
        if let token { query.append((name: "continuation-token", value: token)) }
        let body = try self.ask("listed", location) { () throws(TransferFailure) in
            try self.request(.get, key: nil, query: query)
        }.body
        guard let answer = S3Answer(body), answer.name == "ListBucketResult" else {
            throw TransferFailure("Resource \(location) cannot be listed: its server does not speak S3's protocol")
        }
        func decoded(_ text: String?) -> String {
            let plain = (text ?? "").replacing("+", with: " ")
            return URIText.decoded(plain) ?? plain
        }
        return Page(
            objects: answer.all("Contents").map { object in
                Page.Object(
                    key: decoded(object["Key"]),
                    length: object["Size"].flatMap { Int64($0) } ?? 0,
                    modified: object["LastModified"].flatMap(Self.milliseconds),
                    tag: object["ETag"]
                )
            },
            folders: answer.all("CommonPrefixes").map { decoded($0["Prefix"]) },
            next: answer["IsTruncated"] == "true" ? answer["NextContinuationToken"] : nil
        )
    }

    /// In whole seconds, as Last-Modified and Hadoop's S3A have it.
    private static func milliseconds(_ text: String) -> Int64? {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        return (try? Date(text, strategy: style)).map { Int64($0.timeIntervalSince1970) * 1000 }
    }

    // MARK: - Writing

    func upload(
        _ file: UploadedFile,
        to location: ResourceLocation,
        _ progress: TransferProgress?
    ) throws(TransferFailure) {
        let key = Self.key(location)
        guard !key.isEmpty, !key.hasSuffix("/") else { throw TransferFailure("Resource \(location) names no object") }
        progress?.start(of: file.length)
        if file.length > self.settings.multipartThreshold {
            try self.uploadParts(file, location, key, progress)
            return
        }
        try self.ask("written", location, progress: progress) { () throws(TransferFailure) in
            progress?.start(of: file.length)
            return try self.request(
                .put,
                key: key,
                body: .file(descriptor: file.descriptor, offset: 0, length: file.length)
            )
        }
    }

    /// Part by part; the object appears when all are there, and what came so far goes when one is not to be had.
    private func uploadParts(
        _ file: UploadedFile,
        _ location: ResourceLocation,
        _ key: String,
        _ progress: TransferProgress?
    ) throws(TransferFailure) {
        let begun = try self.ask("written", location) { () throws(TransferFailure) in
            try self.request(.post, key: key, query: [(name: "uploads", value: "")])
        }.body
        guard let upload = S3Answer(begun)?["UploadId"], !upload.isEmpty else {
            throw TransferFailure("Resource \(location) cannot be written: its server does not speak S3's protocol")
        }
        do throws(TransferFailure) {
            try self.complete(location, key, upload, try self.sendParts(file, location, key, upload, progress))
        } catch {
            // Parts that nobody completes are kept, and paid for, until somebody says so; also when this is cancelled.
            var calls = self.calls
            calls.cancellation = Cancellation()
            let patient = S3Files(self, calls: calls)
            _ = try? patient.ask("written", location) { () throws(TransferFailure) in
                try patient.request(.delete, key: key, query: [(name: "uploadId", value: upload)])
            }
            throw error
        }
    }

    private init(_ other: S3Files, calls: HTTPCalls) {
        self.calls = calls
        self.bucket = other.bucket
        self.settings = other.settings
        self.credentials = other.credentials
        self.endpoint = other.endpoint
    }

    /// S3 takes ten thousand parts, all but the last of 5 MiB at least.
    private func sendParts(
        _ file: UploadedFile,
        _ location: ResourceLocation,
        _ key: String,
        _ upload: String,
        _ progress: TransferProgress?
    ) throws(TransferFailure) -> [String] {
        let size = max(self.settings.partSize, 5 << 20, (file.length + 9_999) / 10_000)
        var tags: [String] = []
        var offset: Int64 = 0
        while offset < file.length {
            let length = min(size, file.length - offset)
            let number = tags.count + 1
            let head = try self.ask("written", location, progress: progress) { () throws(TransferFailure) in
                progress?.start(at: offset, of: file.length)
                return try self.request(
                    .put,
                    key: key,
                    query: [(name: "partNumber", value: "\(number)"), (name: "uploadId", value: upload)],
                    body: .file(descriptor: file.descriptor, offset: offset, length: length)
                )
            }.answer.head
            guard let tag = head["etag"] else {
                throw TransferFailure("Resource \(location) cannot be written: its server gave part \(number) no ETag")
            }
            tags.append(tag)
            offset += length
        }
        return tags
    }

    private func complete(
        _ location: ResourceLocation,
        _ key: String,
        _ upload: String,
        _ tags: [String]
    ) throws(TransferFailure) {
        let parts = tags.enumerated().map { number, tag in
            "<Part><PartNumber>\(number + 1)</PartNumber><ETag>\(S3Answer.escaped(tag))</ETag></Part>"
        }
        let text = "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>"
        let body = try self.ask("written", location) { () throws(TransferFailure) in
            try self.request(
                .post,
                key: key,
                query: [(name: "uploadId", value: upload)],
                headers: [HTTPRequest.Header(name: "Content-Type", value: "application/xml")],
                body: .bytes(Array(text.utf8))
            )
        }.body
        // S3 may answer 200 before it knows that it failed.
        guard let answer = S3Answer(body), answer.name == "CompleteMultipartUploadResult" else {
            let code = S3Answer(body)?["Code"] ?? "an answer that is not S3's"
            throw TransferFailure("Resource \(location) cannot be written: \(code)")
        }
    }

    /// A mark, as Hadoop's S3A and the console of AWS make them.
    func makeDirectory(_ location: ResourceLocation) throws(TransferFailure) {
        let key = Self.folderKey(location)
        if key.isEmpty { return }
        try self.ask("made", location) { () throws(TransferFailure) in try self.request(.put, key: key) }
    }

    /// A copy within the store, then a removal: it is not one step, as nowhere with S3.
    func rename(_ location: ResourceLocation, to destination: ResourceLocation) throws(TransferFailure) {
        guard location.host == destination.host else {
            throw TransferFailure("Resource \(location) cannot be renamed to \(destination): that is another bucket")
        }
        let status = try self.status(location)
        do throws(TransferFailure) {
            _ = try self.status(destination)
            throw TransferFailure("Resource \(location) cannot be renamed: \(destination) is there")
        } catch {
            guard error.status == 404 else { throw error }
        }
        guard status.kind == .directory else {
            try self.copy(location, Self.key(location), to: Self.key(destination))
            _ = try self.remove(location, Self.key(location))
            return
        }
        let (from, to) = (Self.folderKey(location), Self.folderKey(destination))
        let keys = try self.keys(below: location)
        for key in keys { try self.copy(location, key, to: to + key.dropFirst(from.count)) }
        for key in keys { _ = try self.remove(location, key) }
    }

    private func copy(_ location: ResourceLocation, _ key: String, to target: String) throws(TransferFailure) {
        let source = HTTPRequest.Header(
            name: "x-amz-copy-source",
            value: "/\(self.bucket)/" + URIText.encodedStrictly(key)
        )
        let body = try self.ask("copied", location) { () throws(TransferFailure) in
            try self.request(.put, key: target, headers: [source])
        }.body
        guard let answer = S3Answer(body), answer.name == "CopyObjectResult" else {
            throw TransferFailure(
                "Resource \(location) cannot be copied: \(S3Answer(body)?["Code"] ?? "no result came")"
            )
        }
    }

    func delete(_ location: ResourceLocation) throws(TransferFailure) -> Bool {
        let own = Self.key(location)
        var found = false
        if !own.isEmpty, try self.isThere(location, own) { found = try self.remove(location, own) }
        for key in try self.keys(below: location) where key != own {
            found = try self.remove(location, key) || found
        }
        return found
    }

    private func isThere(_ location: ResourceLocation, _ key: String) throws(TransferFailure) -> Bool {
        try self.ask(
            "deleted",
            location,
            accepts: { $0.head.isSuccess || $0.head.status == 404 },
            request: {
                () throws(TransferFailure) in try self.request(.head, key: key)
            }
        ).answer.head.isSuccess
    }

    private func remove(_ location: ResourceLocation, _ key: String) throws(TransferFailure) -> Bool {
        try self.ask("deleted", location) { () throws(TransferFailure) in try self.request(.delete, key: key) }
            .answer.head.isSuccess
    }

    private func keys(below location: ResourceLocation) throws(TransferFailure) -> [String] {
        var keys: [String] = []
        var next: String?
        repeat {
            let page = try self.page(location, prefix: Self.folderKey(location), after: next)
            keys += page.objects.map(\.key)
            next = page.next
        } while next != nil
        return keys
    }
}

/// An object's bytes, by its ETag.
struct S3Source: DownloadSource {
    let location: ResourceLocation
    let files: S3Files
    let expectation: ResourceExpectation

    func renewed() -> S3Source { self }

    func request(_ part: Range<Int64>?, of version: FileVersion?) throws(TransferFailure) -> HTTPRequest {
        var headers = [HTTPRequest.Header(name: "x-amz-checksum-mode", value: "ENABLED")]
        if let part {
            headers = [ByteRange.header(part)]
            if let tag = version?.validator { headers.append(HTTPRequest.Header(name: "If-Match", value: tag)) }
        }
        return try self.files.request(.get, key: S3Files.key(self.location), headers: headers)
    }

    func judge(
        _ head: HTTPHead,
        for part: Range<Int64>?,
        of version: FileVersion?
    ) throws(TransferFailure) -> FileVersion {
        var found = try HTTPSource.judge(head, for: part, of: version, self.expectation, self.location)
        guard part == nil else { return found }
        // Every S3 takes ranges, and compares ETags.
        found.takesRanges = found.validator != nil
        if let digest = StatedDigest.entityTag(of: head) { found.digests.append(digest) }
        return found
    }

    func failure(_ answer: HTTPAnswer) -> TransferFailure {
        var failure = self.files.failure("fetched", self.location, answer)
        if [412, 416].contains(answer.head.status) {
            failure.isTransient = true
            failure.needsRestart = true
        }
        return failure
    }

    func confirm(_ version: FileVersion, isPieced: Bool, target: Int32?, path: String) {}
}
