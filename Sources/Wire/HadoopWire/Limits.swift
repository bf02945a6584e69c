/// Bounds that HadoopWire sets itself. Those that an operator may change come in from outside.
package enum WireLimits {
    /// Bytes of a frame before the caller is known. The largest token of the SASL exchange, a Kerberos ticket with many
    /// groups, stays within 64 KiB (Windows' own bound, `MaxTokenSize`); everybody else can send megabytes only once
    /// authenticated.
    package static let handshakeFrameLengthMaximum = 65_536

    /// Tokens or secrets in one credentials file. Hadoop's own hold a handful.
    package static let credentialsEntriesMaximum = 100_000

    /// Times that a client may start the SASL exchange over on one connection.
    static let saslRestartsMaximum = 1
}
