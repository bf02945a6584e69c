import NIOCore
import Synchronization

/// How far the reads of all connections of a port may grow together beyond what each of them may have anyway.
final class ReadRoom: Sendable {
    private let left: Mutex<Int>

    /// - Parameter bytes: one read of each connection counts, though a dozen of them may wait for whoever takes the body.
    init(bytes: Int) { self.left = Mutex(bytes) }

    func take(_ bytes: Int) -> Bool {
        self.left.withLock { left in
            guard left >= bytes else { return false }
            left -= bytes
            return true
        }
    }

    func giveBack(_ bytes: Int) { self.left.withLock { $0 += bytes } }
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
        private let taken = Mutex(0)

        init(_ room: ReadRoom) { self.room = room }

        deinit { self.room.giveBack(self.taken.withLock { $0 }) }

        func grow(by bytes: Int) -> Bool {
            guard self.room.take(bytes) else { return false }
            self.taken.withLock { $0 += bytes }
            return true
        }

        func shrink(by bytes: Int) {
            self.taken.withLock { $0 -= bytes }
            self.room.giveBack(bytes)
        }
    }

    private let share: Share
    private var size = Self.initial
    private var wasHalfEmpty = false

    init(_ room: ReadRoom) { self.share = Share(room) }

    func nextBufferSize() -> Int? { self.size }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { allocator.buffer(capacity: self.size) }

    mutating func record(actualReadBytes count: Int) -> Bool {
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
