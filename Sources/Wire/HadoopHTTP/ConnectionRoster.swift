import NIOConcurrencyHelpers
import NIOCore

/// How many requests of one connection have come in whole and are not answered yet. They are answered in order, so more
/// than none means that the one being answered is among them.
final class WholeRequests: Sendable {
    private let count = NIOLockedValueBox(0)

    var isCurrentWhole: Bool { self.count.withLockedValue { $0 > 0 } }

    func cameIn() { self.count.withLockedValue { $0 += 1 } }

    /// An answer may go out before its request has come in whole; the count is below zero until it has.
    func wasAnswered() { self.count.withLockedValue { $0 -= 1 } }
}

/// The open connections of one port, over all its event loops: who is idle since when.
final class ConnectionRoster: Sendable {
    private struct Entry {
        var channel: any Channel
        let requests = WholeRequests()
        /// Counts up with every change of any connection; nil while a request is being answered.
        var idleSince: UInt64?
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var tick: UInt64 = 0
    }

    private let connectionsMaximum: Int
    private let state = NIOLockedValueBox(State())

    init(connectionsMaximum: Int) {
        self.connectionsMaximum = connectionsMaximum
    }

    var count: Int { self.state.withLockedValue { $0.entries.count } }

    /// Enters a connection. Above the limit the one that has been idle longest is closed, or this one if all others
    /// are being served.
    /// - Returns: the connection's count of requests.
    func opened(_ channel: any Channel) -> WholeRequests {
        let (requests, victim) = self.state.withLockedValue { state -> (WholeRequests, (any Channel)?) in
            state.tick += 1
            let entry = Entry(channel: channel, idleSince: state.tick)
            state.entries[ObjectIdentifier(channel)] = entry
            guard state.entries.count > self.connectionsMaximum else { return (entry.requests, nil) }
            // A scan, but only of a full roster, and it costs less than the accept it follows.
            let idle = state.entries.values.filter { $0.idleSince != nil }
            let oldest = idle.min { ($0.idleSince ?? .max) < ($1.idleSince ?? .max) }
            if let oldest { state.entries[ObjectIdentifier(oldest.channel)] = nil }
            return (entry.requests, oldest?.channel)
        }
        victim?.close(promise: nil)
        return requests
    }

    /// Nil for a connection that is closed.
    func requests(of channel: any Channel) -> WholeRequests? {
        self.state.withLockedValue { $0.entries[ObjectIdentifier(channel)]?.requests }
    }

    func becameBusy(_ channel: any Channel) {
        self.state.withLockedValue { $0.entries[ObjectIdentifier(channel)]?.idleSince = nil }
    }

    func becameIdle(_ channel: any Channel) {
        self.state.withLockedValue { state in
            state.tick += 1
            state.entries[ObjectIdentifier(channel)]?.idleSince = state.tick
        }
    }

    func closed(_ channel: any Channel) {
        self.state.withLockedValue { $0.entries[ObjectIdentifier(channel)] = nil }
    }

    func closeAll() {
        let channels = self.state.withLockedValue { $0.entries.values.map(\.channel) }
        for channel in channels { channel.close(promise: nil) }
    }
}
