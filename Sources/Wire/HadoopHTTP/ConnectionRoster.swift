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
        /// Requests that are being answered, on connections that may have ended meanwhile.
        var exchanges = 0
        var isStopping = false
        var waiting: [CheckedContinuation<Void, Never>] = []

        var isEmpty: Bool { self.entries.isEmpty && self.exchanges == 0 }
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
            // It was accepted while the port was being closed.
            guard !state.isStopping else { return channel }
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
        self.leave { $0.entries[ObjectIdentifier(channel)] = nil }
    }

    /// A request is being answered from now on.
    func began() { self.state.withLockedValue { $0.exchanges += 1 } }

    func ended() { self.leave { $0.exchanges -= 1 } }

    private func leave(_ change: (inout State) -> Void) {
        let waiting = self.state.withLockedValue { state in
            change(&state)
            guard state.isEmpty else { return [] as [CheckedContinuation<Void, Never>] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    // MARK: The port's end

    /// Ends connections with the answers that they are waiting for, and those that wait for none.
    func stop() {
        let channels = self.state.withLockedValue { state in
            state.isStopping = true
            return state.entries.values.map(\.channel)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    func closeAll() {
        let channels = self.state.withLockedValue { $0.entries.values.map(\.channel) }
        for channel in channels { channel.close(promise: nil) }
    }

    /// Waits until no connection is open and no request is being answered.
    func whenEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = self.state.withLockedValue { state in
                if !state.isEmpty { state.waiting.append(continuation) }
                return state.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }
}
