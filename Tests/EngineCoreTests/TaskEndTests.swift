import ClusterModel
import Testing

@testable import EngineCore

@Suite struct TaskEndTests {
    @Test func `a task that throws runs again, and at the fourth time its job fails with what is known of it`() {
        var bench = Bench()
        bench.add(1)
        bench.submit(results(1))
        for attempt in 0..<3 {
            let again = bench.fail(bench.running[0])
            #expect(again.launches.map(\.task.attempt) == [Int32(attempt + 1)])
        }
        let last = bench.running[0]
        let ended = bench.fail(last)
        let record = TaskFailureRecord(
            stage: StageID(0),
            stageName: "results",
            partition: 0,
            failures: 4,
            attempt: last.task,
            executor: ExecutorID(1),
            host: "a",
            last: boom
        )
        #expect(ended.jobEnds == [.failed(.taskFailed(record))])
        #expect(ended.completed.map(\.outcome) == [.failed(.taskFailed(record))])
        #expect(bench.scheduler.jobView(JobID(0))?.tasks.failed == 4)
        bench.expectEmpty()
    }

    @Test func `failures of different tasks are not added up, and other jobs go on`() {
        var bench = Bench { $0.maximumTaskFailures = 2 }
        bench.add(1, cores: 3)
        bench.submit(results(2))
        bench.submit(results(1))
        let first = bench.running
        #expect(bench.fail(first[0]).jobEnds.isEmpty)
        #expect(bench.fail(first[1]).jobEnds.isEmpty)
        let ended = bench.fail(bench.running.first { $0.task.partition == 0 && $0.task.stage.number == 0 } ?? first[0])
        #expect(ended.jobEnds.count == 1)
        #expect(ended.kills.map(\.partition) == [1])
        #expect(bench.succeed(first[2]).jobEnds == [.succeeded])
        // The killed neighbour reports in its own time.
        bench.fail(bench.running[0], .killed(reason: .stageCancelled(reason: "the job failed")))
        bench.expectEmpty()
    }

    @Test(arguments: [TaskFailure.refused(message: "another binary"), .resultTooLarge(bytes: 1 << 40)])
    func `what no other run can mend fails the job at once`(failure: TaskFailure) {
        var bench = Bench()
        bench.add(1)
        bench.submit(results(1))
        let ended = bench.fail(bench.running[0], failure)
        guard case .failed(.taskFailed(let record)) = ended.jobEnds.first else {
            Issue.record("\(ended)")
            return
        }
        #expect(record.last == failure)
        #expect(ended.launches.isEmpty)
    }

    @Test(arguments: [
        TaskFailure.killed(reason: .asked(reason: "by hand")), .commitDenied,
    ]) func `what is not the task's fault is not counted`(failure: TaskFailure) {
        var bench = Bench { $0.maximumTaskFailures = 1 }
        bench.add(1)
        bench.submit(results(1))
        for _ in 0..<10 { #expect(bench.fail(bench.running[0], failure).launches.count == 1) }
        #expect(bench.finishAll().jobEnds == [.succeeded])
    }

    @Test func `a result that is lost is computed again, and that counts`() {
        var bench = Bench { $0.maximumTaskFailures = 2 }
        bench.add(1)
        bench.submit(results(1))
        #expect(bench.fail(bench.running[0], .resultLost(message: "cut")).launches.count == 1)
        #expect(bench.fail(bench.running[0], .resultLost(message: "cut")).jobEnds.count == 1)
    }

    @Test func `results above the driver's limit together fail the job with both figures`() {
        var bench = Bench { $0.maximumResultBytes = 100 }
        bench.add(1)
        bench.submit(results(3))
        bench.succeed(bench.running[0], result: 60)
        let ended = bench.succeed(bench.running[0], result: 41)
        #expect(ended.jobEnds == [.failed(.resultsTooLarge(StageID(0), tasks: 2, bytes: 101, limit: 100))])
        bench.finishAll()
        bench.expectEmpty()
    }

    @Test func `a task that trapped is charged alone, its neighbours run again free`() {
        var bench = Bench { $0.maximumTaskFailures = 2 }
        bench.add(1, cores: 3)
        bench.submit(results(3))
        let first = bench.running
        let lost = bench.lose(1, .trapped([first[1].task.id], message: "index out of range"))
        #expect(
            lost.ends.map(\.outcome) == [
                .failure(.executorLost(ExecutorID(1), message: "index out of range", charged: false)),
                .failure(.trapped(message: "index out of range")),
                .failure(.executorLost(ExecutorID(1), message: "index out of range", charged: false)),
            ]
        )
        bench.add(2, cores: 3)
        let again = bench.running.first { $0.task.partition == 1 }
        let final = bench.lose(2, .trapped([again?.task.id ?? TaskID(-1)], message: "index out of range"))
        guard case .failed(.taskFailed(let record)) = final.jobEnds.first else {
            Issue.record("\(final)")
            return
        }
        #expect(record.partition == 1)
        #expect(record.last == .trapped(message: "index out of range"))
        bench.expectEmpty(executors: 0)
    }

