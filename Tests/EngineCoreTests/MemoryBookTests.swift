import Testing

@testable import EngineCore

@Suite struct MemoryBookTests {
    private func book(_ limit: Int64 = 1000, storage: Int64 = 500) -> MemoryBook<String> {
        MemoryBook(limit: limit, storageShare: storage)
    }

    @Test func `a task alone may hold everything, and of two each half`() {
        var book = self.book()
        book.begin(task: 1)
        #expect(book.reserve(1000, for: 1) == [])
        #expect(book.reserve(1, for: 1) == nil)
        book.release(1000, of: 1)
        book.begin(task: 2)
        #expect(book.reserve(501, for: 1) == nil)
        #expect(book.reserve(500, for: 1) == [])
        #expect(book.reserve(500, for: 2) == [])
        book.end(task: 1)
        #expect(book.executionBytes == 500)
        #expect(book.reserve(500, for: 2) == [])
    }

    @Test func `blocks use what tasks leave, and go when tasks need it, down to the part that is theirs`() {
        var book = self.book()
        book.begin(task: 1)
        #expect(book.keep("a", bytes: 400) == [])
        #expect(book.keep("b", bytes: 400) == [])
        #expect(book.reserve(300, for: 1) == ["a"])
        #expect(book.storageBytes == 400)
        // What is left lies within storage's own share.
        #expect(book.reserve(300, for: 1) == [])
        #expect(book.reserve(1, for: 1) == nil)
    }

    @Test func `the end of a task tells the most that it held`() {
        var book = self.book()
        book.begin(task: 1)
        _ = book.reserve(300, for: 1)
        book.release(200, of: 1)
        _ = book.reserve(100, for: 1)
        #expect(book.end(task: 1) == 300)
        #expect(book.executionBytes == 0)
        #expect(book.end(task: 1) == 0)
    }

    @Test func `memory goes back where a process has much more than it accounts for`() {
        let memory = MemoryReturn(given: 128 << 20, reserved: 64 << 20)
        #expect(memory.isWorthALook(after: 8 << 20) && !memory.isWorthALook(after: (8 << 20) - 1))
        #expect(memory.isDue(resident: 90 << 20, held: 20 << 20))
        // What tasks and blocks hold is no waste, and neither is what the program itself needs.
        #expect(!memory.isDue(resident: 90 << 20, held: 30 << 20))
        // Half of what it was given does no harm, however little of it is in use.
        #expect(!memory.isDue(resident: 64 << 20, held: 0))
        #expect(!MemoryReturn(given: 1 << 30, reserved: 64 << 20).isDue(resident: 300 << 20, held: 0))
    }

    @Test func `the longest unused block goes first`() {
        var book = self.book()
        for name in ["a", "b", "c"] { #expect(book.keep(name, bytes: 300) == []) }
        book.use("a")
        #expect(book.keep("d", bytes: 400) == ["b"])
        #expect(book.keep("e", bytes: 100) == ["c"])
        #expect(book.contains("a") && book.contains("d") && book.contains("e"))
    }

    @Test func `a block takes nothing from tasks, and none of its own group goes for it`() {
        var book = self.book()
        book.begin(task: 1)
        #expect(book.reserve(600, for: 1) == [])
        #expect(book.keep("large", bytes: 401) == nil)
        #expect(book.keep("a", bytes: 300, group: 1) == [])
        #expect(book.keep("b", bytes: 200, group: 1) == nil)
        #expect(book.keep("b", bytes: 200, group: 2) == ["a"])
        #expect(book.storageBytes == 200)
    }

    @Test func `a block kept anew counts once, and what is dropped is free`() {
        var book = self.book()
        #expect(book.keep("a", bytes: 300) == [])
        #expect(book.keep("a", bytes: 700) == [])
        #expect(book.storageBytes == 700)
        book.drop("a")
        book.drop("a")
        #expect(book.storageBytes == 0 && book.blockCount == 0)
    }

    @Test func `what nobody began holds nothing`() {
        var book = self.book()
        #expect(book.reserve(1, for: 7) == nil)
        book.release(5, of: 7)
        book.end(task: 7)
        #expect(book.executionBytes == 0)
    }

    /// Random steps, beside lists of what is there and of when it was used.
    @Test func `the sums are right after any steps, and what goes is what was unused for the longest time`() {
        var random = SeededGenerator(seed: 11)
        var book = self.book(1 << 20, storage: 1 << 18)
        var blocks: [String: Int64] = [:]
        var tasks: [Int64: Int64] = [:]
        var uses: [String] = []
        var groups: [String: Int64] = [:]
        func forget(_ gone: [String], sparing group: Int64? = nil) {
            let mayGo = uses.filter { group == nil || groups[$0] != group }
            #expect(gone == Array(mayGo.prefix(gone.count)))
            for block in gone { blocks[block] = nil }
            uses.removeAll { gone.contains($0) }
        }
        for _ in 0..<20_000 {
            let task = Int64(Int.random(in: 0..<5, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                if tasks[task] == nil {
                    book.begin(task: task)
                    tasks[task] = 0
                }
            case 1:
                book.end(task: task)
                tasks[task] = nil
            case 2:
                let bytes = Int64(Int.random(in: 0..<200_000, using: &random))
                if let gone = book.reserve(bytes, for: task), bytes > 0 {
                    tasks[task]? += bytes
                    forget(gone)
                }
            case 3:
                let bytes = Int64(Int.random(in: 0..<100_000, using: &random))
                book.release(bytes, of: task)
                if let held = tasks[task] { tasks[task] = max(0, held - bytes) }
            case 4:
                let name = "\(Int.random(in: 0..<40, using: &random))"
                let bytes = Int64(Int.random(in: 0..<100_000, using: &random))
                let group = Int64(Int.random(in: 0..<3, using: &random))
                blocks[name] = nil
                uses.removeAll { $0 == name }
                if let gone = book.keep(name, bytes: bytes, group: group) {
                    forget(gone, sparing: group)
                    (blocks[name], groups[name]) = (bytes, group)
                    uses.append(name)
                }
            default:
                let name = "\(Int.random(in: 0..<40, using: &random))"
                book.use(name)
                if let place = uses.firstIndex(of: name) { uses.append(uses.remove(at: place)) }
            }
            #expect(book.storageBytes == blocks.values.reduce(0, +))
            #expect(book.executionBytes == tasks.values.reduce(0, +))
            #expect(book.storageBytes + book.executionBytes <= book.limit)
        }
    }
}
