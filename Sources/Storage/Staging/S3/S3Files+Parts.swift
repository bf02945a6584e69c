import Crypto

/// Large objects, which come in parts ("Amazon S3 multipart upload limits" in its user guide).
extension S3Files {
    private static let partsMaximum: Int64 = 10_000
    /// Of all parts but the last.
    static let partMinimum: Int64 = 5 << 20
    private static let partMaximum: Int64 = 5 << 30

    /// A part that is to be made.
    private struct Part {
        var range: Range<Int64>
        /// Which one of which upload it is.
        var query: [(name: String, value: String)]
    }

    /// From a file, part by part.
    func uploadParts(
        _ file: UploadedFile,
        _ location: ResourceLocation,
        _ key: String,
        _ progress: TransferProgress?
    ) throws(TransferFailure) {
        try self.inParts("written", location, key, length: file.length) { (part: Part) throws(TransferFailure) in
            try self.ask("written", location, progress: progress) { () throws(TransferFailure) in
                progress?.start(at: part.range.lowerBound, of: file.length)
                return try self.request(
                    .put,
                    key: key,
                    query: part.query,
                    body: .file(
                        descriptor: file.descriptor,
                        offset: part.range.lowerBound,
                        length: Int64(part.range.count)
                    )
                )
            }.answer.head["etag"]
        }
    }

    /// From an object of this bucket, part by part within the store: with one request it copies no more than 5 GiB, and says
    /// nothing for as long as that takes.
    func copyParts(_ location: ResourceLocation, _ key: String, to target: String) throws(TransferFailure) {
        guard let source = try self.head(location, key, toBe: "copied") else {
            throw TransferFailure("Resource \(location) cannot be copied: there is no such object", status: 404)
        }
        guard let length = source.contentLength, let tag = source["etag"] else {
            throw TransferFailure("Resource \(location) cannot be copied: its server states no length and no ETag")
        }
        let kept = Self.kept(source)
        try self.inParts("copied", location, target, length: length, kept) { (part: Part) throws(TransferFailure) in
            let headers = [
                self.copySource(key),
                HTTPRequest.Header(name: "x-amz-copy-source-if-match", value: tag),
                HTTPRequest.Header(name: "x-amz-copy-source-range", value: ByteRange.header(part.range).value),
            ]
            do throws(TransferFailure) {
                return try self.ask("copied", location, for: "CopyPartResult") { () throws(TransferFailure) in
                    try self.request(.put, key: target, query: part.query, headers: headers)
                }["ETag"]
            } catch {
                guard error.status == 412 else { throw error }
                var changed = error
                changed.description += "; it was changed while it was copied"
                throw changed
            }
        }
    }

    /// What an object says of itself, which a copy in parts does not take over by itself.
    private static func kept(_ source: HTTPHead) -> [HTTPRequest.Header] {
        let names: Set = [
            "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
            "x-amz-website-redirect-location",
        ]
        return source.headers.filter { names.contains($0.name) || $0.name.hasPrefix("x-amz-meta-") }
    }

    /// Makes an object part by part: it appears when all are there, and what came so far goes when one is not to be had.
    /// - Parameters:
    ///   - headers: what the object says of itself.
    ///   - make: makes a part, and returns its ETag.
    private func inParts(
        _ what: String,
        _ location: ResourceLocation,
        _ key: String,
        length: Int64,
        _ headers: [HTTPRequest.Header] = [],
        make: (Part) throws(TransferFailure) -> String?
    ) throws(TransferFailure) {
        let begun = try self.ask(what, location, for: "InitiateMultipartUploadResult") { () throws(TransferFailure) in
            try self.request(.post, key: key, query: [(name: "uploads", value: "")], headers: headers)
        }
        guard let upload = begun["UploadId"], !upload.isEmpty else {
            throw TransferFailure("Resource \(location) cannot be \(what): its server named no upload")
        }
        do throws(TransferFailure) {
            let least = (length + Self.partsMaximum - 1) / Self.partsMaximum
            let size = min(max(self.settings.partSize, Self.partMinimum, least), Self.partMaximum)
            var tags: [String] = []
            for offset in stride(from: 0, to: length, by: Int64.Stride(size)) {
                let number = tags.count + 1
                let query = [(name: "partNumber", value: "\(number)"), (name: "uploadId", value: upload)]
                guard let tag = try make(Part(range: offset..<min(offset + size, length), query: query)) else {
                    throw TransferFailure(
                        "Resource \(location) cannot be \(what): its server gave part \(number) no ETag"
                    )
                }
                tags.append(tag)
            }
            try self.complete(what, location, key, upload, tags)
        } catch {
            // Parts that nobody completes are kept, and paid for, until somebody says so.
            let patient = self.uncancelled
            _ = try? patient.ask(what, location) { () throws(TransferFailure) in
                try patient.request(.delete, key: key, query: [(name: "uploadId", value: upload)])
            }
            throw error
        }
    }

    private func complete(
        _ what: String,
        _ location: ResourceLocation,
        _ key: String,
        _ upload: String,
        _ tags: [String]
    ) throws(TransferFailure) {
        let parts = tags.enumerated().map { number, tag in
            "<Part><PartNumber>\(number + 1)</PartNumber><ETag>\(S3Answer.escaped(tag))</ETag></Part>"
        }
        let text = "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>"
        do throws(TransferFailure) {
            try self.ask(what, location, for: "CompleteMultipartUploadResult") { () throws(TransferFailure) in
                try self.request(
                    .post,
                    key: key,
                    query: [(name: "uploadId", value: upload)],
                    headers: [Self.xml],
                    body: .bytes(Array(text.utf8))
                )
            }
        } catch {
            // The upload is over: the answer that said so to an earlier attempt may have been lost.
            let isOver = error.status == 404 || error.code == "NoSuchUpload"
            guard isOver, try self.isThere(location, key, made: tags) else { throw error }
        }
    }

    /// Whether the object is what those parts make.
    private func isThere(
        _ location: ResourceLocation,
        _ key: String,
        made tags: [String]
    ) throws(TransferFailure) -> Bool {
        guard let expected = Self.tag(of: tags), let head = try self.head(location, key, toBe: "looked at") else {
            return false
        }
        return head["etag"]?.filter { $0 != "\"" } == expected
    }

    /// The ETag of an object of several parts: the MD5 of theirs, which are MD5s, and their number.
    /// - Returns: nil where theirs are something else.
    static func tag(of tags: [String]) -> String? {
        var hasher = Insecure.MD5()
        for tag in tags {
            guard let bytes = Hexadecimal.bytes(tag.filter { $0 != "\"" }), bytes.count == 16 else { return nil }
            hasher.update(data: bytes)
        }
        return "\(Hexadecimal.text(hasher.finalize()))-\(tags.count)"
    }
}
