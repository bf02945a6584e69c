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
