import Synchronization
import Testing

@testable import Commands

@Suite(.timeLimit(.minutes(1))) struct FileCopiesTests {
    @Test(arguments: [1, 3]) func `so many run at a time, and all of them to their end`(atOnceMaximum: Int) async {
        let running = Atomic(0)
        let most = Mutex(0)
        let done = Atomic(0)
        let isWhole = await withTaskGroup(of: Bool.self) { group in
            var copies = FileCopies(atOnceMaximum: atOnceMaximum)
            for _ in 0..<20 {
                await copies.add(&group) {
                    let now = running.add(1, ordering: .relaxed).newValue
                    most.withLock { $0 = max($0, now) }
                    for _ in 0..<10 { await Task.yield() }
                    running.subtract(1, ordering: .relaxed)
                    done.add(1, ordering: .relaxed)
                    return true
                }
                // There is always room for another one, whose beginning nobody waits for.
                #expect(running.load(ordering: .relaxed) < atOnceMaximum)
            }
            return await copies.finish(&group)
        }
        #expect(isWhole)
        #expect(done.load(ordering: .relaxed) == 20)
        #expect(most.withLock { $0 } <= atOnceMaximum)
    }

    @Test func `they do not wait for each other's end`() async {
        let begun = Atomic(0)
        let isWhole = await withTaskGroup(of: Bool.self) { group in
            var copies = FileCopies(atOnceMaximum: 3)
            for _ in 0..<3 {
                await copies.add(&group) {
                    begun.add(1, ordering: .relaxed)
                    // One after the other this would have no end.
                    while begun.load(ordering: .relaxed) < 3 { await Task.yield() }
                    return true
                }
            }
            return await copies.finish(&group)
        }
        #expect(isWhole)
    }

    @Test func `one that does not work is not forgotten, and the others go on`() async {
        let done = Atomic(0)
        for failing in [0, 3, 9] {
            let isWhole = await withTaskGroup(of: Bool.self) { group in
                var copies = FileCopies(atOnceMaximum: 2)
                for number in 0..<10 {
                    await copies.add(&group) {
                        done.add(1, ordering: .relaxed)
                        return number != failing
                    }
                }
                return await copies.finish(&group)
            }
            #expect(!isWhole)
        }
        #expect(done.load(ordering: .relaxed) == 30)
    }

    @Test func `what failed beside them counts, too`() async {
        let isWhole = await withTaskGroup(of: Bool.self) { group in
            var copies = FileCopies(atOnceMaximum: 2)
            copies.failed()
            await copies.add(&group) { true }
            return await copies.finish(&group)
        }
        #expect(!isWhole)
    }
}
