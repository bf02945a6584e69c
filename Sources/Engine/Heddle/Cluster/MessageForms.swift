// What driver and executors say for each task writes itself: through the general encoder that took more time than the task.

extension Digest: Storable {
    func store(to writer: inout ByteWriter) {
        for word in [self.a, self.b, self.c, self.d] { writer.write(fixed: word) }
    }

    static func load(from reader: inout ByteReader) throws -> Digest {
        Digest(
            a: try reader.readFixed(),
            b: try reader.readFixed(),
            c: try reader.readFixed(),
            d: try reader.readFixed()
        )
    }
}

extension TaskOrder.Slice: Storable {
    func store(to writer: inout ByteWriter) {
        self.step.store(to: &writer)
        self.partition.store(to: &writer)
        self.bytes.store(to: &writer)
    }

    static func load(from reader: inout ByteReader) throws -> TaskOrder.Slice {
        TaskOrder.Slice(
            step: try .load(from: &reader),
            partition: try .load(from: &reader),
            bytes: try .load(from: &reader)
        )
    }
}

extension TaskOrder: Storable {
    func store(to writer: inout ByteWriter) {
        self.plan.store(to: &writer)
        self.partition.store(to: &writer)
        self.attempt.store(to: &writer)
        self.slices.store(to: &writer)
    }

    static func load(from reader: inout ByteReader) throws -> TaskOrder {
        TaskOrder(
            plan: try .load(from: &reader),
            partition: try .load(from: &reader),
            attempt: try .load(from: &reader),
            slices: try .load(from: &reader)
        )
    }
}

extension OrderedTask: Storable {
    func store(to writer: inout ByteWriter) {
        self.task.store(to: &writer)
        self.outputsVersion.store(to: &writer)
        self.kept.store(to: &writer)
        self.order.store(to: &writer)
    }

    static func load(from reader: inout ByteReader) throws -> OrderedTask {
        OrderedTask(
            task: try .load(from: &reader),
            outputsVersion: try .load(from: &reader),
            kept: try .load(from: &reader),
            order: try .load(from: &reader)
        )
    }
}

extension KeptPlace: Storable {
    func store(to writer: inout ByteWriter) {
        self.dataset.store(to: &writer)
        self.partition.store(to: &writer)
        self.server.executor.store(to: &writer)
        self.server.host.store(to: &writer)
        self.server.port.store(to: &writer)
    }

    static func load(from reader: inout ByteReader) throws -> KeptPlace {
        KeptPlace(
            dataset: try .load(from: &reader),
            partition: try .load(from: &reader),
            server: OutputPlaces.Server(
                executor: try .load(from: &reader),
                host: try .load(from: &reader),
                port: try .load(from: &reader)
            )
        )
    }
}

extension CopyOrder: Storable {
    func store(to writer: inout ByteWriter) {
        self.place.store(to: &writer)
        writer.write(byte: (self.usesMemory ? 1 : 0) | (self.usesDisk ? 2 : 0))
    }

    static func load(from reader: inout ByteReader) throws -> CopyOrder {
        let place = try KeptPlace.load(from: &reader)
        let uses = try reader.readByte()
        guard uses <= 3 else { throw reader.corrupt("how a copy is kept") }
        return CopyOrder(place: place, usesMemory: uses & 1 != 0, usesDisk: uses & 2 != 0)
    }
}

extension SentPlan: Storable {
    func store(to writer: inout ByteWriter) {
        self.digest.store(to: &writer)
        self.bytes.store(to: &writer)
        self.values.store(to: &writer)
        self.shuffle.store(to: &writer)
    }

    static func load(from reader: inout ByteReader) throws -> SentPlan {
        SentPlan(
            digest: try .load(from: &reader),
            bytes: try .load(from: &reader),
            values: try .load(from: &reader),
            shuffle: try .load(from: &reader)
        )
    }
}

extension Orders: Storable {
    func store(to writer: inout ByteWriter) {
        self.tasks.store(to: &writer)
        self.plans.store(to: &writer)
        self.kills.store(to: &writer)
        self.forgottenDatasets.store(to: &writer)
        self.forgottenShuffles.store(to: &writer)
        self.forgottenValues.store(to: &writer)
        self.fetchedResults.store(to: &writer)
        self.copies.store(to: &writer)
        writer.write(byte: (self.stops ? 1 : 0) | (self.leaves ? 2 : 0))
    }

    static func load(from reader: inout ByteReader) throws -> Orders {
        var orders = Orders(
            tasks: try .load(from: &reader),
            plans: try .load(from: &reader),
            kills: try .load(from: &reader),
            forgottenDatasets: try .load(from: &reader),
            forgottenShuffles: try .load(from: &reader),
            forgottenValues: try .load(from: &reader),
            fetchedResults: try .load(from: &reader),
            copies: try .load(from: &reader)
        )
        let ends = try reader.readByte()
        guard ends <= 3 else { throw reader.corrupt("orders") }
        (orders.stops, orders.leaves) = (ends & 1 != 0, ends & 2 != 0)
        return orders
    }
}

