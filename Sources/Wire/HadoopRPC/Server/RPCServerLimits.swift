/// Bounds on what peers may take of a server. Every one protects the other peers from one that is broken or hostile.
package struct RPCServerLimits: Sendable, Hashable {
    /// Bytes of one request (`ipc.maximum.data.length`).
    package var frameLengthMaximum: Int
    /// Bytes of unfinished requests that all connections together may hold. The one that goes above it is closed.
    package var bytesHeldMaximum: Int
    /// Open connections; for one more, the one that was silent for longest is closed.
    package var connectionsMaximum: Int
    /// Unanswered calls of one connection; the server stops reading from it at this number.
    package var callsInFlightMaximum: Int
    /// From accept to the connection context.
    package var handshakeTimeout: Duration
    /// From the first byte of a request to its last.
    package var frameTimeout: Duration
    /// How long a connection may stay without calls while more than `idleThreshold` connections are open
    /// (twice `ipc.client.connection.maxidletime`).
    package var idleTimeout: Duration
    /// Open connections from which idle ones are closed after `idleTimeout` (`ipc.client.idlethreshold`).
    package var idleThreshold: Int
    /// How long a connection may stay without calls in any case.
    package var idleTimeoutMaximum: Duration
    /// How long a peer may leave its answers unread.
    package var writeTimeout: Duration
    /// How long calls in flight may take to end after `shutdown`, or after the peer has closed its side.
    package var shutdownTimeout: Duration
    /// Connections that wait for accept (`ipc.server.listen.queue.size`).
    package var listenBacklog: Int

    package init(
        frameLengthMaximum: Int = 134_217_728,
        bytesHeldMaximum: Int = 1 << 30,
        connectionsMaximum: Int = 65_536,
        callsInFlightMaximum: Int = 1024,
        handshakeTimeout: Duration = .seconds(20),
        frameTimeout: Duration = .seconds(120),
        idleTimeout: Duration = .seconds(20),
        idleThreshold: Int = 4000,
        idleTimeoutMaximum: Duration = .seconds(600),
        writeTimeout: Duration = .seconds(120),
        shutdownTimeout: Duration = .seconds(5),
        listenBacklog: Int = 256
    ) {
        self.frameLengthMaximum = frameLengthMaximum
        self.bytesHeldMaximum = bytesHeldMaximum
        self.connectionsMaximum = connectionsMaximum
        self.callsInFlightMaximum = callsInFlightMaximum
        self.handshakeTimeout = handshakeTimeout
        self.frameTimeout = frameTimeout
        self.idleTimeout = idleTimeout
        self.idleThreshold = idleThreshold
        self.idleTimeoutMaximum = idleTimeoutMaximum
        self.writeTimeout = writeTimeout
        self.shutdownTimeout = shutdownTimeout
        self.listenBacklog = listenBacklog
    }
}

extension RPCServerLimits {
    /// What Java clients take (`ipc.maximum.response.length`), less room for the header.
    static let responseLengthMaximum = 134_217_728 - 65_536

    /// How long a refused peer is given to read why.
    static let lingerTimeout = Duration.seconds(2)

    /// How often a connection is looked at: twice within the shortest limit that the looks enforce.
    var watchInterval: Duration {
        let shortest = min(self.idleTimeout, self.idleTimeoutMaximum, self.frameTimeout, self.writeTimeout)
        return max(shortest / 2, .milliseconds(5))
    }
}
