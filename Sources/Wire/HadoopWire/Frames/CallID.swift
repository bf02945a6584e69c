/// Call ids that are not calls.
package enum CallID {
    /// A failure of the connection before or outside any call.
    package static let connectionFailed: Int32 = -1
    package static let connectionContext: Int32 = -3
    package static let ping: Int32 = -4
    package static let sasl: Int32 = -33
}

/// `rpcKind` of a request header.
enum RPCKind {
    static let protocolBuffer: UInt64 = 2
}

/// Hadoop IPC itself.
package enum IPCProtocol {
    package static let version: UInt8 = 9
    /// `hrpc`
    static let magic: [UInt8] = [0x68, 0x72, 0x70, 0x63]
    /// Bytes of the preamble.
    package static let preambleLength = 7
}