extension BlockChange: Storable {
    func store(to writer: inout ByteWriter) {
        self.dataset.store(to: &writer)
        self.partition.store(to: &writer)
        writer.write(byte: self.isKept ? 1 : 0)
    }

    static func load(from reader: inout ByteReader) throws -> BlockChange {
        BlockChange(
            dataset: try .load(from: &reader),
            partition: try .load(from: &reader),
            isKept: try reader.readByte() != 0
        )
    }
}

extension Exchange: Storable {
    func store(to writer: inout ByteWriter) {
        self.executor.store(to: &writer)
        self.ended.store(to: &writer)
        self.blocks.store(to: &writer)
        writer.write(byte: self.waits ? 1 : 0)
    }

    static func load(from reader: inout ByteReader) throws -> Exchange {
        Exchange(
            executor: try .load(from: &reader),
            ended: try .load(from: &reader),
            blocks: try .load(from: &reader),
            waits: try reader.readByte() != 0
        )
    }
}

extension AccumulatorUpdate: Storable {
    func store(to writer: inout ByteWriter) {
        self.accumulator.store(to: &writer)
        self.bytes.store(to: &writer)
    }

    static func load(from reader: inout ByteReader) throws -> AccumulatorUpdate {
        AccumulatorUpdate(accumulator: try .load(from: &reader), bytes: try .load(from: &reader))
    }
}

extension TaskMetrics: Storable {
    /// In the order in which they are written.
    private static var members: [WritableKeyPath<TaskMetrics, Int64>] {
        [
            \.runMilliseconds, \.cpuNanoseconds, \.resultBytes, \.localBytesRead, \.localBlocksRead, \.remoteBytesRead,
            \.remoteBlocksRead, \.bytesWritten, \.memorySpilled, \.diskSpilled,
        ]
    }

    func store(to writer: inout ByteWriter) {
        for member in Self.members { self[keyPath: member].store(to: &writer) }
    }

    static func load(from reader: inout ByteReader) throws -> TaskMetrics {
        var metrics = TaskMetrics()
        for member in Self.members { metrics[keyPath: member] = try .load(from: &reader) }
        return metrics
    }
}

extension TaskProduct: Storable {
    func store(to writer: inout ByteWriter) {
        switch self.yield {
        case .result(let bytes):
            writer.write(byte: 0)
            bytes.store(to: &writer)
        case .output(let sizes):
            writer.write(byte: 1)
            sizes.store(to: &writer)
        }
        self.updates.store(to: &writer)
        self.metrics.store(to: &writer)
    }

    static func load(from reader: inout ByteReader) throws -> TaskProduct {
        let yield: Yield
        switch try reader.readByte() {
        case 0: yield = .result(try .load(from: &reader))
        case 1: yield = .output(try .load(from: &reader))
        default: throw reader.corrupt("what a task made")
        }
        return TaskProduct(yield: yield, updates: try .load(from: &reader), metrics: try .load(from: &reader))
    }
}

extension EndedTask: Storable {
    func store(to writer: inout ByteWriter) {
        self.task.store(to: &writer)
        switch self.outcome {
        case .made(let product):
            writer.write(byte: 0)
            product.store(to: &writer)
        case .madeLarge(let result, let updates, let metrics):
            writer.write(byte: 1)
            Int64(result.count).store(to: &writer)
            result.checksum.store(to: &writer)
            updates.store(to: &writer)
            metrics.store(to: &writer)
        case .fault(let fault):
            writer.write(byte: 2)
            // Rare, and of many forms. Everything in it has a binary form of its own.
            ((try? Portable.encode(fault)) ?? []).store(to: &writer)
        }
    }

    static func load(from reader: inout ByteReader) throws -> EndedTask {
        let task = try Int64.load(from: &reader)
        switch try reader.readByte() {
        case 0: return EndedTask(task: task, outcome: .made(try .load(from: &reader)))
        case 1:
            let result = LargeResult(count: Int(try Int64.load(from: &reader)), checksum: try .load(from: &reader))
            let updates = try [AccumulatorUpdate].load(from: &reader)
            return EndedTask(
                task: task,
                outcome: .madeLarge(result, updates: updates, metrics: try .load(from: &reader))
            )
        case 2:
            return EndedTask(
                task: task,
                outcome: .fault(try Portable.decode(TaskFault.self, from: .load(from: &reader)))
            )
        default: throw reader.corrupt("how a task ended")
        }
    }
}
