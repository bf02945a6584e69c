import NIOCore
import Synchronization

/// The open connections of one server: counts them, bounds them, and finds them for shutdown.
final class ConnectionRoster: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosing = false
    }

    private let maximum: Int
    private let state = Mutex(State())
    private let bytesHeld = Atomic(0)

    init(maximum: Int) {
        self.maximum = maximum
    }

    var count: Int { self.state.withLock { $0.channels.count } }

    /// - Returns: false when the server is full or closing; the connection must then be closed.
    func add(_ channel: any Channel) -> Bool {
        self.state.withLock { state in
            guard !state.isClosing, state.channels.count < self.maximum else { return false }
            state.channels[ObjectIdentifier(channel)] = channel
            return true
        }
    }

    func remove(_ channel: any Channel) {
        _ = self.state.withLock { $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Notes that a connection holds more or fewer bytes of an unfinished request than before.
    /// - Returns: how many all connections hold together now.
    func hold(_ change: Int) -> Int {
        self.bytesHeld.add(change, ordering: .relaxed).newValue
    }

    /// Takes no more connections, and hands over those that are open.
    func close() -> [any Channel] {
        self.state.withLock { state in
            state.isClosing = true
            return Array(state.channels.values)
        }
    }
}
