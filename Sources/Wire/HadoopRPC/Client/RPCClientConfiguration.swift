/// Time limits and bounds of a client's connections.
package struct RPCClientConfiguration: Sendable, Hashable {
    /// `ipc.client.connect.timeout`; covers name lookup, connect and the SASL exchange.
    package var connectTimeout: Duration
    /// Tries after a connection that was refused or could not be made (`ipc.client.connect.max.retries`).
    package var connectRetriesMaximum: Int
    /// Tries after one that took too long (`ipc.client.connect.max.retries.on.timeouts`).
    package var connectTimeoutRetriesMaximum: Int
    /// The wait before a try after a refusal (`ipc.client.connect.retry.interval`).
    package var connectRetryInterval: Duration
    /// From the call to its answer (`ipc.client.rpc-timeout.ms`); nil waits for as long as the server answers pings.
    package var callTimeout: Duration?
    /// How long a connection without calls is kept (`ipc.client.connection.maxidletime`).
    package var idleTimeout: Duration
    /// How long to wait for an answer before a ping is sent, so that dead peers are noticed (`ipc.ping.interval`); nil
    /// sends none (`ipc.client.ping`).
    package var pingInterval: Duration?
    /// How long what was sent may stay without the other host's word that it came (TCP_USER_TIMEOUT, RFC 5482), so that a host that
    /// is lost with all its connections is noticed; nil leaves it to the kernel, which waits for a quarter of an hour.
    package var unacknowledgedLimit: Duration?
    /// Bytes of one response (`ipc.maximum.response.length`).
    package var responseLengthMaximum: Int
    /// Whether a token holder goes on without proof when the server takes no tokens
    /// (`ipc.client.fallback-to-simple-auth-allowed`).
    package var allowsSimpleFallback: Bool

    package init(
        connectTimeout: Duration = .seconds(20),
        connectRetriesMaximum: Int = 0,
        connectTimeoutRetriesMaximum: Int = 0,
        connectRetryInterval: Duration = .seconds(1),
        callTimeout: Duration? = .seconds(120),
        idleTimeout: Duration = .seconds(10),
        pingInterval: Duration? = .seconds(60),
        unacknowledgedLimit: Duration? = nil,
        responseLengthMaximum: Int = 134_217_728,
        allowsSimpleFallback: Bool = false
    ) {
        self.connectTimeout = connectTimeout
        self.connectRetriesMaximum = connectRetriesMaximum
        self.connectTimeoutRetriesMaximum = connectTimeoutRetriesMaximum
        self.connectRetryInterval = connectRetryInterval
        self.callTimeout = callTimeout
        self.idleTimeout = idleTimeout
        self.pingInterval = pingInterval
        self.unacknowledgedLimit = unacknowledgedLimit
        self.responseLengthMaximum = responseLengthMaximum
        self.allowsSimpleFallback = allowsSimpleFallback
    }
}
