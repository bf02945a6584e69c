import Testing

@testable import Heddle

/// What travels for each task arrives as it was, and what is cut or is something else is an error.
@Suite struct MessageFormTests {
    private static let digest = Digest(of: [1, 2, 3])

    private static let metrics: TaskMetrics = {
        var metrics = TaskMetrics()
        metrics.runMilliseconds = 1
        metrics.cpuNanoseconds = -2
        metrics.resultBytes = 3
        metrics.localBytesRead = 4
        metrics.localBlocksRead = 5
        metrics.remoteBytesRead = 6
        metrics.remoteBlocksRead = 7
        metrics.bytesWritten = .max
        metrics.memorySpilled = 9
        metrics.diskSpilled = 10
        return metrics
    }()

    private static let orders: Orders = {
        let slices = [TaskOrder.Slice(step: 1, partition: 2, bytes: [9, 8])]
        let order = TaskOrder(plan: Self.digest, partition: 3, attempt: 1, slices: slices)
        let place = KeptPlace(
            dataset: Self.digest,
            partition: 4,
            server: OutputPlaces.Server(executor: 2, host: "node", port: 7_337)
        )
        var orders = Orders(tasks: [OrderedTask(task: 5, outputsVersion: 6, kept: [place], order: order)])
        orders.copies = [
            CopyOrder(place: place, usesMemory: true, usesDisk: false),
            CopyOrder(place: place, usesMemory: false, usesDisk: true),
        ]
        orders.plans = [SentPlan(digest: Self.digest, bytes: [7], values: [Self.digest], shuffle: nil)]
        orders.kills = [1, -1]
        orders.forgottenDatasets = [Self.digest]
        orders.forgottenShuffles = [Self.digest, Self.digest]
        orders.forgottenValues = []
        orders.fetchedResults = [12]
        orders.leaves = true
        orders.stops = true
        return orders
    }()

    private static let exchange = Exchange(
        executor: 4,
        ended: [
            EndedTask(
                task: 1,
                outcome: .made(
                    TaskProduct(
                        yield: .output([0, 1, .max]),
                        updates: [AccumulatorUpdate(accumulator: 1, bytes: [1])],
                        metrics: Self.metrics
                    )
                )
            ), EndedTask(task: 2, outcome: .made(TaskProduct(yield: .result([1, 2])))),
            EndedTask(task: 3, outcome: .madeLarge(LargeResult(of: [1]), updates: [], metrics: Self.metrics)),
            EndedTask(
                task: 4,
                outcome: .fault(.fetchFailed(shuffle: Self.digest, mapTask: 1, executor: nil, reason: "gone"))
            ),
        ],
        blocks: [BlockChange(dataset: Self.digest, partition: 7, isKept: true)],
        waits: true
    )

    /// Written by the general encoder, where all members can be looked at.
    private func text(_ value: some Encodable) -> String { "\(value)" }

    @Test func `messages arrive as they were`() throws {
        let orders = try Portable.decode(Orders.self, from: Portable.encode(Self.orders))
        #expect(self.text(orders) == self.text(Self.orders))
        let exchange = try Portable.decode(Exchange.self, from: Portable.encode(Self.exchange))
        #expect(self.text(exchange) == self.text(Self.exchange))
    }

    @Test func `a message that is cut is an error, and one that was changed never a crash`() throws {
        for bytes in [try Portable.encode(Self.orders), try Portable.encode(Self.exchange)] {
            for count in bytes.indices {
                #expect(throws: (any Error).self) {
                    if bytes.count == (try Portable.encode(Self.orders)).count {
                        _ = try Portable.decode(Orders.self, from: Array(bytes.prefix(count)))
                    } else {
                        _ = try Portable.decode(Exchange.self, from: Array(bytes.prefix(count)))
                    }
                }
            }
            for index in bytes.indices {
                var changed = bytes
                changed[index] ^= 0xFF
                _ = try? Portable.decode(Orders.self, from: changed)
                _ = try? Portable.decode(Exchange.self, from: changed)
            }
        }
    }
}
