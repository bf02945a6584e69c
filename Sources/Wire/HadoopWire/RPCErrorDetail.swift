/// `errorDetail` of a response header: what kind of failure a call or a connection met. Raw values are the protocol's.
package enum RPCErrorDetail: Int, Hashable, Sendable {
    /// The service itself refused or failed the call.
    case application = 1
    case noSuchMethod = 2
    case noSuchProtocol = 3
    case rpcServer = 4
    case serializingResponse = 5
    case rpcVersionMismatch = 6
    case fatalUnknown = 10
    case fatalUnsupportedSerialization = 11
    case fatalInvalidRPCHeader = 12
    case fatalDeserializingRequest = 13
    case fatalVersionMismatch = 14
    case fatalUnauthorized = 15
}
