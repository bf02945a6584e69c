import ClusterModel
import Testing

@testable import EngineCore

@Suite struct LostInputTests {
    /// Two maps, one on each of two hosts, and two running tasks that read them.
    private func reducing(_ change: (inout EngineSettings) -> Void = { _ in }) -> Bench {
        var bench = Bench(change)
        bench.add(1, host: "a")
        bench.add(2, host: "b")
        bench.submit(map(0, 2), results(2, reads: [0]))
        let maps = bench.running
        for launch in maps { bench.succeed(launch) }
        return bench
    }

    /// Which map ran on that executor.
    private func mapRun(on executor: Int, _ bench: Bench) -> Int {
        Int(bench.actions.launches.first { $0.executor.number == executor }?.task.partition ?? -1)
    }

    @Test func `a fetch failure ends the attempt, and after a while the lost maps run, then the stage again`() {
        var bench = self.reducing()
        let lost = self.mapRun(on: 1, bench)
        let failing = bench.running[0]
        let failed = bench.failFetch(failing, shuffle: 0, map: lost, from: 1)
        guard case .fetchFailed = failed.completed.first?.outcome else {
            Issue.record("\(failed)")
            return
        }
        #expect(failed.launches.isEmpty)
        #expect(bench.wakeAt == bench.now.adding(milliseconds: 200))
        let again = bench.pass(milliseconds: 200)
        #expect(again.submitted.map(\.attempt) == [1])
        #expect(again.launches.map { Int($0.task.partition) } == [lost])
        #expect(again.launches.map(\.task.stageAttempt) == [1])
        let rest = bench.finishAll()
        #expect(rest.jobEnds == [.succeeded])
        #expect(bench.scheduler.jobViews.first?.result == .succeeded)
        bench.expectEmpty()
    }

    @Test func `fetch failures are not counted against the task`() {
        var bench = self.reducing { $0.maximumTaskFailures = 1 }
        bench.failFetch(bench.running[0], shuffle: 0, map: 0, from: 1)
        bench.pass(milliseconds: 200)
        #expect(bench.finishAll().jobEnds == [.succeeded])
    }

    @Test func `a stage that loses its input four times in a row fails its job`() {
        var bench = self.reducing()
        for round in 1...4 {
            let reduce = bench.running.first { $0.task.stage.number == 1 && Int($0.task.stageAttempt) == round - 1 }
            guard let reduce else {
                Issue.record("nothing runs in round \(round)")
                return
            }
            let failed = bench.failFetch(reduce, shuffle: 0, map: 0, from: round % 2 + 1)
            if round == 4 {
                guard case .failed(.stageFailed(StageID(1), attempts: 4, _)) = failed.jobEnds.first else {
                    Issue.record("\(failed)")
                    return
                }
                break
            }
            bench.pass(milliseconds: 200)
            while let maps = bench.running.first(where: { $0.task.stage.number == 0 }) { bench.succeed(maps) }
            while let old = bench.running.first(where: { Int($0.task.stageAttempt) < round }) {
                bench.fail(old, .killed(reason: .asked(reason: "old")))
            }
        }
        bench.finishAll()
        bench.expectEmpty()
    }

    @Test func `runs of an attempt that lost its input still complete partitions`() {
        var bench = self.reducing()
        let runs = bench.running
        bench.failFetch(runs[0], shuffle: 0, map: 0, from: 1)
        #expect(bench.succeed(runs[1]).ends.map(\.counted) == [true])
        bench.pass(milliseconds: 200)
        let rest = bench.finishAll()
        #expect(rest.launches.filter { $0.task.stage.number == 1 }.partitions == [runs[0].task.partition])
        #expect(rest.jobEnds == [.succeeded])
    }

    @Test func `the first of two runs of different attempts wins and the other is ended`() {
        var bench = self.reducing { $0.locality.nodeWait = .zero }
        let runs = bench.running
        bench.failFetch(runs[0], shuffle: 0, map: 0, from: 1)
        bench.pass(milliseconds: 200)
        let lost = bench.running.first { $0.task.stage.number == 0 }
        if let lost { bench.succeed(lost) }
        // The old run of the second partition goes on beside the new one.
        bench.add(3, cores: 2)
        let news = bench.running.filter { $0.task.stageAttempt == 1 && $0.task.partition == runs[1].task.partition }
        #expect(news.count == 1)
        let won = bench.succeed(runs[1])
        #expect(won.ends.map(\.counted) == [true])
        #expect(won.kills == news.map(\.task))
        let late = news.first.map { bench.succeed($0) } ?? []
        #expect(late.ends.map(\.outcome) == [.failure(.killed(reason: .anotherAttemptSucceeded))])
        #expect(bench.finishAll().jobEnds == [.succeeded])
        bench.expectEmpty()
    }

