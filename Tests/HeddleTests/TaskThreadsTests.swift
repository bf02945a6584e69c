import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Heddle

@Suite(.timeLimit(.minutes(1))) struct TaskThreadsTests {
    @Test func `work that comes one after the other is done by one thread, however many there are`() async throws {
        let threads = TaskThreads()
        let count = 3
        let begun = Atomic(0)
        let goOn = DispatchSemaphore(value: 0)
        for _ in 0..<count {
            threads.run {
                begun.add(1, ordering: .relaxed)
                goOn.wait()
            }
        }
        // All at a time: each has a thread of its own.
        try await eventually { begun.load(ordering: .relaxed) == count }
        for _ in 0..<count { goOn.signal() }
        try await eventually { threads.idleCount == count }
        let workers = Mutex<Set<ObjectIdentifier>>([])
        let done = Atomic(0)
        for number in 1...20 {
            threads.run {
                workers.withLock { _ = $0.insert(ObjectIdentifier(Thread.current)) }
                done.add(1, ordering: .relaxed)
            }
            try await eventually { done.load(ordering: .relaxed) == number && threads.idleCount == count }
        }
        #expect(workers.withLock { $0.count } == 1)
    }
}
