import ClusterModel
import Testing

@testable import EngineCore

@Suite struct StageTests {
    @Test func `a job's events come in the order in which an event log has them`() {
        var bench = Bench()
        bench.add(1, cores: 2)
        bench.submit(map(0, 1), results(1, reads: [0]))
        bench.finishAll()
        let names = bench.actions.map { action in
            switch action {
            case .jobStarted: "job started"
            case .jobEnded: "job ended"
            case .stageSubmitted(let stage): "submitted \(stage.stage.number)"
            case .stageCompleted(let stage): "completed \(stage.stage.number)"
            case .launch(let launch): "launch \(launch.task.stage.number).\(launch.task.partition)"
            case .taskEnded(let end): "ended \(end.task.stage.number).\(end.task.partition)"
            case .executorAdded: "executor"
            default: "?"
            }
        }
        #expect(
            names == [
                "executor", "job started", "submitted 0", "launch 0.0", "ended 0.0", "completed 0", "submitted 1",
                "launch 1.0", "ended 1.0", "completed 1", "job ended",
            ]
        )
    }

    @Test func `a stage waits for all outputs that it reads`() {
        var bench = Bench()
        bench.add(1, cores: 8)
        let first = bench.submit(map(0, 1), map(1, 2), results(1, reads: [0, 1])).launches
        #expect(first.map(\.task.stage.number) == [0, 1, 1])
        #expect(bench.succeed(first[0]).launches.isEmpty)
        #expect(bench.succeed(first[1]).launches.isEmpty)
        #expect(bench.succeed(first[2]).launches.map(\.task.stage.number) == [2])
    }

    @Test func `a shuffle whose outputs are known is skipped in the next job`() {
        var bench = Bench()
        bench.add(1, cores: 2)
        bench.submit(map(0, 2), map(1, 1, reads: [0]), results(1, reads: [1]))
        bench.finishAll()
        let again = bench.submit(map(0, 2), map(1, 1, reads: [0]), results(1, reads: [1]))
        #expect(again.submitted.map(\.name) == ["results"])
        bench.finishAll()
        let view = bench.scheduler.jobView(JobID(1))
        #expect(view?.skippedStages == 2)
        #expect(view?.completedStages == 1)
        #expect(view?.skippedTasks == 3)
        #expect(view?.result == .succeeded)
    }

    @Test func `two jobs share the stage that both need, and it lives on when one of them is cancelled`() {
        var bench = Bench()
        bench.add(1, cores: 2)
        bench.submit(map(0, 2), results(1, reads: [0]))
        let second = bench.submit(map(0, 2), results(1, reads: [0]))
        #expect(second.launches.isEmpty)
        let cancelled = bench.step(.jobCancelled(JobID(0), reason: "enough"))
        #expect(cancelled.kills.isEmpty)
        #expect(cancelled.jobEnds == [.failed(.cancelled(reason: "enough"))])
        #expect(bench.finishAll().jobEnds == [.succeeded])
        #expect(bench.actions.ends.count == 3)
    }

    @Test func `a shuffle that is forgotten while a job needs it goes with that job`() {
        var bench = Bench()
        bench.add(1)
        bench.submit(map(0, 1), results(1, reads: [0]))
        bench.step(.shuffleForgotten(ShuffleID(0)))
        #expect(bench.finishAll().jobEnds == [.succeeded])
        #expect(bench.scheduler.shuffles.count == 0)
    }

    @Test func `shuffles behind a dataset that is cached whole are not computed`() {
        var bench = Bench()
        bench.add(1, cores: 2)
        let cached = CachedDataset(DatasetID(5), partitions: 2)
        let plan = results(2, reads: [0], cached: [cached], behind: [DatasetID(5)])
        bench.step(.blockCached(DatasetID(5), partition: 0, on: ExecutorID(1)))
        #expect(bench.submit(map(0, 1), plan).submitted.map(\.name) == ["map 0"])
        bench.step(.allJobsCancelled(reason: "next"))
        bench.finishAll()
        bench.step(.blockCached(DatasetID(5), partition: 1, on: ExecutorID(1)))
        #expect(
            bench.submit(map(1, 1), results(2, reads: [1], cached: [cached], behind: [DatasetID(5)]))
                .submitted.map(\.name) == ["results"]
        )
    }

    @Test func `results of chosen partitions are those, and a job of none ends at once`() {
        var bench = Bench()
        bench.add(1, cores: 2)
        let launches = bench.submit(StagePlan(name: "take", output: .results(partitions: [7, 3]))).launches
        #expect(launches.partitions == [7, 3])
        #expect(launches.map(\.index) == [0, 1])
        #expect(bench.submit(results(0)).jobEnds == [.succeeded])
    }

    @Test(arguments: [
        [results(1, reads: [9])], [map(0, 1)], [], [results(1), results(1)],
        [results(2, preferences: [[]])],
    ]) func `a plan that cannot be is refused`(stages: [StagePlan]) {
        var bench = Bench()
        let actions = bench.step(.jobSubmitted(JobPlan(name: "wrong", stages: stages)))
        guard case .failed(.invalidPlan) = actions.jobEnds.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(bench.scheduler.jobViews.count == 1)
    }
}
