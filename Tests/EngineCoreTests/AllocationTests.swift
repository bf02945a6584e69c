import ClusterModel
import Testing

@testable import EngineCore

@Suite struct AllocationTests {
    private func bench(_ change: (inout AllocationSettings) -> Void = { _ in }) -> Bench {
        var bench = Bench {
            $0.allocation.isDynamic = true
            change(&$0.allocation)
        }
        bench.step(.driverStarted)
        return bench
    }

    @Test func `a fixed number is asked for at the start, and nothing where the driver needs no executors`() {
        var fixed = Bench { $0.allocation.fixedExecutors = 3 }
        #expect(fixed.step(.driverStarted) == [.requestTotalExecutors(3)])
        var local = Bench()
        #expect(local.step(.driverStarted).isEmpty)
    }

    @Test func `the first number is the largest of initial, minimum and fixed ones`() {
        var bench = Bench {
            $0.allocation.isDynamic = true
            $0.allocation.minimumExecutors = 2
            $0.allocation.initialExecutors = 5
            $0.allocation.fixedExecutors = 4
        }
        #expect(bench.step(.driverStarted) == [.requestTotalExecutors(5)])
    }

    @Test func `a backlog asks for 1, 2, 4 more executors each second, up to what it needs or may have`() {
        var bench = self.bench { $0.maximumExecutors = 12 }
        bench.submit(results(100))
        #expect(bench.wakeAt == bench.now.adding(milliseconds: 1000))
        var asked: [[Int]] = []
        for _ in 0..<6 { asked.append(bench.pass(milliseconds: 1000).requests) }
        #expect(asked == [[1], [3], [7], [12], [], []])
    }

    @Test func `no more are asked for than run all tasks at once, by cores and ratio`() {
        var bench = self.bench {
            $0.coresPerExecutor = 4
            $0.ratioPerMille = 500
        }
        bench.submit(results(17))
        var last = 0
        for _ in 0..<9 { last = bench.pass(milliseconds: 1000).requests.last ?? last }
        #expect(last == 3)
    }

    @Test func `idle executors are given back after a minute, down to the minimum`() {
        var bench = self.bench { $0.minimumExecutors = 1 }
        bench.submit(results(3))
        for number in 1...3 { bench.add(number) }
        bench.pass(milliseconds: 1000)
        bench.finishAll()
        bench.pass(milliseconds: 100)
        #expect(bench.actions.requests.last == 1)
        #expect(bench.pass(milliseconds: 59_800).removals.isEmpty)
        #expect(bench.pass(milliseconds: 200).removals == [ExecutorID(1), ExecutorID(2)])
        #expect(bench.pass(milliseconds: 600_000).removals.isEmpty)
    }

    @Test func `an executor with cached partitions is kept, or for as long as is set`() {
        for timeout in [nil, Duration.seconds(100)] {
            var bench = self.bench { $0.cachedIdleTimeout = timeout }
            bench.submit(results(1))
            bench.add(1)
            bench.step(.blockCached(DatasetID(1), partition: 0, on: ExecutorID(1)))
            bench.finishAll()
            #expect(bench.pass(milliseconds: 99_000).removals.isEmpty)
            #expect(bench.pass(milliseconds: 2_000).removals.isEmpty == (timeout == nil))
            bench.step(.datasetForgotten(DatasetID(1)))
            #expect(bench.pass(milliseconds: 1).removals.isEmpty == (timeout != nil))
        }
    }

    @Test func `an executor with shuffle files is kept while somebody may need them and nobody else serves them`() {
        for service in [false, true] {
            var bench = self.bench()
            bench.submit(map(0, 1), results(1, reads: [0]))
            bench.add(1, service: service)
            bench.finishAll()
            #expect(bench.pass(milliseconds: 61_000).removals.isEmpty != service)
            bench.step(.shuffleForgotten(ShuffleID(0)))
            #expect(bench.pass(milliseconds: 1).removals.isEmpty == service)
            #expect(bench.scheduler.shuffles.count == 0)
        }
    }

    @Test func `a draining executor gets nothing more and is ended when it is done`() {
        var bench = Bench()
        bench.add(1)
        bench.submit(results(2))
        #expect(bench.step(.executorDraining(ExecutorID(1))).removals.isEmpty)
        let done = bench.succeed(bench.running[0])
        #expect(done.launches.isEmpty)
        #expect(done.contains(.removeExecutor(ExecutorID(1), .drained)))
        bench.lose(1)
        #expect(bench.add(2).launches.count == 1)
    }

    @Test func `executors are shown alive and gone with what they did`() {
        var bench = Bench()
        bench.add(1)
        bench.submit(results(2))
        bench.fail(bench.running[0])
        bench.succeed(bench.running[0])
        bench.lose(1)
        let view = bench.scheduler.executorViews.first
        #expect(view?.completedTasks == 1)
        #expect(view?.failedTasks == 1)
        #expect(view?.activeTasks == 0)
        #expect(view?.removedAt == bench.now)
    }
}
