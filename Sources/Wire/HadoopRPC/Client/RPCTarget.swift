package import HadoopWire

/// Whom to call and as whom. Calls with equal targets share a connection.
package struct RPCTarget: Sendable, Hashable {
    package var host: String
    package var port: Int
    /// The Java name of the protocol.
    package var protocolName: String
    package var protocolVersion: UInt64
    package var identity: Identity

    package enum Identity: Sendable, Hashable {
        /// Claim to be `user`; with `realUser`, act as `user` on behalf of the real one.
        case simple(user: String, realUser: String? = nil)
        /// Prove to hold the token. `user` is only for messages.
        case token(user: String, HadoopToken)
    }

    package init(host: String, port: Int, protocolName: String, protocolVersion: UInt64 = 1, identity: Identity) {
        self.host = host
        self.port = port
        self.protocolName = protocolName
        self.protocolVersion = protocolVersion
        self.identity = identity
    }
}

/// A call that got no answer from the server: no connection, a lost one, a time limit, or bytes that are not the
/// protocol's. Whether the server carried the call out is unknown unless `kind` says that it was never sent.
package struct RPCConnectionError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// No connection came about: refused, unknown host, unreachable, or the connect time limit. Never sent.
        case notConnected
        /// The connection ended while the call was open.
        case connectionLost
        /// The call's time limit passed.
        case timedOut
        /// The peer's bytes are not Hadoop RPC, or its SASL answer is unacceptable.
        case protocolViolation
        /// The client was shut down.
        case closed
    }

    package var kind: Kind
    package var host: String
    package var port: Int
    package var reason: String

    package init(kind: Kind, host: String, port: Int, reason: String) {
        self.kind = kind
        self.host = host
        self.port = port
        self.reason = reason
    }

    package var description: String { "Call to \(self.host):\(self.port) failed: \(self.reason)" }
}
