internal import EngineLink

extension Executor {
    /// Runs a task of a plan, which is taken first if it is new here, and keeps what a map task wrote.
    func perform(_ scope: TaskScope, plan: EncodedPlan) -> Result<TaskProduct, TaskFault> {
        do {
            let watch = TaskStopwatch()
            let made = try self.run(scope, self.opened(plan), sent: plan.values)
            let updates = try scope.updates()
            var metrics = scope.metrics
            watch.read(into: &metrics)
            if let output = made as? ShuffleOutput, let shuffle = plan.shuffle {
                try self.keep(output, as: ShuffleStore.Key(shuffle: shuffle, mapTask: scope.order.partition))
                metrics.bytesWritten = output.sizes.reduce(0, +)
                return .success(TaskProduct(yield: .output(output.sizes), updates: updates, metrics: metrics))
            }
            guard let result = made as? TaskResult else {
                return .failure(.foreignPlan("a task made neither a result nor a shuffle's output"))
            }
            metrics.resultBytes = Int64(result.bytes.count)
            return .success(TaskProduct(yield: .result(result.bytes), updates: updates, metrics: metrics))
        } catch let fault as TaskFault {
            return .failure(fault)
        } catch let failure as FileFailure {
            // What the task wrote has no place.
            return .failure(.noRoom("\(failure)"))
        } catch {
            return .failure(.foreignPlan("\(error)"))
        }
    }

    // MARK: - Outputs

    /// Keeps what a map task wrote: in memory where there is room for it, else in a file.
    private func keep(_ output: ShuffleOutput, as key: ShuffleStore.Key) throws {
        let block = StoredBlock.output(key)
        let bytes = output.memoryBytes
        // Before it is counted: it may have to go at once.
        self.shuffles.keep(output, as: key)
        if bytes == 0 {
            self.memory.drop(block)
        } else if !self.memory.keep(block, bytes: bytes) {
            do {
                try output.moveToDisk(self.places, compresses: self.settings.compressesShuffles)
            } catch {
                self.shuffles.drop(key)
                throw error
            }
        }
    }

    func forget(output key: ShuffleStore.Key) {
        self.shuffles.drop(key)
        self.memory.drop(.output(key))
    }

    func forget(shuffle: Digest) {
        for key in self.shuffles.drop(shuffle) { self.memory.drop(.output(key)) }
    }

    func forget(dataset: Digest) {
        for key in self.blocks.drop(dataset) { self.memory.drop(.partition(key)) }
    }

    /// Writes what map tasks wrote to where the NodeManager's service finds it.
    /// - Throws: where not all of it can be written; what was is of no use then.
    func handOver(to service: ShuffleService) throws {
        let handover = OutputHandover(
            service.folders,
            executor: self.shuffles.executor,
            compresses: self.settings.compressesShuffles
        )
        for (key, output) in self.shuffles.all { try handover.write(output, as: key) }
    }

    /// What is sent of outputs that another executor asks for.
    /// - Returns: nil where they cannot be read.
    func pieces(of name: BlockName.Shuffle) -> [BlockPiece]? {
        try? OutputBundle.pieces(
            self.shuffles.segments(of: name.digest, partition: name.partition, from: name.mapTask),
            from: name.frame,
            limit: name.limit,
            compresses: self.settings.compressesShuffles
        )
    }
}