    @Test func `outputs of a lost executor are gone, unless its node serves them`() {
        for survives in [false, true] {
            var bench = self.reducing()
            let lost = bench.lose(1, survives: survives)
            // Gone, or served by somebody else: what executors know is out of date either way.
            #expect(lost.contains(.outputsChanged(ShuffleID(0))))
            #expect(bench.scheduler.hasOutput(of: ShuffleID(0), map: self.mapRun(on: 1, bench)) == survives)
            #expect((bench.scheduler.outputs(of: ShuffleID(0), reduces: 0..<2) != nil) == survives)
            bench.lose(2, survives: true)
            bench.step(.hostLost("b"))
            #expect(!bench.scheduler.hasOutput(of: ShuffleID(0), map: self.mapRun(on: 2, bench)))
        }
    }

    @Test func `a map that ran while its executor's outputs were taken for gone runs again`() {
        var bench = Bench()
        bench.add(1, cores: 2)
        bench.add(2, host: "b", cores: 2)
        bench.submit(map(0, 1), results(1, reads: [0]))
        bench.finishAll()
        bench.submit(map(0, 1), results(1, reads: [0]))
        let where0 = bench.actions.launches[0].executor.number
        bench.submit(map(1, 4), results(1, reads: [1]))
        let mine = bench.running.filter { $0.executor.number == where0 && $0.task.stage.number == 4 }
        let reader = bench.running.first { $0.task.stage.number == 3 }
        #expect(!mine.isEmpty)
        if let reader { bench.failFetch(reader, shuffle: 0, from: where0) }
        for launch in mine {
            let end = bench.succeed(launch)
            #expect(end.ends.map(\.counted) == [false])
            #expect(end.launches.contains { $0.task.partition == launch.task.partition })
        }
        bench.pass(milliseconds: 200)
        #expect(bench.finishAll().jobEnds.count == 2)
        bench.expectEmpty()
    }

    @Test func `with a shuffle service a fetch failure can cost all of the host`() {
        for forgets in [false, true] {
            var bench = Bench { $0.fetchFailureForgetsHost = forgets }
            bench.add(1, host: "a", service: true)
            bench.add(2, host: "a", service: true)
            bench.submit(map(0, 2), results(1, reads: [0]))
            let maps = bench.running
            for launch in maps { bench.succeed(launch) }
            let other = self.mapRun(on: 2, bench)
            let fetch = FetchFailure(
                shuffle: ShuffleID(0),
                map: self.mapRun(on: 1, bench),
                reduce: 0,
                executor: ExecutorID(1),
                host: "a",
                message: "refused"
            )
            bench.fail(bench.running[0], .fetchFailed(fetch))
            #expect(bench.scheduler.hasOutput(of: ShuffleID(0), map: other) != forgets)
        }
    }

    @Test func `an input of which nobody knew where it lies leads to the missing maps`() {
        var bench = Bench()
        bench.add(1)
        let cached = CachedDataset(DatasetID(1), partitions: 1)
        bench.step(.blockCached(DatasetID(1), partition: 0, on: ExecutorID(1)))
        bench.submit(map(0, 1), results(1, reads: [0], cached: [cached], behind: [DatasetID(1)]))
        #expect(bench.running.map(\.task.stage.number) == [1])
        bench.step(.blockDropped(DatasetID(1), partition: 0, on: ExecutorID(1)))
        bench.failFetch(bench.running[0], shuffle: 0, map: nil, from: nil)
        #expect(bench.pass(milliseconds: 200).launches.map(\.task.stage.number) == [0])
        #expect(bench.finishAll().jobEnds == [.succeeded])
    }

    @Test func `sizes are kept compactly and never lose that there is something`() {
        let exact = ShuffleSizes([0, 1, 100, 1_000_000])
        #expect(exact.bytes(of: 0) == 0)
        #expect(exact.bytes(of: 1) == 1)
        #expect((100...115).contains(exact.bytes(of: 2)))
        #expect((1_000_000...1_130_000).contains(exact.bytes(of: 3)))
        #expect(exact.totalBytes == 1_000_101)
        var many = [Int64](repeating: 10, count: 3000)
        many[7] = 0
        many[2999] = 1_000_000
        let compact = ShuffleSizes(many)
        #expect(compact.partitions == 3000)
        #expect(compact.bytes(of: 7) == 0)
        #expect(compact.bytes(of: 8) == compact.bytes(of: 9))
        #expect(compact.bytes(of: 2999) >= 1_000_000)
    }
}
