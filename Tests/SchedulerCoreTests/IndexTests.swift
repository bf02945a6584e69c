import ClusterModel
import Testing

@testable import SchedulerCore

@Suite struct `Deadlines in order` {
    @Test func `timers come up in the order of their times, and of their setting`() {
        var deadlines = Deadlines<String>()
        deadlines.set("late", at: Timestamp(milliseconds: 30))
        deadlines.set("b", at: Timestamp(milliseconds: 10))
        deadlines.set("a", at: Timestamp(milliseconds: 10))
        #expect(deadlines.popDue(at: Timestamp(milliseconds: 9)) == nil)
        #expect(deadlines.popDue(at: Timestamp(milliseconds: 20)) == "b")
        #expect(deadlines.popDue(at: Timestamp(milliseconds: 20)) == "a")
        #expect(deadlines.popDue(at: Timestamp(milliseconds: 20)) == nil)
        #expect(deadlines.next == Timestamp(milliseconds: 30))
    }

    @Test func `a moved timer comes up at its last time only, a cancelled one never`() {
        var deadlines = Deadlines<Int>()
        for key in 0..<300 { deadlines.set(key, at: Timestamp(milliseconds: 10)) }
        for key in 0..<300 { deadlines.set(key, at: Timestamp(milliseconds: 20 + Int64(key))) }
        deadlines.set(7, at: Timestamp(milliseconds: 5))
        for key in 100..<300 { deadlines.cancel(key) }
        var popped: [Int] = []
        while let key = deadlines.popDue(at: Timestamp(milliseconds: 1000)) { popped.append(key) }
        #expect(popped == [7] + (0..<7) + (8..<100))
        #expect(deadlines.next == nil)
    }

    @Test func `moving timers on and on does not let the heap grow`() {
        var deadlines = Deadlines<Int>()
        for round in 0..<1000 { deadlines.set(1, at: Timestamp(milliseconds: Int64(1000 - round))) }
        #expect(deadlines.popDue(at: Timestamp(milliseconds: 1)) == 1)
        #expect(deadlines.popDue(at: .distantFuture) == nil)
    }
}

@Suite struct `The index of room` {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func `it finds what a scan over all nodes finds`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var index = RoomIndex()
        var nodes: [Int: (room: ResourceVector, share: Int64)] = [:]
        for _ in 0..<2000 {
            let slot = Int.random(in: 0..<70, using: &generator)
            if Int.random(in: 0..<5, using: &generator) == 0 {
                index.withdraw(slot: slot)
                nodes[slot] = nil
            } else {
                let room = ResourceVector(
                    memoryMiB: Int64.random(in: -2...8, using: &generator),
                    vcores: Int64.random(in: -2...8, using: &generator)
                )
                let share = Int64.random(in: 0...4, using: &generator)
                index.offer(node("n\(slot)"), slot: slot, room: room, usedShare: share)
                nodes[slot] = (room, share)
            }
            let ask = ResourceVector(
                memoryMiB: Int64.random(in: 0...8, using: &generator),
                vcores: Int64.random(in: 0...8, using: &generator)
            )
            let odd = Bool.random(using: &generator)
            let fitting = nodes.filter { ask.fits(in: $0.value.room) && (!odd || $0.key % 2 == 1) }
            let best = fitting.min { left, right in
                (left.value.share, node("n\(left.key)")) < (right.value.share, node("n\(right.key)"))
            }
            #expect(index.emptiest(for: ask) { !odd || $0 % 2 == 1 } == best?.key)
        }
    }
}
