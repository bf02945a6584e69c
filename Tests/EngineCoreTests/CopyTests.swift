import ClusterModel
import Testing

@testable import EngineCore

@Suite struct CopyTests {
    private static let dataset = DatasetID(1)

    private func cached(_ partitions: Int, replication: Int) -> [CachedDataset] {
        [CachedDataset(Self.dataset, partitions: partitions, replication: replication)]
    }

    private func copies(_ actions: [Action]) -> [BlockCopy] {
        actions.compactMap { action in
            if case .copyBlock(let copy) = action { return copy }
            return nil
        }
    }

    private func copy(_ partition: Int, _ from: Int, _ to: Int) -> BlockCopy {
        BlockCopy(dataset: Self.dataset, partition: partition, from: ExecutorID(from), to: ExecutorID(to))
    }

    private func cache(_ partition: Int, on executor: Int, _ bench: inout Bench) -> [BlockCopy] {
        self.copies(bench.step(.blockCached(Self.dataset, partition: partition, on: ExecutorID(executor))))
    }

    private func drop(_ partition: Int, on executor: Int, _ bench: inout Bench) -> [BlockCopy] {
        self.copies(bench.step(.blockDropped(Self.dataset, partition: partition, on: ExecutorID(executor))))
    }

    @Test func `a copy goes to another host, and to whoever holds least there`() {
        var bench = Bench()
        for (number, host) in [(1, "a"), (2, "a"), (3, "b"), (4, "b")] { bench.add(number, host: host) }
        bench.submit(results(3, cached: self.cached(3, replication: 2)))
        #expect(self.cache(0, on: 1, &bench) == [self.copy(0, 1, 3)])
        #expect(self.cache(0, on: 3, &bench).isEmpty)
        #expect(self.cache(1, on: 1, &bench) == [self.copy(1, 1, 4)])
        #expect(self.cache(2, on: 4, &bench) == [self.copy(2, 4, 2)])
    }

    @Test func `without another host a copy goes to another executor, without that there is none`() {
        var bench = Bench()
        bench.add(1, host: "a")
        bench.submit(results(1, cached: self.cached(1, replication: 3)))
        #expect(self.cache(0, on: 1, &bench).isEmpty)
        #expect(self.copies(bench.add(2, host: "a")) == [self.copy(0, 1, 2)])
        #expect(self.copies(bench.add(3, host: "a")) == [self.copy(0, 1, 3)])
        #expect(self.copies(bench.add(4, host: "a")).isEmpty)
    }

    @Test func `one copy is enough for datasets that ask for no more`() {
        var bench = Bench()
        for number in 1...2 { bench.add(number) }
        bench.submit(results(1, cached: self.cached(1, replication: 1)))
        #expect(self.cache(0, on: 1, &bench).isEmpty)
    }

    @Test func `what is lost with an executor is copied from one that still has it`() {
        var bench = Bench()
        for number in 1...3 { bench.add(number, host: "h\(number)") }
        bench.submit(results(1, cached: self.cached(1, replication: 2)))
        #expect(self.cache(0, on: 1, &bench) == [self.copy(0, 1, 2)])
        _ = self.cache(0, on: 2, &bench)
        #expect(self.copies(bench.lose(1)) == [self.copy(0, 2, 3)])
        // One that was to keep it goes too.
        #expect(self.copies(bench.lose(3)).isEmpty)
        #expect(self.copies(bench.add(4)) == [self.copy(0, 2, 4)])
    }

    @Test func `an executor that has no room is not asked at once again, and others are when they come`() {
        var bench = Bench()
        for number in 1...2 { bench.add(number, host: "h\(number)") }
        bench.submit(results(1, cached: self.cached(1, replication: 2)))
        #expect(self.cache(0, on: 1, &bench) == [self.copy(0, 1, 2)])
        #expect(self.drop(0, on: 2, &bench).isEmpty)
        #expect(self.copies(bench.add(3, host: "h2")).count == 1)
    }

    @Test func `neither executors that leave nor those that are excluded keep copies`() {
        var bench = Bench()
        for number in 1...2 { bench.add(number, host: "h\(number)") }
        bench.submit(results(1, cached: self.cached(1, replication: 2)))
        bench.step(.executorDraining(ExecutorID(2)))
        #expect(self.cache(0, on: 1, &bench).isEmpty)
    }

    @Test func `nothing is copied of what was forgotten, or when the driver has stopped`() {
        var bench = Bench()
        for number in 1...2 { bench.add(number, host: "h\(number)") }
        bench.submit(results(1, cached: self.cached(1, replication: 2)))
        bench.step(.datasetForgotten(Self.dataset))
        #expect(self.cache(0, on: 1, &bench).isEmpty)
        bench.submit(results(1, cached: self.cached(1, replication: 2)))
        bench.step(.driverStopped)
        #expect(self.cache(0, on: 1, &bench).isEmpty)
    }

    @Test func `a task that runs elsewhere is told who keeps what it reads`() throws {
        var bench = Bench {
            $0.locality.processWait = .zero
            $0.locality.nodeWait = .zero
            $0.locality.rackWait = .zero
        }
        bench.add(1, host: "a")
        bench.step(.blockCached(Self.dataset, partition: 0, on: ExecutorID(1)))
        bench.step(.blockCached(Self.dataset, partition: 1, on: ExecutorID(1)))
        let dataset = CachedDataset(Self.dataset, partitions: 2, read: [1, 0])
        let first = try #require(bench.submit(results(2, cached: [dataset])).launches.first)
        #expect(bench.scheduler.holders(for: first).isEmpty)
        let second = try #require(bench.add(2, host: "b").launches.first)
        #expect(
            bench.scheduler.holders(for: second)
                == [BlockHolder(dataset: Self.dataset, partition: 1 - Int(second.index), executor: ExecutorID(1))]
        )
        bench.lose(1)
        #expect(bench.scheduler.holders(for: second).isEmpty)
    }
}
