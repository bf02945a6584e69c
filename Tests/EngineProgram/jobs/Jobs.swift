import Glibc
import Heddle

struct Measure: Codable, Sendable {
    var name: Text
    var values: [Double]
}

/// - Returns: whether the caller is the first of all processes that makes the marker.
func mark(_ marker: String) -> Bool {
    let descriptor = unsafe open(marker, O_CREAT | O_EXCL | O_WRONLY, 0o600)
    guard descriptor >= 0 else { return false }
    close(descriptor)
    return true
}

/// Ends the process of an executor, once: whoever makes the marker first.
func die(once marker: String, signal: Int32) {
    guard mark(marker) else { return }
    _ = kill(getpid(), signal)
    // A signal that ends the process may take a moment to come to this thread.
    while true { pause() }
}

private func large(_ context: HeddleContext, _ arguments: [String]) -> Large {
    Large(context, megabytes: Int(arguments.first ?? "") ?? 1)
}

/// Runs one of the jobs that tests run in executors of other processes.
func run(_ context: HeddleContext, _ job: String, _ arguments: [String]) async throws {
    switch job {
    case "words":
        let counts = try await context.textFile(arguments[0], partitions: 4).flatMap { $0.words }.map { Pair($0, 1) }
            .reduceByKey { $0 + $1 }.collect()
        for pair in counts.sorted(by: { $0.key < $1.key }) { print(pair.key, pair.value) }
    case "large":
        // A value, and results of more than a megabyte each, that are too large to travel with their messages.
        let table = (0..<300_000).map { $0 * 3 }
        let numbers = try await context.parallelize(0..<1_200_000, partitions: 3)
            .map(with: table) { table, number in table[number % table.count] + number }.collect()
        print(numbers.count, numbers.reduce(0, +))
    case "variables": await readVariables(context)
    case "sort":
        let sorted = try await context.parallelize(0..<20_000, partitions: 5).map { ($0 * 7919) % 20_011 }
            .sortBy { $0 }.collect()
        print(sorted.count, zip(sorted, sorted.dropFirst()).allSatisfy { $0 <= $1 }, sorted.reduce(0, +))
    case "join":
        let left = context.parallelize(0..<1000, partitions: 4).map { Pair($0 % 100, $0) }
        let right = context.parallelize(0..<100, partitions: 3).map {
            Pair($0, Measure(name: "n", values: [Double($0)]))
        }
        let joined = left.join(right).mapValues { $0.key + Int($0.value.values[0]) }
        print(try await joined.count(), try await joined.values().sum())
    case "rounds":
        var sum = 0
        for round in 0..<(Int(arguments[0]) ?? 1) {
            sum += try await context.parallelize(0..<10, partitions: 2).map(with: round) { $0 * $1 }.sum()
        }
        print(sum)
    case "die-in-map", "die-in-reduce":
        let pairs = context.parallelize(0..<4000, partitions: 4).map(with: job == "die-in-map" ? arguments[0] : "") {
            marker,
            number in
            if number == 3999, !marker.isEmpty { die(once: marker, signal: SIGKILL) }
            return Pair(number % 10, number)
        }
        let sums = pairs.reduceByKey { $0 + $1 }.map(with: job == "die-in-reduce" ? arguments[0] : "") { marker, pair in
            if pair.key == 7, !marker.isEmpty { die(once: marker, signal: SIGKILL) }
            return pair
        }
        print(
            try await sums.collect().sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        )
    case "stand-fetching":
        print(try await sumWhileFetching(context, Sight(stand: Stand(file: arguments[0]), folder: arguments[1])))
    case "stand-returning": print(try await collectWhileStanding(context, Stand(file: arguments[0])))
    case "share": try await shareArguments(context)
    case "stand-sharing": print(try await sumStanding(context, Stand(file: arguments[0])))
    case "operations": try await Operations(context: context, folder: arguments[0]).run()
    case "trap", "trap-overflow", "trap-nil":
        let trap = Trap(rawValue: job) ?? .index
        print(try await context.parallelize(0..<4, partitions: 4).map(with: trap) { $0.meet($1) }.sum())
    case "trap-beside": print(try await sumBesideTraps(context, noting: arguments[0]))
    case "throw":
        print(
            try await context.parallelize(0..<4, partitions: 4).mapPartitions { numbers throws -> [Int] in
                let numbers = Array(numbers)
                if numbers.contains(2) { throw Refused(number: 2) }
                return numbers
            }.sum()
        )
    case "cancel": try await cancelAndGoOn(context, begun: arguments[0])
    case "slow":
        // So many tasks of a twentieth of a second.
        let count = Int(arguments[0]) ?? 1
        print(
            try await context.parallelize(0..<count, partitions: count).map { number -> Int in
                usleep(50_000)
                return number
            }.sum()
        )
    case "waves":
        // Work, then none until a file is there, then work again.
        let (count, file) = (Int(arguments[0]) ?? 1, arguments[1])
        for wave in 0..<2 {
            while wave == 1, unsafe access(file, F_OK) != 0 { try await Task.sleep(for: .milliseconds(20)) }
            print(
                try await context.parallelize(0..<count, partitions: count).map { number -> Int in
                    usleep(50_000)
                    return number
                }.sum()
            )
            fflush(nil)
        }
    case "files":
        // What was shipped lies where every task finds it.
        print(
            try await context.parallelize(0..<4, partitions: 4).map { _ -> Int in
                guard let file = unsafe fopen(HeddleFiles.get("shipped.txt"), "r") else { return 0 }
                defer { unsafe fclose(file) }
                var bytes = [UInt8](repeating: 0, count: 100)
                return unsafe fread(&bytes, 1, 100, file)
            }.collect()
        )
    case "archive":
        let texts = try await context.parallelize(0..<4, partitions: 4).map { _ -> String in
            var bytes = [UInt8](repeating: 0, count: 100)
            guard let file = unsafe fopen(HeddleFiles.get("packed/folder/inside.txt"), "r") else { return "?" }
            defer { unsafe fclose(file) }
            let count = unsafe fread(&bytes, 1, 100, file)
            return String(decoding: bytes.prefix(count), as: UTF8.self)
        }.collect()
        print(texts)
    case "random":
        // Graphs of these seeds; with a marker some of their elements end executors.
        let (first, count) = (UInt64(arguments[0]) ?? 0, UInt64(arguments[1]) ?? 0)
        for seed in first..<first + count {
            let marker = arguments.count > 2 ? "\(arguments[2])-\(seed)" : ""
            var graph = RandomGraph(context, seed: seed, marker: marker)
            let problem = try await graph.run()
            if !problem.isEmpty { print("seed \(seed): \(problem)\n\(graph.description)") }
        }
        print("\(count) graphs")
    case "kept":
        // Which executors compute and which read again what was computed, once as many have come as are awaited.
        let awaited = Int(arguments.first ?? "") ?? 1
        var come: Set<Int> = []
        while come.count < awaited {
            come = Set(try await context.parallelize(0..<24, partitions: 24).map { _ in Int(getpid()) }.collect())
        }
        let computed = context.longAccumulator("computed")
        let processes = context.parallelize(0..<24, partitions: 24).map(with: computed) { computed, number in
            computed.add(1)
            return Pair(number, Int(getpid()))
        }.persist(.memoryAndDisk)
        let first = try await processes.collect()
        var isSame = true
        for _ in 0..<3 { isSame = try await processes.map { Pair($0.key, Int(getpid())) }.collect() == first && isSame }
        print(isSame, computed.value, Set(first.map(\.value)).count)
    case "twice": try await keepTwice(context, until: arguments[0])
    case "shuffle-twice": try await shuffleTwice(context, noting: arguments[0], until: arguments[1])
    case "pools": try await runInPools(context, begun: arguments[0])
    case "write":
        // A relative folder is the driver's, whoever writes into it.
        try await context.parallelize(["a", "b", "c"], partitions: 3).saveAsTextFile(arguments[0])
        print(try await context.textFile(arguments[0]).count())
    case "hang", "freeze", "eat", "crash", "shout":
        guard let kind = Fault.Kind(rawValue: job) else { return }
        print(try await sum(context, meeting: Fault(kind: kind, marker: arguments.first ?? "")))
    case "large-rounds":
        // All of it again and again: each line must be the first.
        for _ in 0..<(Int(arguments[1]) ?? 1) {
            let large = large(context, arguments)
            print(try await large.sort(), try await large.group(), try await large.join())
            fflush(nil)
        }
    case "large-sort": print(try await large(context, arguments).sort())
    case "large-group": print(try await large(context, arguments).group())
    case "large-join": print(try await large(context, arguments).join())
    case "large-keep": print(try await large(context, arguments).keep())
    case "skewed-group": print(try await large(context, arguments).group(isSkewed: true))
    case "skewed-join": print(try await large(context, arguments).joinSkewed())
    case "elsewhere":
        // From a folder to another, both written by other machines than the driver's.
        let (from, to) = (arguments[0], arguments[1])
        try await context.parallelize((0..<1000).map { "line \($0)" }, partitions: 4).saveAsTextFile(from)
        try await context.textFile(from).map { Pair($0.count, 1) }.reduceByKey { $0 + $1 }.saveAsObjectFile(to)
        let sums = try await context.objectFile(to, of: Pair<Int, Int>.self)
        print(try await sums.collect().sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
        try context.setCheckpointDir(to + "-checkpoints")
        print(try await sums.map { $0.value }.checkpoint().sum())
        do {
            try await context.parallelize([1]).saveAsTextFile(from)
        } catch {
            print(error)
        }
    case "returns", "exit", "fatal": try await end(context, as: job, arguments)
    case "parallelism": print(context.defaultParallelism)
    case "idle":
        print(try await context.parallelize([1]).count())
        fflush(nil)
        while true { try await Task.sleep(for: .seconds(3600)) }
    default: print("there is no job \(job)")
    }
}
