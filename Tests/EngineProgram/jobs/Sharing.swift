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

/// A long job, and when that has begun a short one of another pool beside it: prints whether most of the long one was still to
/// come when the short one had ended.
func runInPools(_ context: HeddleContext, begun marker: String) async throws {
    let (tasks, done) = (200, context.longAccumulator("done"))
    let long = Task {
        try await context.withSchedulerPool("long") {
            try await context.parallelize(0..<tasks, partitions: tasks).map(with: marker) { marker, number in
                _ = mark(marker)
                return number
            }.map(with: done) { done, number -> Int in
                usleep(50_000)
                done.add(1)
                return number
            }.sum()
        }
    }
    while unsafe access(marker, F_OK) != 0 { try await Task.sleep(for: .milliseconds(20)) }
    let short = try await context.withSchedulerPool("short") {
        try await context.parallelize(0..<2, partitions: 2).sum()
    }
    print(short, done.value < tasks / 2)
    _ = try await long.value
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
