internal import Synchronization

extension HeddleContext {
    /// Says where `checkpoint` writes. Each context uses a new folder in it.
    ///
    /// - Parameter path: a folder that all executors see; it is made if it is not there.
    /// - Throws: `HeddleError` where it cannot be made.
    public func setCheckpointDir(_ path: String) throws {
        let folder = "\(try OutputFolder.path(of: path))/\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        do {
            try WritablePlaces.place(of: folder).makeFolder(folder)
        } catch {
            throw HeddleError.graph("\(error)")
        }
        self.settings.withLock { $0.checkpointFolder = folder }
    }

    /// The folder for one more checkpoint.
    @usableFromInline func nextCheckpoint(at site: SourceSite) throws -> String {
        try self.settings.withLock { settings in
            guard let folder = settings.checkpointFolder else {
                throw HeddleError.graph("\(site): checkpoint: say where first, with setCheckpointDir")
            }
            settings.checkpointCount += 1
            return "\(folder)/rdd-\(settings.checkpointCount)"
        }
    }
}

extension RDD where Element: Codable {
    /// Writes the elements to files, and gives a dataset that reads them and knows nothing of what they were computed from:
    /// for programs whose datasets come from others in many rounds.
    ///
    /// In Spark the dataset itself is changed by its next action; here this is the action, and its result the dataset to go
    /// on with. The files stay when the program has ended.
    /// - Throws: `HeddleError` when the job fails, or nobody said where to write (`setCheckpointDir`).
    @inlinable public func checkpoint(file: StaticString = #fileID, line: UInt = #line) async throws -> RDD<Element> {
        let site = SourceSite(file, line)
        let path = try self.context.nextCheckpoint(at: site)
        let write = Step("checkpoint", at: site, ObjectOutputAction<Element>.self) {
            try ObjectOutputAction<Element>.open($0)
        }
        try await self.write(write.passing(path), into: path)
        let read = Step("checkpoint", at: site, ObjectSource<Element>.self) { try ObjectSource<Element>.open($0) }
        let parts = try await self.context.parts(of: path)
        return RDD(self.context.source(read, splits: parts).keeping(self.node), self.context)
    }
}

extension Node {
    /// This source, whose elements are spread over partitions as those of another dataset are.
    @usableFromInline func keeping(_ other: Node) -> Node {
        Node(
            self.step,
            parents: [],
            kind: self.kind,
            partitionCount: self.partitionCount,
            slices: self.slices,
            hosts: self.hosts,
            partitioning: other.partitioning
        )
    }
}
