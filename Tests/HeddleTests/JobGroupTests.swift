import Synchronization
import Testing

@testable import Heddle

private enum Waiting {
    static let count = Atomic(0)
}

@Suite(.timeLimit(.minutes(2))) struct JobGroupTests {
    @Test func `the jobs of a group are cancelled together, and no others`() async throws {
        let context = try HeddleContext(master: "local[3]")
        let jobs = (0..<2).map { number in
            Task {
                try await context.withJobGroup("slow", description: "the slow ones") {
                    try await context.parallelize([number], partitions: 1).flatMap { _ in
                        sequence(first: 0) { number in
                            if number == 0 { Waiting.count.wrappingAdd(1, ordering: .relaxed) }
                            return number &+ 1
                        }
                    }.count()
                }
            }
        }
        while Waiting.count.load(ordering: .relaxed) < 2 { await Task.yield() }
        #expect(try await context.withJobGroup("quick") { try await context.parallelize([1]).count() } == 1)
        context.cancelJobGroup("quick")
        context.cancelJobGroup("slow")
        for job in jobs {
            let error = await #expect(throws: HeddleError.self) { try await job.value }
            #expect(error?.description.contains("its group slow was cancelled") == true)
        }
        #expect(try await context.parallelize([1]).count() == 1)
    }

    @Test func `what a program says of its jobs holds where it says so`() async throws {
        let context = try HeddleContext(master: "local[1]")
        #expect(context.label.group == nil)
        context.setJobGroup("all", description: "every job")
        await context.withJobDescription("this one") {
            #expect(context.label.group == "all" && context.label.description == "this one")
        }
        await context.withJobGroup("inner") { #expect(context.label.group == "inner") }
        #expect(context.label.description == "every job")
        context.setSchedulerPool("common")
        await context.withSchedulerPool("own") {
            await context.withJobGroup("inner") {
                #expect(context.label.pool == "own" && context.label.group == "inner")
            }
        }
        context.clearJobGroup()
        #expect(context.label.pool == "common")
        #expect(context.label.group == nil && context.label.description == nil)
    }
}
