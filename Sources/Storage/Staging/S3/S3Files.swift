import Crypto
import FoundationEssentials
import Glibc

/// The objects of one bucket of S3, or of a store that speaks its protocol. Folders are what names with slashes look
/// like, and marks that end in one.
struct S3Files: RemoteFiles {
    let calls: HTTPCalls
    let bucket: String
    let settings: S3Settings
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

    /// The same with other calls.
    init(_ other: S3Files, calls: HTTPCalls) {
        self.calls = calls
        self.bucket = other.bucket
        self.settings = other.settings
        self.credentials = other.credentials
        self.endpoint = other.endpoint
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
    func ask(
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

    static func folderKey(_ location: ResourceLocation) -> String {
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

    /// What is known of an object; nil where there is none.
    func head(
        _ location: ResourceLocation,
        _ key: String,
        toBe what: String
    ) throws(TransferFailure) -> HTTPHead? {
        let head = try self.ask(
            what,
            location,
            accepts: { $0.head.isSuccess || $0.head.status == 404 },
            request: { () throws(TransferFailure) in try self.request(.head, key: key) }
        ).answer.head
        return head.isSuccess ? head : nil
    }

    func status(_ location: ResourceLocation) throws(TransferFailure) -> FileStatus {
        let key = Self.key(location)
        if !key.isEmpty, let found = try self.head(location, key, toBe: "looked at") {
            let isMark = key.hasSuffix("/")
            return FileStatus(
                location: location,
                kind: isMark ? .directory : .file,
                length: isMark ? nil : found.contentLength,
                modificationTime: found.lastModified.map { $0 * 1000 },
                entityTag: found["etag"]
            )
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

    struct Page {
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
    func page(
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
}
