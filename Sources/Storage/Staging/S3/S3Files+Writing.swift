/// Objects that come, move and go.
extension S3Files {
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
        if !own.isEmpty, try self.head(location, own, toBe: "deleted") != nil { found = try self.remove(location, own) }
        for key in try self.keys(below: location) where key != own {
            found = try self.remove(location, key) || found
        }
        return found
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
