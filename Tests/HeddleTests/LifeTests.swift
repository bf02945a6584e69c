import TestSupport
import Testing

@testable import Heddle

@Suite(.timeLimit(.minutes(2))) struct LifeTests {
    private struct Held: ~Copyable {
        weak var context: HeddleContext?
        weak var driver: Driver?
        weak var backend: LocalBackend?
        weak var executor: Executor?
    }

    @Test(arguments: [0, 1, 2]) func `a context that nobody holds any more leaves nothing in memory`(jobs: Int)
        async throws
    {
        var held = Held()
        do {
            let context = try HeddleContext(master: "local[2]")
            if jobs > 0 { _ = try await context.parallelize(0..<10).map { Pair($0, 1) }.collect() }
            if jobs > 1 {
                _ = try await context.parallelize(0..<10).map { Pair($0, 1) }.reduceByKey { $0 + $1 }.collect()
            }
            held.context = context
            held.driver = context.driver
            held.backend = context.local
            held.executor = context.local?.executor
        }
        try await eventually("context") { held.context == nil }
        try await eventually("driver") { held.driver == nil }
        try await eventually("backend") { held.backend == nil }
        try await eventually("executor") { held.executor == nil }
    }
}
