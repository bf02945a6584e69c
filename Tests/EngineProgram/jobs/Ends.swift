import Glibc
import Heddle

/// What Swift ends a process for.
enum Trap: String, Codable, Sendable {
    case index = "trap"
    case overflow = "trap-overflow"
    case absent = "trap-nil"

    /// The number, unless it is 3.
    func meet(_ number: Int) -> Int {
        guard number == 3 else { return number }
        let numbers = [1, 2, 3]
        switch self {
        case .index: return numbers[number]
        case .overflow: return Int(Int8(number) + Int8.max)
        case .absent:
            // swift-format-ignore: NeverForceUnwrap
            return numbers.first { $0 > number }!
        }
    }
}

/// What a task throws.
struct Refused: Error, CustomStringConvertible {
    let number: Int
    var description: String { "the number \(self.number) is refused" }
}

/// Two tasks side by side: the first traps once, the second stands still until that has ended its process, and traps itself
/// the next time. So each has one failure of its own.
func sumBesideTraps(_ context: HeddleContext, noting marker: String) async throws -> Int {
    try await context.parallelize(0..<2, partitions: 2).map(with: marker) { marker, number in
        if number == 0, mark(marker + "-trapped") {
            while unsafe access(marker + "-stood", F_OK) != 0 { usleep(1000) }
            return [0][number + 1]
        }
        if number == 1 {
            if mark(marker + "-stood") { while true { pause() } }
            if mark(marker + "-trapped-too") { return [0][number] }
        }
        return number
    }.sum()
}

/// Cancels a job of many minutes when its tasks run, and then uses all executors for another.
func cancelAndGoOn(_ context: HeddleContext, begun marker: String) async throws {
    let job = Task {
        try await context.parallelize(0..<100_000, partitions: 4).map(with: marker) { marker, number in
            _ = mark(marker)
            usleep(20_000)
            return number
        }.sum()
    }
    while unsafe access(marker, F_OK) != 0 { try await Task.sleep(for: .milliseconds(5)) }
    job.cancel()
    do {
        print(try await job.value)
    } catch {
        print(error)
    }
    print(try await context.parallelize(0..<4, partitions: 4).sum())
}
