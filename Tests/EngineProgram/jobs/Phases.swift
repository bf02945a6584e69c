import Glibc
import Heddle

/// Stands still where a test wants to know a process: leaves its pid in a file, and goes on when a second file is there.
struct Stand: Codable, Sendable {
    var file: String

    /// Only the first of all processes stands.
    func here() {
        guard mark(self.file + ".taken") else { return }
        let descriptor = unsafe open(self.file + ".new", O_CREAT | O_WRONLY, 0o600)
        let text = Array("\(getpid())".utf8)
        _ = unsafe write(descriptor, text, text.count)
        close(descriptor)
        _ = unsafe rename(self.file + ".new", self.file)
        while unsafe access(self.file + ".go", F_OK) != 0 { usleep(2_000) }
    }
}

/// Something of 256 KiB that knows when it is read from its binary form: in a shuffle that is while the rest is still to be fetched.
struct Parcel: Codable, Sendable {
    static let size = 256 << 10

    var stand: Stand
    var content: String

    init(_ number: Int, _ stand: Stand) {
        self.stand = stand
        self.content = String(repeating: Character(UnicodeScalar(UInt8(97 + number % 26))), count: Self.size)
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.stand = try values.decode(Stand.self, forKey: .stand)
        self.content = try values.decode(String.self, forKey: .content)
        self.stand.here()
    }

    var sum: Int { self.content.utf8.reduce(0) { $0 + Int($1) } }
}

/// As `Parcel`, when it is written: in the last stage that is when a result is made.
struct Receipt: Codable, Sendable {
    var stand: Stand
    var content: String

    func encode(to encoder: any Encoder) throws {
        self.stand.here()
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(self.stand, forKey: .stand)
        try values.encode(self.content, forKey: .content)
    }
}

/// What of its work a test sees.
struct Sight: Codable, Sendable {
    var stand: Stand
    /// A file for each run of a map task.
    var folder: String
}

/// Sums of 64 parcels in two partitions, half of which come from another executor in several answers.
func sumWhileFetching(_ context: HeddleContext, _ sight: Sight) async throws -> Int {
    try await context.parallelize(0..<64, partitions: 4).map(with: sight) { sight, number in
        if number % 16 == 0 { leaveFile(in: sight.folder) }
        return Pair(number, Parcel(number, sight.stand))
    }
    .reduceByKey(partitions: 2) { first, _ in first }.map { $0.value.sum }.sum()
}

/// A file of its own.
func leaveFile(in folder: String) {
    var name = Array("\(folder)/XXXXXX".utf8CString)
    close(unsafe mkstemp(&name))
}

/// Results of two megabytes each.
func collectWhileStanding(_ context: HeddleContext, _ stand: Stand) async throws -> Int {
    try await context.parallelize(0..<2, partitions: 2).map(with: stand) { stand, number in
        Receipt(stand: stand, content: String(repeating: number == 0 ? "a" : "b", count: 2 << 20))
    }.collect().reduce(0) { $0 + $1.content.utf8.reduce(0) { $0 + Int($1) } }
}

/// Hands the same large table to many tasks of several jobs, as a value and as a broadcast; prints the sums and how many processes
/// took part.
func shareArguments(_ context: HeddleContext) async throws {
    let table = (0..<300_000).map { $0 * 3 }
    let shared = try context.broadcast((0..<200_000).map { $0 * 5 })
    var processes: Set<Int> = []
    var sums: [Int] = []
    for _ in 0..<3 {
        let parts = try await context.parallelize(0..<40, partitions: 40).map(with: table) { table, number in
            usleep(10_000)
            return Pair(Int(getpid()), table[number] + table.count)
        }.collect()
        sums.append(parts.reduce(0) { $0 + $1.value })
        processes.formUnion(parts.map(\.key))
        let others = try await context.parallelize(0..<40, partitions: 40).map(with: shared) { shared, number in
            usleep(10_000)
            return Pair(Int(getpid()), shared.value[number] + shared.value.count)
        }.collect()
        sums.append(others.reduce(0) { $0 + $1.value })
        processes.formUnion(others.map(\.key))
    }
    print(sums, processes.count)
}

/// The sum of numbers with a large table, whose tasks stand still while they have it.
func sumStanding(_ context: HeddleContext, _ stand: Stand) async throws -> Int {
    let table = (0..<300_000).map { $0 * 3 }
    return try await context.parallelize(0..<2, partitions: 2).map(with: Pair(stand, table)) { given, number in
        given.key.here()
        return given.value[number]
    }.sum()
}
