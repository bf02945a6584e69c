import Testing

@testable import EngineCore

@Suite struct ModelTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `random jobs with random faults end, and every partition counts once`(seed: UInt64) {
        var workload = Workload(seed: seed)
        workload.run(steps: 800)
        #expect(workload.history.jobEnds.contains(.succeeded))
    }

    @Test(arguments: 100..<104 as Range<UInt64>)
    func `the same history gives the same actions in the same order`(seed: UInt64) {
        var first = Workload(seed: seed)
        first.run(steps: 400)
        var second = Workload(seed: seed)
        second.run(steps: 400)
        #expect(first.history == second.history)
    }
}
