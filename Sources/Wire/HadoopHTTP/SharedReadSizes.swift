import NIOCore
import Synchronization

/// How far the reads of all connections of a port may grow together beyond what each of them may have anyway.
///
/// A connection that has read nothing for a while loses its part to one that wants it: clients keep connections open that they do
/// not use, and a writer may pause for days.
final class ReadRoom: Sendable {
    private struct Part {
        var bytes: Int
        var usedAt: NIODeadline
    }

    private struct State {
        var left: Int
        var parts: [Int: Part] = [:]
        var holders = 0
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> NIODeadline

    /// For how long a holder must have read nothing before its part goes to one that wants it.
    static let idleMinimum = TimeAmount.milliseconds(500)

    /// - Parameter bytes: one read of each connection counts, though two more may wait for whoever takes the body.
    init(bytes: Int, now: @escaping @Sendable () -> NIODeadline = { .now() }) {
        self.state = Mutex(State(left: bytes))
        self.now = now
    }

    func newHolder() -> Int {
        self.state.withLock { state in
            state.holders += 1
            return state.holders
        }
    }

    func grow(_ holder: Int, by bytes: Int) -> Bool {
        let now = self.now()
        return self.state.withLock { state in
            if state.left < bytes { Self.takeBack(&state, at: now, for: holder) }
            guard state.left >= bytes else { return false }
            state.left -= bytes
            state.parts[holder, default: Part(bytes: 0, usedAt: now)].bytes += bytes
            return true
        }
    }

    private static func takeBack(_ state: inout State, at now: NIODeadline, for holder: Int) {
        for (other, part) in state.parts where other != holder && now - part.usedAt >= Self.idleMinimum {
            state.left += part.bytes
            state.parts[other] = nil
        }
    }

    func shrink(_ holder: Int, by bytes: Int) {
        self.state.withLock { state in
            guard var part = state.parts[holder] else { return }
            state.left += bytes
            part.bytes -= bytes
            // Who has nothing is not looked at when others want something.
            state.parts[holder] = part.bytes > 0 ? part : nil
        }
    }

    /// - Returns: whether the holder still has what it had.
    func use(_ holder: Int) -> Bool {
        let now = self.now()
        return self.state.withLock { state in
            state.parts[holder]?.usedAt = now
            return state.parts[holder] != nil
        }
    }

    func holds(_ holder: Int) -> Bool { self.state.withLock { $0.parts[holder] != nil } }

    func end(_ holder: Int) {
        self.state.withLock { state in
            state.left += state.parts.removeValue(forKey: holder)?.bytes ?? 0
        }
    }
}

/// How large the next read of one connection is: twice as large after a read that was full, half as large after two that were
/// half empty, as NIO's own sizes. A long body comes much faster in large pieces, each of which is handed from thread to
/// thread; but pieces wait in memory, so only few connections at a time have large ones.
struct SharedReadSizes: RecvByteBufferAllocator {
    /// What reads of a connection begin with, in bytes.
    static let initial = 8 << 10
    static let minimum = 1 << 10
    /// What a connection may have without asking.
    static let own = 64 << 10
    static let maximum = 1 << 20
    /// One connection may have the most, or some of them less.
    static let shared = Self.maximum - Self.own

    /// What a connection has of the room; it goes back with the connection.
    private final class Share: Sendable {
        private let room: ReadRoom
        private let holder: Int

        init(_ room: ReadRoom) {
            self.room = room
            self.holder = room.newHolder()
        }

        deinit { self.room.end(self.holder) }

        var isHeld: Bool { self.room.holds(self.holder) }

        func use() -> Bool { self.room.use(self.holder) }
        func grow(by bytes: Int) -> Bool { self.room.grow(self.holder, by: bytes) }
        func shrink(by bytes: Int) { self.room.shrink(self.holder, by: bytes) }
    }

    private let share: Share
    private var size = Self.initial
    private var wasHalfEmpty = false

    init(_ room: ReadRoom) { self.share = Share(room) }

    func nextBufferSize() -> Int? {
        self.size <= Self.own || self.share.isHeld ? self.size : Self.own
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: self.nextBufferSize() ?? self.size)
    }

    mutating func record(actualReadBytes count: Int) -> Bool {
        if self.size > Self.own, !self.share.use() { self.size = Self.own }
        let isHalfEmpty = count <= self.size / 2
        defer { self.wasHalfEmpty = isHalfEmpty && !self.wasHalfEmpty }
        if isHalfEmpty, self.wasHalfEmpty { self.shrink() }
        return count >= self.size && self.grow()
    }

    private mutating func shrink() {
        guard self.size > Self.minimum else { return }
        self.size /= 2
        if self.size >= Self.own { self.share.shrink(by: self.size) }
    }

    private mutating func grow() -> Bool {
        guard self.size < Self.maximum, self.size < Self.own || self.share.grow(by: self.size) else { return false }
        self.size *= 2
        return true
    }
}
