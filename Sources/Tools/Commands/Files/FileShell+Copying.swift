import Staging

/// `-put`, `-get` and `-mv`: from one place to another.
extension FileShell {
    /// Which way bytes go, and whether they replace what is there.
    struct Copying {
        var isUpload: Bool
        var replaces: Bool
    }

    /// Where each of several sources goes: into the target if that is a folder.
    private func target(_ source: Place, in target: Place, isFolder: Bool) -> Place {
        isFolder ? target.child(source.location.name ?? "") : target
    }

    /// - Returns: whether the target is a folder that is there; nil when several sources cannot go there.
    private func isFolder(_ target: Place, for count: Int) async throws -> Bool? {
        let isFolder = try await self.existing(target)?.kind == .directory
        guard isFolder || count == 1 else {
            self.say("`\(target.word)': No such file or directory")
            return nil
        }
        return isFolder
    }

    func move(_ words: [String]) async throws -> Bool {
        let sources = try words.dropLast().map(self.arguments.place)
        let target = try self.arguments.place(words[words.count - 1])
        var isWhole = true
        let isFound = await self.attempt(target) {
            guard let isFolder = try await self.isFolder(target, for: sources.count) else {
                isWhole = false
                return
            }
            for source in sources {
                let place = self.target(source, in: target, isFolder: isFolder)
                let worked = await self.attempt(source) {
                    _ = try await self.status(source)
                    if try await self.existing(place) != nil { throw CommandFailure("`\(place.word)': File exists") }
                    try await self.call { [user] (transfers, cancellation) throws(TransferFailure) in
                        try transfers.rename(
                            source.location,
                            to: place.location,
                            user: user,
                            cancellation: cancellation
                        )
                    }
                }
                isWhole = isWhole && worked
            }
        }
        return isFound && isWhole
    }

    /// Files and folders, with all that is below these.
    func copy(from sources: [Place], to target: Place, _ copying: Copying) async throws -> Bool {
        var isWhole = true
        let isFound = await self.attempt(target) {
            guard let isFolder = try await self.isFolder(target, for: sources.count) else {
                isWhole = false
                return
            }
            isWhole = await withTaskGroup(of: Bool.self) { group in
                var files = FileCopies(atOnceMaximum: self.filesAtOnce)
                for source in sources {
                    let place = self.target(source, in: target, isFolder: isFolder)
                    await self.copy(source, nil, to: place, copying, &files, &group)
                }
                return await files.finish(&group)
            }
        }
        return isFound && isWhole
    }

    /// Has the group copy one file, or those of a folder and all folders below.
    /// - Parameter known: what is there, where that was asked for already.
    private func copy(
        _ source: Place,
        _ known: FileStatus?,
        to target: Place,
        _ copying: Copying,
        _ files: inout FileCopies,
        _ group: inout TaskGroup<Bool>
    ) async {
        guard !Task.isCancelled else { return files.failed() }
        var entries: [FileStatus] = []
        var isFile = false
        let worked = await self.attempt(source) {
            let status: FileStatus
            if let known { status = known } else { status = try await self.status(source) }
            isFile = status.kind != .directory
            if isFile { return }
            try await self.call { [user] (transfers, cancellation) throws(TransferFailure) in
                try transfers.makeDirectory(target.location, user: user, cancellation: cancellation)
            }
            entries = try await self.entries(source)
        }
        guard worked else { return files.failed() }
        if isFile {
            return await files.add(&group) {
                await self.attempt(source) { try await self.transfer(source, to: target, copying) }
            }
        }
        for entry in entries {
            let name = entry.location.name ?? ""
            await self.copy(source.child(name), entry, to: target.child(name), copying, &files, &group)
        }
    }

    private func transfer(_ source: Place, to target: Place, _ copying: Copying) async throws {
        if let there = try await self.existing(target) {
            guard there.kind == .file else { throw CommandFailure("`\(target.word)': Is a directory") }
            guard copying.replaces else { throw CommandFailure("`\(target.word)': File exists") }
        }
        let (transfers, user) = (self.transfers, self.user)
        try await self.display.show(source.word) { (progress, cancellation) throws(TransferFailure) in
            if copying.isUpload {
                return try transfers.upload(
                    source.location.path,
                    to: target.location,
                    user: user,
                    progress: progress,
                    cancellation: cancellation
                )
            }
            return try transfers.download(
                source.location,
                to: target.location.path,
                user: user,
                progress: progress,
                cancellation: cancellation
            )
        }
    }
}
