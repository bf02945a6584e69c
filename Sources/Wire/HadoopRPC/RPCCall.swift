package import SwiftProtobuf

/// One decoded call, ready for a service.
package struct RPCCall: Sendable {
    /// The rpc's name as on the wire, e.g. `getNewApplication`.
    package var method: String
    /// The Java name of the protocol, e.g. `org.apache.hadoop.yarn.api.ApplicationClientProtocolPB`.
    package var protocolName: String
    package var protocolVersion: UInt64
    /// The request message's own bytes, unknown fields included.
    package var request: [UInt8]
    package var caller: RPCCaller
    /// What the client says the call is part of (`hadoop.caller.context`), for audit logs; nil when it sent none.
    package var callerContext: String?

    package init(
        method: String,
        protocolName: String,
        protocolVersion: UInt64 = 1,
        request: [UInt8],
        caller: RPCCaller,
        callerContext: String? = nil
    ) {
        self.method = method
        self.protocolName = protocolName
        self.protocolVersion = protocolVersion
        self.request = request
        self.caller = caller
        self.callerContext = callerContext
    }

    /// The request as a message. Throws what the client is to be told when the bytes are not such a message.
    package func decode<M: SwiftProtobuf.Message>(_ type: M.Type) throws(RPCFailure) -> M {
        do {
            return try M(serializedBytes: self.request)
        } catch {
            throw .undecodableRequest(method: self.method, protocolName: self.protocolName, reason: "\(error)")
        }
    }
}