    @Test(arguments: [
        (ExecutorLossCause.crashed(message: "exit 137"), true),
        (.ended(message: "preempted"), false),
        (.hostLost(message: "node"), false),
    ]) func `a lost executor charges its tasks only if they may be why`(cause: ExecutorLossCause, isCharged: Bool) {
        var bench = Bench { $0.maximumTaskFailures = 1 }
        bench.add(1)
        bench.submit(results(1))
        #expect(bench.lose(1, cause).jobEnds.isEmpty != isCharged)
    }

    @Test func `a report of a run that is not known is answered by its end`() {
        var bench = Bench()
        bench.add(1)
        bench.submit(results(1))
        let launch = bench.running[0]
        bench.lose(1)
        let late = bench.succeed(launch)
        #expect(late == [.kill(launch.task, on: nil, reason: .unknownAttempt)])
        #expect(bench.fail(launch).isEmpty)
    }

    @Test func `a partition is counted once, and lost output that is made again is not counted again`() {
        var bench = Bench()
        bench.add(1)
        bench.add(2, host: "b")
        bench.submit(map(0, 2), results(1, reads: [0]))
        let first = bench.running
        bench.succeed(first[0])
        let lost = bench.lose(first[0].executor.number)
        #expect(lost.contains(.taskResubmitted(first[0].task)))
        bench.add(3)
        bench.finishAll()
        let counted = bench.actions.ends.filter { $0.counted && $0.task.stage.number == 0 }
        #expect(counted.map(\.task.partition).sorted() == [0, 1])
        #expect(bench.actions.ends.count { $0.outcome == .success && $0.task.stage.number == 0 } == 3)
        #expect(bench.actions.jobEnds == [.succeeded])
    }

    @Test func `a cancelled job's tasks are ended and hold their cores until they have`() {
        var bench = Bench()
        bench.add(1)
        bench.submit(results(1))
        let launch = bench.running[0]
        #expect(bench.step(.jobCancelled(JobID(0), reason: "enough")).kills == [launch.task])
        #expect(bench.submit(results(1)).launches.isEmpty)
        let late = bench.succeed(launch)
        #expect(late.ends.map(\.counted) == [false])
        #expect(late.launches.count == 1)
    }

    @Test func `a group is cancelled without the others, a stage with its jobs, and stopping ends all`() {
        var bench = Bench()
        bench.add(1, cores: 4)
        bench.submit(results(1), group: "red")
        bench.submit(results(1), group: "blue")
        bench.submit(results(1))
        bench.submit(results(1))
        #expect(bench.step(.jobGroupCancelled("red", reason: "r")).kills.map(\.stage.number) == [0])
        #expect(bench.step(.stageCancelled(StageID(1), reason: "r")).kills.map(\.stage.number) == [1])
        let stopped = bench.step(.driverStopped)
        #expect(stopped.jobEnds == [.failed(.driverStopped), .failed(.driverStopped)])
        #expect(bench.submit(results(1)).jobEnds == [.failed(.driverStopped)])
        bench.finishAll()
        bench.expectEmpty()
    }
}
