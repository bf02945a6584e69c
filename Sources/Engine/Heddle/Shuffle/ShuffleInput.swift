/// What all map tasks of a shuffle wrote for one partition, in the order of the map tasks.
@usableFromInline final class ShuffleInput {
    private let store: ShuffleStore
    private let shuffle: Digest
    private let mapTasks: Int
    private let partition: Int
    private let task: TaskScope
    private var mapTask = 0
    /// Of the map task that is read, where its output is here.
    private var local: SegmentCursor?
    /// Of the map task that is read, how many frames of another executor were.
    private var framesRead = 0
    /// What came along with the frames of another executor.
    private var fetched: [Int: OutputBundle.Part] = [:]

    init(task: TaskScope, shuffle: Digest, mapTasks: Int, partition: Int) {
        self.task = task
        self.store = task.executor.shuffles
        self.shuffle = shuffle
        self.mapTasks = mapTasks
        self.partition = partition
    }

    /// The bytes of the next elements, whole ones only; nil at the end.
    /// - Throws: `TaskFault.fetchFailed` where what was written is not to be had any more.
    @usableFromInline func next() throws -> TextBuffer? {
        while self.mapTask < self.mapTasks {
            try self.task.checkCancellation()
            if let frame = try self.nextOfMapTask() { return frame }
            (self.mapTask, self.local, self.framesRead) = (self.mapTask + 1, nil, 0)
        }
        return nil
    }

    private func nextOfMapTask() throws -> TextBuffer? {
        if self.local == nil, self.framesRead == 0, self.fetched[self.mapTask] == nil { self.openLocal() }
        if self.local != nil { return try self.nextLocal() }
        return try self.nextRemote()
    }

    private var key: ShuffleStore.Key { ShuffleStore.Key(shuffle: self.shuffle, mapTask: self.mapTask) }

    private func openLocal() {
        guard let segment = self.store.output(self.key)?.segment(self.partition) else { return }
        self.local = SegmentCursor(segment)
        self.task.count { $0.localBlocksRead += 1 }
    }

    private func nextLocal() throws -> TextBuffer? {
        do {
            let frame = try self.local?.next()
            if let frame { self.task.count { $0.localBytesRead += Int64(frame.count) } }
            return frame
        } catch {
            // It is written anew: nobody is to find the damaged one again.
            self.task.executor.forget(output: self.key)
            throw self.lost("what was written is damaged: \(error)", executor: self.store.executor)
        }
    }

    private func lost(_ reason: String, executor: Int?) -> TaskFault {
        .fetchFailed(shuffle: self.shuffle, mapTask: self.mapTask, executor: executor, reason: reason)
    }

    private func nextRemote() throws -> TextBuffer? {
        while true {
            if var part = self.fetched[self.mapTask] {
                if let frame = part.frames.popFirst() {
                    self.fetched[self.mapTask] = part
                    self.framesRead += 1
                    return try self.opened(frame, from: part.sender)
                }
                self.fetched[self.mapTask] = nil
                if part.isWhole { return nil }
            }
            guard let remote = self.store.remote else {
                throw self.lost("it is not here", executor: self.store.executor)
            }
            let bundle = try remote.bundle(
                of: self.shuffle,
                with: self.mapTask,
                from: self.framesRead,
                partition: self.partition,
                version: self.task.outputsVersion
            )
            // Nobody has it where the task wrote nothing for this partition.
            guard let bundle else { return nil }
            self.task.count { metrics in
                metrics.remoteBlocksRead += Int64(bundle.parts.count)
                metrics.remoteBytesRead += bundle.rawBytes
            }
            self.fetched.merge(bundle.parts) { $1 }
        }
    }

    private func opened(_ frame: OutputBundle.StoredFrame, from sender: Int?) throws -> TextBuffer {
        do {
            return try frame.open()
        } catch {
            throw self.lost(OutputBundle.damaged(error, from: sender), executor: sender)
        }
    }
}
