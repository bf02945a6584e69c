/// Copies of files that run beside each other in a task group, so many at a time.
struct FileCopies {
    private let atOnceMaximum: Int
    private var running = 0
    private var isWhole = true

    init(atOnceMaximum: Int) {
        self.atOnceMaximum = atOnceMaximum
    }

    /// Starts one; waits until there is room for the next, so that one at a time is one after the other.
    /// - Parameter copy: returns whether it worked.
    mutating func add(_ group: inout TaskGroup<Bool>, _ copy: @escaping @Sendable () async -> Bool) async {
        self.running += 1
        group.addTask { await copy() }
        if self.running == self.atOnceMaximum { await self.wait(&group) }
    }

    /// Something else that belonged to them did not work.
    mutating func failed() { self.isWhole = false }

    /// - Returns: whether all of it worked.
    mutating func finish(_ group: inout TaskGroup<Bool>) async -> Bool {
        while self.running > 0 { await self.wait(&group) }
        return self.isWhole
    }

    private mutating func wait(_ group: inout TaskGroup<Bool>) async {
        let worked = await group.next() ?? true
        self.isWhole = self.isWhole && worked
        self.running -= 1
    }
}
