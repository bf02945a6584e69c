internal import EngineLink

// What executors keep for each other.
extension Executor {
    /// What is sent of a partition that is kept here.
    /// - Returns: nil where it is not, or cannot be read.
    func pieces(of name: BlockName.Kept) -> [BlockPiece]? {
        guard let block = self.blocks.block(name.block),
            let segment = try? block.sent(self.places, self.settings)
        else { return nil }
        self.memory.use(.partition(name.block))
        return try? OutputBundle.pieces(
            [(mapTask: 0, segment: segment)],
            from: name.frame,
            limit: name.limit,
            compresses: self.settings.compressesShuffles
        )
    }

    /// Fetches a partition that another executor keeps, in answers of no more than a task may have on their way.
    /// - Parameter check: asked before each answer; what it throws ends the fetch.
    func fetch(_ place: KeptPlace, check: () throws -> Void = {}) throws -> FetchedPartition {
        guard let remote = self.shuffles.remote else { throw TaskFault.unfetched("this executor is alone") }
        let limit = min(FetchedPartition.answerBytes, max(self.settings.inFlight, OutputFetcher.answerMinimum))
        return try FetchedPartition(self.places, self.settings) { frame in
            try check()
            return try remote.bundle(of: BlockName.Kept(place.block, frame: frame, limit: limit), from: place.server)
        }
    }

    /// Keeps a partition that another executor keeps too: in memory where its level says so and there is room, else on disk
    /// where its level says so. Blocks.
    func copy(_ order: CopyOrder) {
        let key = order.place.block
        guard self.blocks.expect(key) else { return }
        do {
            let fetched = try self.fetch(order.place)
            if order.usesMemory, try self.keepInMemory(fetched, order, key) { return }
            guard order.usesDisk else { return self.blocks.giveUp(key) }
            let file = try fetched.file(self.places, self.settings)
            _ = self.blocks.keep(copy: PartitionCopy(file), as: key)
        } catch {
            // The partition is kept elsewhere, or computed again: a copy is no more than insurance.
            self.blocks.giveUp(key)
        }
    }

    /// - Returns: false where there is no room.
    private func keepInMemory(_ fetched: FetchedPartition, _ order: CopyOrder, _ key: BlockStore.Key) throws -> Bool {
        // Counted before it is read, so that what it takes the place of is gone by then.
        guard self.count(key, fetched.rawBytes) else { return false }
        var frames: [TextBuffer] = []
        do {
            let next = fetched.frames()
            while let frame = try next() { frames.append(frame) }
        } catch {
            self.memory.drop(.partition(key))
            throw error
        }
        guard self.blocks.keep(copy: PartitionCopy(frames, usesDisk: order.usesDisk), as: key) else {
            // A block that a task has made meanwhile counts under the same name.
            if self.blocks.block(key) == nil { self.memory.drop(.partition(key)) }
            return true
        }
        // Others may have needed the room before there was a block that could go for them.
        if !self.count(key, fetched.rawBytes) { self.blocks.drop(key) }
        return true
    }

    private func count(_ key: BlockStore.Key, _ bytes: Int64) -> Bool {
        self.memory.keep(.partition(key), bytes: Int(bytes), group: key.dataset.group)
    }
}
