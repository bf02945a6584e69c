import NIOConcurrencyHelpers
import NIOCore

/// The open connections of one port, over all its event loops: who is idle since when.
final class ConnectionRoster: Sendable {
    private struct Entry {
        var channel: any Channel
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
    func opened(_ channel: any Channel) {
        let victim = self.state.withLockedValue { state -> (any Channel)? in
            state.tick += 1
            state.entries[ObjectIdentifier(channel)] = Entry(channel: channel, idleSince: state.tick)
            guard state.entries.count > self.connectionsMaximum else { return nil }
            // A scan, but only of a full roster, and it costs less than the accept it follows.
            let idle = state.entries.values.filter { $0.idleSince != nil }
            let oldest = idle.min { ($0.idleSince ?? .max) < ($1.idleSince ?? .max) }
            if let oldest { state.entries[ObjectIdentifier(oldest.channel)] = nil }
            return oldest?.channel
        }
        victim?.close(promise: nil)
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
