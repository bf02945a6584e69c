import FoundationEssentials

/// A file over WebHDFS: OPEN takes an offset and a length; its state is told by its status, or by the answer to OPEN where
/// that comes from Heddle's own server.
struct WebHDFSSource: DownloadSource {
    let location: ResourceLocation
    let files: WebHDFSFiles
    let expectation: ResourceExpectation
    /// Nil where the answer itself is to tell it.
    let before: WebHDFSFiles.Status?

    func renewed() throws(TransferFailure) -> WebHDFSSource {
        try self.files.webHDFSSource(self.location, expecting: self.expectation)
    }

    func request(_ part: Range<Int64>?, of version: FileVersion?) throws(TransferFailure) -> HTTPRequest {
        var words: [(String, String)] = []
        if let part {
            words.append(("offset", "\(part.lowerBound)"))
            if part.upperBound != Int64.max { words.append(("length", "\(part.count)")) }
        }
        return HTTPRequest(url: try self.files.address(self.location, "OPEN", words).url)
    }

    func judge(
        _ head: HTTPHead,
        for part: Range<Int64>?,
        of version: FileVersion?
    ) throws(TransferFailure) -> FileVersion {
        guard let before = self.before else { return try self.judgeAlone(head, for: part, of: version) }
        try self.check(head, for: part, length: before.length)
        return FileVersion(
            length: before.length,
            validator: "\(before.fileId ?? 0) \(before.modificationTime)",
            takesRanges: true,
            digests: before.contentSHA256.flatMap(Hexadecimal.bytes)
                .map { [StatedDigest(algorithm: .sha256, bytes: $0)] } ?? [],
            lastModified: before.modificationTime
        )
    }

    /// The same where nothing is known but what this answer, and that to the first request, say.
    private func judgeAlone(
        _ head: HTTPHead,
        for part: Range<Int64>?,
        of version: FileVersion?
    ) throws(TransferFailure) -> FileVersion {
        let tag = head["etag"]
        guard let part else {
            // Not the server that was there before, or a file that somebody is writing: both are looked at first the next time.
            if tag == nil { self.files.servers.remove(self.location) }
            guard head.status == 200 else {
                throw TransferFailure(
                    "Resource \(self.location): its server answered \(head.text) where the whole file was asked for",
                    isTransient: true,
                    needsRestart: true
                )
            }
            return FileVersion(
                length: head.contentLength,
                validator: tag,
                takesRanges: tag != nil,
                digests: StatedDigest.stated(in: head)
            )
        }
        guard let version, let length = version.length, tag != nil, tag == version.validator else {
            throw TransferFailure(
                "Resource \(self.location) changed while it was fetched",
                isTransient: true,
                needsRestart: true
            )
        }
        try self.check(head, for: part, length: length)
        return version
    }

    private func check(_ head: HTTPHead, for part: Range<Int64>?, length: Int64) throws(TransferFailure) {
        let wanted = part.map { min($0.upperBound, length) - $0.lowerBound } ?? length
        guard head.status == 200 || head.status == 206, head.contentLength.map({ $0 == wanted }) ?? true else {
            throw TransferFailure(
                "Resource \(self.location): its server answered \(head.text) with "
                    + "\(head.contentLength.map { "\($0)" } ?? "some") bytes where \(wanted) were asked for",
                isTransient: true,
                needsRestart: true
            )
        }
    }

    func failure(_ answer: HTTPAnswer) -> TransferFailure {
        WebHDFSFiles.failure("fetched", self.location, answer)
    }

    func confirm(
        _ version: FileVersion,
        isPieced: Bool,
        target: Int32?,
        path: String
    ) throws(TransferFailure) {
        // With a digest the bytes are those of the file that was looked at; else another may have taken its place.
        if let before = self.before, isPieced || (self.expectation.isClosed && version.digests.isEmpty) {
            let after = try self.files.rawStatus(self.location)
            guard after.content == before.content else {
                throw TransferFailure("Resource \(self.location) changed while it was fetched")
            }
        }
        guard let target, self.files.calls.settings.checksums == .all,
            let stated = try self.files.checksum(self.location),
            let own = try BlockChecksum.of(target, like: stated.algorithm, stated.bytes, path: path)
        else { return }
        guard own == stated.bytes else {
            throw TransferFailure(
                "Resource \(self.location) did not arrive as it is stored: its \(stated.algorithm) differs",
                isTransient: true,
                needsRestart: true
            )
        }
    }
}
