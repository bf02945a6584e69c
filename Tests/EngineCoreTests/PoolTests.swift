import Testing

@testable import EngineCore

@Suite struct PoolTests {
    private func stages(_ launches: [TaskLaunch]) -> [Int] { launches.map(\.task.stage.number) }

    @Test func `in FIFO mode the earlier job has every core that it can use`() {
        var bench = Bench()
        bench.submit(results(3))
        bench.submit(results(3))
        #expect(self.stages(bench.add(1, cores: 4).launches) == [0, 0, 0, 1])
    }

    @Test func `in FAIR mode pools share by weight`() {
        var bench = Bench {
            $0.pools.mode = .fair
            $0.pools.pools = ["heavy": PoolSettings(weight: 3)]
        }
        bench.submit(results(20), pool: "light")
        bench.submit(results(20), pool: "heavy")
        let launches = bench.add(1, cores: 8).launches
        #expect(launches.count { $0.task.stage.number == 1 } == 6)
        let next = bench.succeed(bench.running.first { $0.task.stage.number == 0 } ?? launches[0])
        #expect(self.stages(next.launches) == [0])
    }

    @Test func `in FAIR mode a pool has its minimum share first`() {
        var bench = Bench {
            $0.pools.mode = .fair
            $0.pools.pools = ["sure": PoolSettings(minimumShare: 3), "big": PoolSettings(weight: 100)]
        }
        bench.submit(results(20), pool: "big")
        bench.submit(results(20), pool: "sure")
        #expect(self.stages(bench.add(1, cores: 4).launches).count { $0 == 1 } == 3)
    }

    @Test func `within a pool jobs queue, or share if the pool is fair itself`() {
        for mode in [SchedulingMode.fifo, .fair] {
            var bench = Bench {
                $0.pools.mode = .fair
                $0.pools.pools = ["p": PoolSettings(mode: mode)]
            }
            bench.submit(results(20), pool: "p")
            bench.submit(results(20), pool: "p")
            let launches = bench.add(1, cores: 4).launches
            #expect(self.stages(launches).count { $0 == 0 } == (mode == .fifo ? 4 : 2))
        }
    }

    @Test func `a stage that its first job leaves takes the turn and the pool of the next`() {
        var bench = Bench {
            $0.pools.mode = .fair
            $0.pools.pools = ["heavy": PoolSettings(weight: 3)]
        }
        bench.submit(map(0, 30), results(1, reads: [0]), pool: "light")
        bench.submit(map(0, 30), results(1, reads: [0]), pool: "heavy")
        bench.submit(results(30), pool: "light")
        bench.step(.jobCancelled(JobID(0), reason: "enough"))
        let launches = bench.add(1, cores: 8).launches
        #expect(launches.count { $0.task.stage.number == 0 } == 6)
    }
}
