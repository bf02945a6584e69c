import ClusterModel
import Testing

@testable import EngineCore

@Suite struct SpeculationTests {
    /// Four tasks on two hosts, three of them done after a second, the last one still running.
    private func slow(hosts: [String] = ["a", "b"], _ change: (inout EngineSettings) -> Void = { _ in }) -> Bench {
        var bench = Bench {
            $0.speculation.isEnabled = true
            change(&$0)
        }
        bench.add(1, host: hosts[0], cores: 2)
        bench.add(2, host: hosts[1], cores: 2)
        bench.submit(results(4))
        bench.now = bench.now.adding(milliseconds: 1000)
        for launch in bench.running.dropLast() { bench.succeed(launch) }
        return bench
    }

    @Test func `a task that takes half as long again as the median is copied to another host`() {
        var bench = self.slow()
        let original = bench.running[0]
        #expect(bench.pass(milliseconds: 500).launches.isEmpty)
        let copies = bench.pass(milliseconds: 100).launches
        #expect(copies.map(\.speculative) == [true])
        #expect(copies.partitions == [original.task.partition])
        #expect(copies.map(\.task.attempt) == [1])
        #expect(copies.map(\.executor) != [original.executor])
        #expect(bench.pass(milliseconds: 5000).launches.isEmpty)
    }

    @Test func `where all executors are on one host, another of them gets the copy`() {
        var bench = self.slow(hosts: ["a", "a"])
        let original = bench.running[0]
        let copies = bench.pass(milliseconds: 600).launches
        #expect(copies.map(\.speculative) == [true])
        #expect(copies.partitions == [original.task.partition])
        #expect(copies.map(\.executor) != [original.executor])
    }

    @Test func `an executor on the host of a slow task gets no copy while another host has one`() {
        var bench = self.slow(hosts: ["a", "a"])
        let original = bench.running[0]
        bench.add(3, host: "b", cores: 1)
        let copies = bench.pass(milliseconds: 600).launches
        #expect(copies.map(\.executor.number) == [3])
        #expect(copies.partitions == [original.task.partition])
    }

    @Test func `the first of two copies wins, the other one is ended and counts for nothing`() {
        var bench = self.slow()
        let original = bench.running[0]
        let copy = bench.pass(milliseconds: 600).launches[0]
        let won = bench.succeed(copy)
        #expect(won.kills == [original.task])
        #expect(won.ends.map(\.counted) == [true])
        #expect(won.jobEnds == [.succeeded])
        #expect(bench.succeed(original).ends.map(\.counted) == [false])
        bench.expectEmpty()
    }

    @Test func `a copy that fails leaves the original, and one whose original fails goes on`() {
        var bench = self.slow { $0.maximumTaskFailures = 2 }
        let original = bench.running[0]
        let copy = bench.pass(milliseconds: 600).launches[0]
        #expect(bench.fail(original).launches.isEmpty)
        #expect(bench.succeed(copy).jobEnds == [.succeeded])
        bench.expectEmpty()
    }

    @Test func `without the setting, below the quantile and of quick tasks nothing is copied`() {
        var off = self.slow { $0.speculation.isEnabled = false }
        #expect(off.pass(milliseconds: 60_000).launches.isEmpty)
        var few = self.slow { $0.speculation.quantilePerMille = 1000 }
        #expect(few.pass(milliseconds: 60_000).launches.isEmpty)
        var quick = self.slow { $0.speculation.minimumTaskRuntime = .seconds(100) }
        #expect(quick.pass(milliseconds: 60_000).launches.isEmpty)
    }

    @Test func `a stage that fits into one executor may go by a fixed time`() {
        var bench = Bench {
            $0.speculation.isEnabled = true
            $0.speculation.durationThreshold = .seconds(10)
        }
        bench.add(1, host: "a")
        bench.add(2, host: "b")
        bench.submit(results(1))
        #expect(bench.pass(milliseconds: 10_000).launches.isEmpty)
        #expect(bench.pass(milliseconds: 100).launches.map(\.speculative) == [true])
    }

    @Test func `the median of durations is that of a sorted list`() {
        var median = MedianOfDurations()
        #expect(median.median == 0)
        for (value, expected) in [(5, 5), (1, 3), (9, 5), (7, 6), (7, 7)] as [(Int64, Int64)] {
            median.insert(value)
            #expect(median.median == expected)
        }
    }
}
