import NIOCore
import Synchronization

/// Notes when a connection was last heard of.
final class UseMeter: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let lastUse = Atomic(NIODeadline.now().uptimeNanoseconds)

    var lastHeardOf: UInt64 { self.lastUse.load(ordering: .relaxed) }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.lastUse.store(NIODeadline.now().uptimeNanoseconds, ordering: .relaxed)
        context.fireChannelReadComplete()
    }
}

/// The open connections of one server: counts them, bounds them, and finds them for shutdown.
final class ConnectionRoster: Sendable {
    private struct Entry {
        var channel: any Channel
        var meter: UseMeter
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var isClosing = false
    }

    private let connectionsMaximum: Int
    private let bytesHeldMaximum: Int
    private let state = Mutex(State())
    private let bytesHeld = Atomic(0)

    /// - Parameter bytesHeldMaximum: of unfinished requests, of all connections together.
    init(connectionsMaximum: Int, bytesHeldMaximum: Int) {
        self.connectionsMaximum = connectionsMaximum
        self.bytesHeldMaximum = bytesHeldMaximum
    }

    var count: Int { self.state.withLock { $0.entries.count } }

    /// Enters a connection. When the server is full, the one that was silent for longest is closed for it: peers come back
    /// when they have something to say, while a newcomer would be kept out by whoever holds connections and is silent.
    /// - Returns: what is to be told of the connection's use; nil when the server is closing, as must then the connection.
    func add(_ channel: any Channel) -> UseMeter? {
        let meter = UseMeter()
        let (isOpen, victim) = self.state.withLock { state -> (Bool, (any Channel)?) in
            guard !state.isClosing else { return (false, nil) }
            var victim: (any Channel)?
            // A scan, but only of a full roster.
            if state.entries.count >= self.connectionsMaximum,
                let silent = state.entries.min(by: { $0.value.meter.lastHeardOf < $1.value.meter.lastHeardOf })
            {
                state.entries[silent.key] = nil
                victim = silent.value.channel
            }
            state.entries[ObjectIdentifier(channel)] = Entry(channel: channel, meter: meter)
            return (true, victim)
        }
        victim?.close(promise: nil)
        return isOpen ? meter : nil
    }

    func remove(_ channel: any Channel) {
        _ = self.state.withLock { $0.entries.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Notes that a connection holds more or fewer bytes of an unfinished request than before.
    /// - Returns: false, and nothing is noted, when all connections together would hold more than they may. What a refused
    ///   connection wanted counts for nobody else, so that one alone goes when several grow at the same time.
    func hold(_ change: Int) -> Bool {
        var total = self.bytesHeld.load(ordering: .relaxed)
        while change <= 0 || total + change <= self.bytesHeldMaximum {
            let (exchanged, original) = self.bytesHeld.weakCompareExchange(
                expected: total,
                desired: total + change,
                ordering: .relaxed
            )
            if exchanged { return true }
            total = original
        }
        return false
    }

    /// Takes no more connections, and hands over those that are open.
    func close() -> [any Channel] {
        self.state.withLock { state in
            state.isClosing = true
            return state.entries.values.map(\.channel)
        }
    }
}
