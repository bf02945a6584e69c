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

    /// A copy within the store, then a removal: it is not one step, as nowhere with S3. A folder whose copy fails stays as it was,
    /// and what was copied of it goes again.
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
        if status.kind == .directory {
            try self.renameFolder(location, to: destination)
            return
        }
        let key = Self.key(location)
        try self.copy(location, key, length: status.length, to: Self.key(destination))
        try self.afterCopy(destination) { () throws(TransferFailure) in try self.remove(location, key) }
    }

    private func renameFolder(
        _ location: ResourceLocation,
        to destination: ResourceLocation
    ) throws(TransferFailure) {
        let (from, to) = (Self.folderKey(location), Self.folderKey(destination))
        guard !to.utf8.starts(with: from.utf8) else {
            throw TransferFailure("Resource \(location) cannot be renamed: \(destination) is below it")
        }
        var last = ""
        do throws(TransferFailure) {
            try self.eachPage(of: location) { (page: Page) throws(TransferFailure) in
                for object in page.objects {
                    last = object.key
                    try self.copy(location, last, length: object.length, to: Self.moved(last, from, to))
                }
            }
        } catch {
            throw self.takeBack(location, through: last, to: destination, after: error)
        }
        // What is removed has its copy, also where somebody went on writing.
        try self.afterCopy(destination) { () throws(TransferFailure) in
            var removal = S3Removal(self, location)
            try self.eachPage(of: destination) { (page: Page) throws(TransferFailure) in
                try removal.remove(page.objects.map { Self.moved($0.key, to, from) })
            }
        }
    }

    /// Removes the copies of a folder's objects up to one, so that moving it can be tried again.
    /// - Returns: the failure, with what else is to be known.
    private func takeBack(
        _ location: ResourceLocation,
        through last: String,
        to destination: ResourceLocation,
        after failure: TransferFailure
    ) -> TransferFailure {
        if last.isEmpty { return failure }
        let (from, to) = (Self.folderKey(location), Self.folderKey(destination))
        let patient = self.uncancelled
        var removal = S3Removal(patient, destination)
        do throws(TransferFailure) {
            try patient.eachPage(of: location, through: last) { (page: Page) throws(TransferFailure) in
                let copied = page.objects.map(\.key).filter { !last.utf8.lexicographicallyPrecedes($0.utf8) }
                try removal.remove(copied.map { Self.moved($0, from, to) })
            }
            return failure
        } catch {
            var both = failure
            both.description += "; what was copied to \(destination) is still there (\(error))"
            return both
        }
    }

    /// By bytes: a mark of the second name may belong to the slash before it.
    private static func moved(_ key: String, _ from: String, _ to: String) -> String {
        to + String(Substring(key.utf8.dropFirst(from.utf8.count)))
    }

    private func afterCopy(
        _ destination: ResourceLocation,
        _ removal: () throws(TransferFailure) -> Void
    ) throws(TransferFailure) {
        do throws(TransferFailure) {
            try removal()
        } catch {
            guard error != .cancelled else { throw error }
            var failure = error
            failure.description += "; its copy \(destination) is whole"
            throw failure
        }
    }

    /// - Parameter length: as far as it is known.
    private func copy(
        _ location: ResourceLocation,
        _ key: String,
        length: Int64?,
        to target: String
    ) throws(TransferFailure) {
        // Of smaller ones S3 copies no parts.
        if (length ?? 0) > max(self.settings.multipartThreshold, Self.partMinimum) {
            try self.copyParts(location, key, to: target)
            return
        }
        try self.ask("copied", location, for: "CopyObjectResult") { () throws(TransferFailure) in
            try self.request(.put, key: target, headers: [self.copySource(key)])
        }
    }

    func copySource(_ key: String) -> HTTPRequest.Header {
        HTTPRequest.Header(name: "x-amz-copy-source", value: "/\(self.bucket)/" + URIText.encodedStrictly(key))
    }

    func delete(_ location: ResourceLocation) throws(TransferFailure) -> Bool {
        let own = Self.key(location)
        var found = false
        if !own.isEmpty, try self.head(location, own, toBe: "deleted") != nil {
            try self.remove(location, own)
            found = true
        }
        var removal = S3Removal(self, location)
        try self.eachPage(of: location) { (page: Page) throws(TransferFailure) in
            let keys = page.objects.map(\.key).filter { !$0.utf8.elementsEqual(own.utf8) }
            try removal.remove(keys)
            if !keys.isEmpty { found = true }
        }
        return found
    }

    func remove(_ location: ResourceLocation, _ key: String) throws(TransferFailure) {
        try self.ask("deleted", location) { () throws(TransferFailure) in try self.request(.delete, key: key) }
    }
}
