package import ClusterModel

/// What the ResourceManager says of an application.
package enum ApplicationLife: Hashable, Sendable {
    /// It is known, and has not ended.
    case running
    /// It has ended, or is not known (any more).
    case over

    /// - Parameter state: nil where the ResourceManager does not know the application.
    package init(_ state: ApplicationState?) { self = state?.isFinal == false ? .running : .over }
}

/// What nobody needs any more: first steps without a second, and what applications have left in scratch folders.
///
/// A folder of an application is abandoned when nothing below it was written or read for long. Where there is somebody to
/// ask, an application that runs uses its folder, too: executors that it starts after weeks localize what lies there.
extension Namespace {
    /// Ends streams whose second step has not come in time, and looks for quiet folders of applications.
    /// - Returns: the applications of which `removeAbandoned` has to know whether they run; none where nobody is asked. One
    ///   that was found not to run is in question again after the time in which a reading is noted again, and before its
    ///   folder goes.
    package mutating func beginCleaning(at now: Timestamp) -> [ApplicationID] {
        for write in self.overdueWrites(at: now) { self.abandon(write, prefix: nil, at: now) }
        guard self.settings.asksForApplications, let patience = self.settings.abandonedAfter else { return [] }
        var found: Set<ApplicationID> = []
        var kept: [InodeID: Timestamp] = [:]
        for (_, child) in self.applicationFolders() {
            kept[child] = self.asked[child]
            guard let application = self.application(of: child), let quiet = self.quietTime(of: child, at: now),
                quiet >= patience || self.isInQuestion(child, quiet: quiet, at: now)
            else { continue }
            found.insert(application)
        }
        self.asked = kept
        return found.sorted()
    }

    private func isInQuestion(_ child: InodeID, quiet: Int64, at now: Timestamp) -> Bool {
        guard quiet > self.settings.accessInterval else { return false }
        guard let asked = self.asked[child] else { return true }
        return now.milliseconds(since: asked) > self.settings.accessInterval
    }

    /// Removes what applications have abandoned.
    /// - Parameter lives: of the applications in question. What is missing here could not be found out, and stays.
    /// - Returns: the folders that were removed.
    package mutating func removeAbandoned(
        at now: Timestamp,
        lives: [ApplicationID: ApplicationLife] = [:]
    ) -> [StagingPath] {
        guard let patience = self.settings.abandonedAfter else { return [] }
        var removed: [StagingPath] = []
        for (folder, child) in self.applicationFolders() {
            guard let quiet = self.quietTime(of: child, at: now) else { continue }
            if self.settings.asksForApplications, let application = self.application(of: child) {
                switch lives[application] {
                case .running:
                    // Noted as a reading is, so that the time begins with the application's end.
                    if quiet > self.settings.accessInterval { self.update(child) { $0.attributes.accessed = now } }
                    continue
                case .over: self.asked[child] = now
                case nil: continue
                }
            }
            guard quiet >= patience else { continue }
            removed.append(self.path(of: child))
            self.remove(child)
            self.touch(folder, at: now)
        }
        return removed
    }

    /// What lies in scratch folders, with these, older folders first.
    private func applicationFolders() -> [(folder: InodeID, child: InodeID)] {
        let scratch = self.folders.keys.filter { id in
            self.inodes[id]?.name.map { self.settings.scratchFolders.contains($0.description) } ?? false
        }
        return scratch.sorted().flatMap { id in
            (self.folders[id]?.children ?? [:]).sorted { $0.key < $1.key }.map { (id, $0.value) }
        }
    }

    /// Milliseconds since something below the entry was written or read; nil while something is being written.
    private func quietTime(of id: InodeID, at now: Timestamp) -> Int64? {
        var last: Timestamp?
        for id in self.tree(of: id) {
            guard let inode = self.inodes[id], inode.file?.writing == nil else { return nil }
            let used = max(inode.attributes.modified, inode.attributes.accessed)
            last = last.map { max($0, used) } ?? used
        }
        return last.map { now.milliseconds(since: $0) }
    }

    /// Whose folder it is, by its name: Spark's and the engine's have the application's id, MapReduce's the job's.
    private func application(of id: InodeID) -> ApplicationID? {
        guard let name = self.inodes[id]?.name?.description else { return nil }
        return ApplicationID(name)
            ?? (name.hasPrefix("job_") ? ApplicationID("application_\(name.dropFirst("job_".count))") : nil)
    }
}
