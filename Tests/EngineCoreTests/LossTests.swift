import ClusterModel
import Testing

@testable import EngineCore

/// Executors that fall silent, and those that never come.
@Suite struct LossTests {
    private func bench() -> Bench { Bench { $0.executorTimeout = .seconds(120) } }

    @Test func `an executor that says nothing for too long is ended, and its task runs elsewhere`() {
        var bench = self.bench()
        bench.add(1)
        bench.add(2, host: "b")
        bench.submit(results(1))
        let silent = bench.running[0].executor
        let other = silent == ExecutorID(1) ? ExecutorID(2) : ExecutorID(1)
        bench.pass(milliseconds: 119_000)
        bench.step(.executorHeard(other))
        let actions = bench.pass(milliseconds: 1000)
        #expect(actions.contains(.removeExecutor(silent, .silent)))
        // It would not hear that it is to hand over; one that leaves in order does.
        #expect(!RemovalReason.silent.handsOver && RemovalReason.idle.handsOver && RemovalReason.drained.handsOver)
        #expect(!actions.contains(.removeExecutor(other, .silent)))
        #expect(bench.running.map(\.executor) == [other])
        // Its own end, when it is told at last, is no news.
        #expect(bench.step(.executorLost(silent, ExecutorLoss(.ended(message: "")))).isEmpty)
    }

    @Test func `an executor that is heard of stays`() {
        var bench = self.bench()
        bench.add(1)
        for _ in 0..<10 {
            bench.pass(milliseconds: 100_000)
            bench.step(.executorHeard(ExecutorID(1)))
        }
        #expect(bench.scheduler.executorViews.map(\.removedAt) == [nil])
        // One that is not known is not missed.
        #expect(bench.step(.executorHeard(ExecutorID(9))).isEmpty)
    }

    @Test func `without a limit nobody has to say anything`() {
        var bench = Bench()
        bench.add(1)
        bench.pass(milliseconds: 10_000_000)
        #expect(bench.scheduler.executorViews.map(\.removedAt) == [nil])
    }

    @Test func `tasks end before their executor is removed, in the order that event logs want`() {
        var bench = self.bench()
        bench.add(1)
        bench.submit(results(1))
        let actions = bench.step(.executorLost(ExecutorID(1), ExecutorLoss(.crashed(message: "x"))))
        let ended = actions.firstIndex { if case .taskEnded = $0 { true } else { false } }
        let removed = actions.firstIndex { if case .executorRemoved = $0 { true } else { false } }
        #expect(ended != nil && removed != nil && (ended ?? 0) < (removed ?? 0))
    }

    @Test func `where no executor will come, jobs fail, those too that are yet to come`() {
        var bench = Bench()
        bench.submit(results(1))
        let failure = JobFailure.noExecutors(reason: "the queue is gone")
        #expect(
            bench.step(.allocationFailed(reason: "the queue is gone")).contains(.jobEnded(JobID(0), .failed(failure)))
        )
        #expect(bench.submit(results(1)).contains(.jobEnded(JobID(1), .failed(failure))))
        #expect(bench.scheduler.lastJobFailure == failure)
    }

    @Test func `the last job's failure is that of the job that ended last`() {
        var bench = Bench()
        #expect(bench.scheduler.lastJobFailure == nil)
        bench.submit(results(1))
        bench.step(.jobCancelled(JobID(0), reason: "x"))
        #expect(bench.scheduler.lastJobFailure == .cancelled(reason: "x"))
        bench.add(1)
        bench.submit(results(1))
        bench.finishAll()
        #expect(bench.scheduler.lastJobFailure == nil)
    }
}
