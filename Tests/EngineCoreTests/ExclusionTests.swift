import ClusterModel
import Testing

@testable import EngineCore

@Suite struct ExclusionTests {
    private func bench(_ change: (inout EngineSettings) -> Void = { _ in }) -> Bench {
        Bench {
            $0.exclusion.isEnabled = true
            change(&$0)
        }
    }

    @Test func `a task does not run again on an executor or, after two failures, on a host where it failed`() {
        var bench = self.bench { $0.exclusion.stageFailedTasksPerExecutor = 9 }
        bench.add(1, host: "a")
        bench.add(2, host: "a")
        bench.submit(results(1))
        let first = bench.running[0]
        #expect(bench.fail(first).launches.executors == [3 - first.executor.number])
        bench.add(3, host: "a")
        #expect(bench.fail(bench.running[0]).launches.isEmpty)
        #expect(bench.add(4, host: "b").launches.executors == [4])
        #expect(bench.finishAll().jobEnds == [.succeeded])
        bench.expectEmpty()
    }

    @Test func `an executor where two tasks of a stage failed gets no more of it, and its host after two executors`() {
        var bench = self.bench()
        bench.add(1, host: "a", cores: 2)
        bench.submit(results(8))
        let first = bench.running
        #expect(bench.fail(first[0]).launches.count == 1)
        let excluded = bench.fail(first[1])
        let scope = StageScope(stage: StageID(0), attempt: 0)
        #expect(excluded.contains(.executorExcluded(ExecutorID(1), taskFailures: 2, in: scope)))
        bench.add(2, host: "a", cores: 2)
        for launch in bench.running.filter({ $0.executor.number == 2 }) { bench.fail(launch) }
        #expect(bench.actions.contains(.hostExcluded("a", executorFailures: 2, in: scope)))
        #expect(bench.add(3, host: "a", cores: 2).launches.isEmpty)
        #expect(bench.add(4, host: "b", cores: 2).launches.count == 2)
    }

    @Test func `failures in stages that succeed exclude an executor for the application, for an hour`() {
        var bench = self.bench { $0.exclusion.stageFailedTasksPerExecutor = 9 }
        bench.add(1, host: "a")
        bench.add(2, host: "b", cores: 4)
        for _ in 0..<2 {
            bench.submit(results(9))
            let bad = bench.running.first { $0.executor.number == 1 }
            if let bad { bench.fail(bad) }
            while let other = bench.running.first(where: { $0.executor.number == 2 }) { bench.succeed(other) }
            bench.finishAll()
        }
        #expect(bench.actions.contains(.executorExcluded(ExecutorID(1), taskFailures: 2, in: nil)))
        #expect(bench.scheduler.executorViews.first?.isExcluded == true)
        #expect(bench.submit(results(9)).launches.executors == [2, 2, 2, 2])
        let later = bench.pass(milliseconds: 3_600_000)
        #expect(later.contains(.executorUnexcluded(ExecutorID(1))))
        #expect(later.launches.executors == [1])
        bench.finishAll()
        #expect(bench.scheduler.exclusions.count == 0)
    }

    @Test func `excluded executors can be ended, and two of them take their host along`() {
        var bench = self.bench {
            $0.exclusion.stageFailedTasksPerExecutor = 9
            $0.exclusion.applicationFailedTasksPerExecutor = 1
            $0.exclusion.killsExcludedExecutors = true
        }
        bench.add(1, host: "a")
        bench.add(2, host: "a")
        bench.add(3, host: "b")
        bench.submit(results(3))
        for launch in bench.running.filter({ $0.executor.number != 3 }) { bench.fail(launch) }
        while let good = bench.running.first(where: { $0.executor.number == 3 }) { bench.succeed(good) }
        let ended = bench.finishAll()
        #expect(bench.actions.contains(.hostExcluded("a", executorFailures: 2, in: nil)), "\(ended)")
        #expect(bench.actions.removals == [ExecutorID(1), ExecutorID(2)])
        bench.add(4, host: "a")
        #expect(bench.submit(results(4)).launches.executors == [3])
    }

    @Test func `a task that can run nowhere makes room for another executor, and fails its job after two minutes`() {
        var bench = self.bench()
        bench.add(1)
        bench.submit(results(1))
        let failed = bench.fail(bench.running[0])
        #expect(failed.contains(.removeExecutor(ExecutorID(1), .makesRoom)))
        #expect(bench.wakeAt == bench.now.adding(milliseconds: 120_000))
        #expect(bench.pass(milliseconds: 119_999).jobEnds.isEmpty)
        let ended = bench.pass(milliseconds: 1)
        #expect(ended.jobEnds == [.failed(.excludedEverywhere(StageID(0), partition: 0, last: boom))])
        bench.expectEmpty()
    }

    @Test func `another executor in time saves the job`() {
        var bench = self.bench()
        bench.add(1)
        bench.submit(results(1))
        bench.fail(bench.running[0])
        bench.lose(1)
        #expect(bench.add(2, host: "b").launches.count == 1)
        #expect(bench.pass(milliseconds: 200_000).jobEnds.isEmpty)
        #expect(bench.finishAll().jobEnds == [.succeeded])
        bench.expectEmpty()
    }

    @Test func `a fetch failure excludes at once where that is asked for`() {
        for service in [false, true] {
            var bench = self.bench { $0.exclusion.excludesOnFetchFailure = true }
            bench.add(1, service: service)
            bench.submit(map(0, 1), results(1, reads: [0]))
            bench.succeed(bench.running[0])
            bench.add(2, host: "b")
            let failed = bench.failFetch(bench.running[0], shuffle: 0, from: 1)
            if service {
                #expect(failed.contains(.hostExcluded("a", executorFailures: 1, in: nil)))
            } else {
                #expect(failed.contains(.executorExcluded(ExecutorID(1), taskFailures: 1, in: nil)))
            }
            #expect(bench.pass(milliseconds: 200).launches.executors == [2])
        }
    }
}
