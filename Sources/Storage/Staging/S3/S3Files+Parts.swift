import Crypto

/// Large objects, which come in parts.
extension S3Files {
    /// Part by part; the object appears when all are there, and what came so far goes when one is not to be had.
    func uploadParts(
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
        let body: [UInt8]
        do throws(TransferFailure) {
            body = try self.ask("written", location) { () throws(TransferFailure) in
                try self.request(
                    .post,
                    key: key,
                    query: [(name: "uploadId", value: upload)],
                    headers: [HTTPRequest.Header(name: "Content-Type", value: "application/xml")],
                    body: .bytes(Array(text.utf8))
                )
            }.body
        } catch {
            // The upload is over: the answer that said so to an earlier attempt may have been lost.
            guard error.status == 404, try self.isThere(location, key, made: tags) else { throw error }
            return
        }
        // S3 may answer 200 before it knows that it failed.
        guard let answer = S3Answer(body), answer.name == "CompleteMultipartUploadResult" else {
            let code = S3Answer(body)?["Code"] ?? "an answer that is not S3's"
            throw TransferFailure("Resource \(location) cannot be written: \(code)")
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
