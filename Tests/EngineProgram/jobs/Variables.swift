import Heddle

/// Computed by every process when it is first read.
private let weights = (1...4).map { $0 * 10 }

private enum Settings {
    nonisolated(unsafe) static var step = 5
}

private func aboveLimit(_ number: Int) -> Int { number + limit }

/// Closures that read what is not theirs: each is run, or refused.
func readVariables(_ context: HeddleContext) async {
    let numbers = context.parallelize(1...3, partitions: 2)
    func tell(_ name: String, _ set: RDD<Int>) async {
        do { print(name, try await set.sum()) } catch { print(name, "refused:", error) }
    }
    unsafe Settings.step = limit
    await tell("itself", numbers.map { $0 + limit })
    await tell("array", numbers.filter { $0 < arguments.count })
    await tell("function", numbers.map(aboveLimit))
    await tell("called", numbers.map { aboveLimit($0) * 2 })
    await tell("static", numbers.map { unsafe $0 + Settings.step })
    await tell("earlier", numbers.map { Pair($0 % 2, limit) }.reduceByKey { $0 + $1 }.values())
    await tell("untouched", numbers.map { $0 + untouched })
    await tell("computed", numbers.map { $0 + weights[$0] })
    await tell("handed", numbers.map(with: limit) { limit, number in number + limit })
}
