import Crypto
import FoundationEssentials
import Glibc

/// The objects of one bucket of S3, or of a store that speaks its protocol. Folders are what names with slashes look
/// like, and marks that end in one.
struct S3Files: RemoteFiles {
    let calls: HTTPCalls
    let bucket: String
    let settings: S3Settings
    let credentials: S3Credentials
    let endpoint: S3Endpoint

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
    private init(_ other: S3Files, calls: HTTPCalls) {
        self.calls = calls
        self.bucket = other.bucket
        self.settings = other.settings
        self.credentials = other.credentials
        self.endpoint = other.endpoint
    }

    /// What tidies up: it goes on also when this is cancelled.
    var uncancelled: S3Files {
        var calls = self.calls
        calls.cancellation = Cancellation()
        return S3Files(self, calls: calls)
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
        try self.eachPage(of: location, delimiter: "/") { page in
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
        }
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

    /// What is below a folder, in order and a page at a time, so that no more than one is in memory.
    /// - Parameter last: the object after which nothing more is wanted.
    func eachPage(
        of location: ResourceLocation,
        delimiter: String? = nil,
        through last: String? = nil,
        _ body: (Page) throws(TransferFailure) -> Void
    ) throws(TransferFailure) {
        let prefix = Self.folderKey(location)
        var next: String?
        repeat {
            let page = try self.page(location, prefix: prefix, delimiter: delimiter, after: next)
            guard page.next == nil || page.next != next else {
                throw TransferFailure("Resource \(location) cannot be listed: its server gives the same page again")
            }
            try body(page)
            if let last, let key = page.objects.last?.key, !key.utf8.lexicographicallyPrecedes(last.utf8) { return }
            next = page.next
        } while next != nil
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
        let answer = try self.ask("listed", location, for: "ListBucketResult") { () throws(TransferFailure) in
            try self.request(.get, key: nil, query: query)
        }
        let isPart = answer["IsTruncated"] == "true"
        guard !isPart || answer["NextContinuationToken"]?.isEmpty == false else {
            throw TransferFailure(
                "Resource \(location) cannot be listed: its server does not say where the next page is"
            )
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
                    // In whole seconds, as Last-Modified and Hadoop's S3A have it.
                    modified: object["LastModified"].flatMap(AWSText.seconds).map { $0 * 1000 },
                    tag: object["ETag"]
                )
            },
            folders: answer.all("CommonPrefixes").map { decoded($0["Prefix"]) },
            next: isPart ? answer["NextContinuationToken"] : nil
        )
    }
}
