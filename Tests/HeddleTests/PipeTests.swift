import Synchronization
import Testing

@testable import Heddle

private enum Started {
    static let isStarted = Atomic(false)
}

@Suite(.timeLimit(.minutes(2))) struct PipeTests {
    private let context: HeddleContext

    init() throws { self.context = try HeddleContext(master: "local[2]") }

    @Test func `lines go through a command`() async throws {
        let lines = self.context.parallelize(["b", "a", "c"], partitions: 1)
        #expect(try await lines.pipe(["sort"]).collect() == ["a", "b", "c"])
        let shell = lines.pipe(["sh", "-c", "tr a-z A-Z; printf %s \"$MARK\""], environment: ["MARK": "end"])
        #expect(try await shell.collect() == ["B", "A", "C", "end"])
        #expect(
            try await self.context.parallelize(0..<6, partitions: 3).pipe(["wc", "-l"]).map { $0.trimmed() }.collect()
                == ["2", "2", "2"]
        )
    }

    @Test func `no word of a command meets a shell`() async throws {
        let words = self.context.parallelize([0], partitions: 1).pipe(["echo", "$HOME; `id`", "a  b"])
        #expect(try await words.collect() == ["$HOME; `id` a  b"])
    }

    @Test func `more than the pipes hold goes through in both directions`() async throws {
        let numbers = self.context.range(0, 200_000, partitions: 2)
        let through = numbers.pipe(["cat"]).map { Int(String($0)) ?? -1 }
        #expect(try await through.sum() == 19_999_900_000)
    }

    @Test func `a command that does not read everything is no error`() async throws {
        let numbers = self.context.range(0, 500_000, partitions: 1)
        #expect(try await numbers.pipe(["head", "-n", "2"]).collect() == ["0", "1"])
        #expect(try await numbers.pipe(["true"]).collect() == [])
    }

    @Test func `a command that fails fails the task with what it said last`() async throws {
        let lines = self.context.parallelize(["x"], partitions: 1)
        let error = await #expect(throws: HeddleError.self) {
            try await lines.pipe(["sh", "-c", "cat; echo out of luck >&2; exit 3"]).count()
        }
        #expect(error?.description.contains("sh ended with exit status 3") == true)
        #expect(error?.description.contains("out of luck") == true)
        let killed = await #expect(throws: HeddleError.self) {
            try await lines.pipe(["sh", "-c", "kill -9 $$"]).count()
        }
        #expect(killed?.description.contains("was ended by signal 9") == true)
        let missing = await #expect(throws: HeddleError.self) { try await lines.pipe(["no-such-command"]).count() }
        #expect(missing?.description.contains("no-such-command cannot be started") == true)
    }

    @Test func `a command ends with the action that needs no more of it`() async throws {
        let endless = self.context.parallelize([0], partitions: 1).pipe(["yes"])
        #expect(try await endless.take(3) == ["y", "y", "y"])
    }

    @Test func `a job of a silent command can be cancelled`() async throws {
        let job = Task { [context] in
            try await context.parallelize([0], partitions: 1).map { number in
                Started.isStarted.store(true, ordering: .relaxed)
                return number
            }.pipe(["sleep", "1000"]).count()
        }
        while !Started.isStarted.load(ordering: .relaxed) { await Task.yield() }
        job.cancel()
        await #expect(throws: HeddleError.self) { try await job.value }
    }
}
