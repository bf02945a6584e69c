import Glibc
import Heddle

/// Keeps a dataset twice, waits until a file is there, and reads it again: prints both sums, and how often an element was
/// computed.
func keepTwice(_ context: HeddleContext, until file: String) async throws {
    let computed = context.longAccumulator("computed")
    let kept = context.range(0, 10_000, partitions: 8).map(with: computed) { computed, number in
        computed.add(1)
        return number * 3
    }.persist(.memoryOnly2)
    print(try await kept.sum())
    fflush(nil)
    while unsafe access(file, F_OK) != 0 { try await Task.sleep(for: .milliseconds(20)) }
    print(try await kept.sum(), computed.value)
}

/// A long job, and beside it a short one of another pool: prints which ended first.
func runInPools(_ context: HeddleContext) async throws {
    let long = Task {
        _ = try await context.withSchedulerPool("long") {
            try await context.parallelize(0..<200, partitions: 200).map { number -> Int in
                usleep(50_000)
                return number
            }.sum()
        }
        return ContinuousClock.now
    }
    // Every core has a task of the long one by then.
    try await Task.sleep(for: .seconds(1))
    let short = try await context.withSchedulerPool("short") {
        _ = try await context.parallelize(0..<2, partitions: 2).sum()
        return ContinuousClock.now
    }
    print(short < (try await long.value) ? "short" : "long")
}

/// Adds up numbers by key, waits until a file is there, and goes through the same sums again. Each run of a map task leaves a
/// file in a folder.
func shuffleTwice(_ context: HeddleContext, noting folder: String, until file: String) async throws {
    let sums = context.range(0, 10_000, partitions: 4).map(with: folder) { folder, number in
        if number % 2500 == 0 {
            var name = Array("\(folder)/\(number)-XXXXXX".utf8CString)
            close(unsafe mkstemp(&name))
        }
        return Pair(number % 10, number)
    }.reduceByKey(partitions: 3) { $0 + $1 }.values()
    print(try await sums.sum())
    fflush(nil)
    while unsafe access(file, F_OK) != 0 { try await Task.sleep(for: .milliseconds(20)) }
    print(try await sums.sum())
}
