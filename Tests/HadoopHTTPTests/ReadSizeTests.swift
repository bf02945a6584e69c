import NIOCore
import Synchronization
import Testing

@testable import HadoopHTTP

/// How large reads of uploads are.
@Suite struct ReadSizeTests {
    /// Reads that are full, until they grow no more.
    private func fill(_ sizes: inout SharedReadSizes) -> Int {
        while sizes.record(actualReadBytes: sizes.nextBufferSize() ?? 0) {}
        return sizes.nextBufferSize() ?? 0
    }

    @Test func `reads grow while they are full, and shrink after two that were half empty`() {
        var sizes = SharedReadSizes(ReadRoom(bytes: SharedReadSizes.shared))
        #expect(sizes.nextBufferSize() == 8 << 10)
        #expect(self.fill(&sizes) == 1 << 20)
        // Half empty once says nothing yet.
        for _ in 0..<4 {
            _ = sizes.record(actualReadBytes: 1)
            _ = sizes.record(actualReadBytes: (1 << 20) - 1)
        }
        #expect(sizes.nextBufferSize() == 1 << 20)
        for _ in 0..<100 { _ = sizes.record(actualReadBytes: 1) }
        #expect(sizes.nextBufferSize() == 1 << 10)
    }

    @Test func `all connections together have no more than the room, and each what is its own`() {
        let room = ReadRoom(bytes: SharedReadSizes.shared)
        var first = SharedReadSizes(room)
        #expect(self.fill(&first) == 1 << 20)
        var second = SharedReadSizes(room)
        #expect(self.fill(&second) == 64 << 10)
        // What the first does not need any more the second has.
        for _ in 0..<4 { _ = first.record(actualReadBytes: 1) }
        #expect(first.nextBufferSize() == 256 << 10)
        #expect(self.fill(&second) == 512 << 10)
    }

    @Test func `a connection that reads nothing for a while loses its part to one that wants it`() {
        let now = Mutex(NIODeadline.uptimeNanoseconds(1_000_000_000))
        let room = ReadRoom(bytes: SharedReadSizes.shared) { now.withLock { $0 } }
        var idle = SharedReadSizes(room)
        #expect(self.fill(&idle) == 1 << 20)
        var other = SharedReadSizes(room)
        now.withLock { $0 = $0 + ReadRoom.idleMinimum - .nanoseconds(1) }
        #expect(self.fill(&other) == 64 << 10)
        now.withLock { $0 = $0 + .nanoseconds(1) }
        #expect(self.fill(&other) == 1 << 20)
        #expect(idle.nextBufferSize() == 64 << 10)
        // It begins anew, and gets nothing while the other one reads.
        #expect(self.fill(&idle) == 64 << 10)
        now.withLock { $0 = $0 + ReadRoom.idleMinimum }
        _ = other.record(actualReadBytes: 1 << 20)
        #expect(self.fill(&idle) == 64 << 10)
        #expect(other.nextBufferSize() == 1 << 20)
    }

    @Test func `a connection that ends gives back what it had`() {
        let room = ReadRoom(bytes: SharedReadSizes.shared)
        do {
            var first = SharedReadSizes(room)
            #expect(self.fill(&first) == 1 << 20)
        }
        var second = SharedReadSizes(room)
        #expect(self.fill(&second) == 1 << 20)
    }
}
