import ClusterModel
import Testing

@testable import EngineCore

@Suite struct LocalityTests {
    private func at(_ host: String, rack: String? = nil, executor: Int? = nil) -> [PreferredLocation] {
        [PreferredLocation(host: host, rack: rack, executor: executor.map { ExecutorID($0) })]
    }

    @Test func `tasks go to the executor, then the host, then the rack that they prefer`() {
        var bench = Bench()
        bench.add(1, host: "a", rack: "r")
        bench.add(2, host: "b", rack: "r")
        bench.add(3, host: "c", rack: "s")
        let launches = bench.submit(
            results(3, preferences: [self.at("c"), self.at("b", executor: 2), self.at("x", rack: "r")])
        ).launches
        #expect(launches.first { $0.task.partition == 1 }?.executor == ExecutorID(2))
        #expect(launches.first { $0.task.partition == 1 }?.locality == .processLocal)
        #expect(launches.first { $0.task.partition == 0 }?.locality == .nodeLocal)
        #expect(launches.count == 2)
        // No other task waits for a process or a host now; the rack's is next at once.
        let later = bench.pass(milliseconds: 3000).launches
        #expect(later.localities == [.rackLocal])
        #expect(later.executors == [1])
    }

    @Test func `a task waits for its host as long as it is told to, then runs anywhere`() {
        var bench = Bench { $0.locality.nodeWait = .seconds(3) }
        bench.add(1, host: "a")
        bench.add(2, host: "b")
        let first = bench.submit(results(2, preferences: [self.at("a"), self.at("a")]))
        #expect(first.launches.localities == [.nodeLocal])
        #expect(bench.wakeAt == bench.now.adding(milliseconds: 3000))
        #expect(bench.pass(milliseconds: 2999).launches.isEmpty)
        let late = bench.pass(milliseconds: 1).launches
        #expect(late.localities == [.any])
        #expect(late.executors == [2])
    }

    @Test func `a task whose host comes free in time runs there`() {
        var bench = Bench()
        bench.add(1, host: "a")
        bench.add(2, host: "b")
        bench.submit(results(2, preferences: [self.at("a"), self.at("a")]))
        bench.now = bench.now.adding(milliseconds: 1000)
        #expect(bench.succeed(bench.running[0]).launches.localities == [.nodeLocal])
    }

    @Test func `launching without a refusal begins the wait anew, launching beside one does not`() {
        var bench = Bench()
        bench.add(1, host: "a")
        bench.add(2, host: "b")
        bench.submit(results(4, preferences: Array(repeating: self.at("a"), count: 4)))
        for _ in 0..<2 {
            bench.now = bench.now.adding(milliseconds: 1000)
            bench.succeed(bench.running[0])
        }
        // The executor on b was refused from the start.
        #expect(bench.pass(milliseconds: 1000).launches.localities == [.any])
    }

    @Test func `as it was once, every launch begins the wait anew`() {
        var bench = Bench { $0.locality.resetsOnEveryLaunch = true }
        bench.add(1, host: "a")
        bench.add(2, host: "b")
        bench.submit(results(4, preferences: Array(repeating: self.at("a"), count: 4)))
        for _ in 0..<2 {
            bench.now = bench.now.adding(milliseconds: 1000)
            bench.succeed(bench.running[0])
        }
        #expect(bench.pass(milliseconds: 1000).launches.isEmpty)
        #expect(bench.pass(milliseconds: 2000).launches.localities == [.any])
    }

    @Test func `no wait means no preference is waited for`() {
        var bench = Bench {
            $0.locality.processWait = .zero
            $0.locality.nodeWait = .zero
            $0.locality.rackWait = .zero
        }
        bench.add(1, host: "a")
        bench.add(2, host: "b")
        #expect(bench.submit(results(2, preferences: [self.at("a"), self.at("a")])).launches.count == 2)
    }

    @Test func `a place that no executor has is not waited for, and one that comes is`() {
        var bench = Bench()
        bench.add(1, host: "a")
        let first = bench.submit(results(3, preferences: Array(repeating: self.at("z"), count: 3)))
        #expect(first.launches.localities == [.any])
        #expect(bench.add(2, host: "z").launches.localities == [.nodeLocal])
        #expect(bench.succeed(bench.running[0]).launches.isEmpty)
    }

    @Test func `a cached partition draws its task, and one that was dropped does not`() {
        var bench = Bench()
        bench.add(1, host: "a", cores: 2)
        bench.add(2, host: "b", cores: 2)
        bench.step(.blockCached(DatasetID(1), partition: 0, on: ExecutorID(2)))
        bench.step(.blockCached(DatasetID(1), partition: 1, on: ExecutorID(1)))
        let plan = results(2, cached: [CachedDataset(DatasetID(1), partitions: 2, read: [1, 0])])
        let first = bench.submit(plan).launches
        #expect(first.first { $0.task.partition == 0 }?.executor == ExecutorID(1))
        #expect(first.first { $0.task.partition == 1 }?.executor == ExecutorID(2))
        #expect(first.localities == [.processLocal, .processLocal])
        bench.finishAll()
        bench.step(.datasetForgotten(DatasetID(1)))
        #expect(bench.scheduler.blocks.count == 0)
        #expect(bench.submit(plan).launches.count == 2)
    }

    @Test func `reduce tasks go where a fifth of their input lies`() {
        var bench = Bench()
        bench.add(1, host: "a", cores: 2)
        bench.add(2, host: "b", cores: 2)
        bench.submit(map(0, 2), results(2, reads: [0]))
        for launch in bench.running {
            bench.succeed(launch, bytes: launch.executor.number == 1 ? [1000, 10] : [10, 1000])
        }
        #expect(bench.run(0, stage: 1)?.executor == ExecutorID(1))
        #expect(bench.run(1, stage: 1)?.executor == ExecutorID(2))
        #expect(bench.running.map(\.locality) == [.nodeLocal, .nodeLocal])
    }

    @Test func `tasks spread over executors and take no more cores than there are`() {
        var bench = Bench { $0.coresPerTask = 2 }
        bench.add(1, cores: 5)
        bench.add(2, cores: 4)
        bench.add(3, cores: 1)
        let launches = bench.submit(results(9)).launches
        #expect(launches.count { $0.executor.number == 1 } == 2)
        #expect(launches.count { $0.executor.number == 2 } == 2)
        #expect(Set(launches.prefix(2).map(\.executor.number)) == [1, 2])
        #expect(launches.partitions == [0, 1, 2, 3])
    }
}
