package import SwiftProtobuf

/// One protocol on a port.
package protocol RPCService: Sendable {
    /// The Java name, e.g. `org.apache.hadoop.yarn.api.ApplicationClientProtocolPB`.
    var protocolName: String { get }
    /// 1 for all of YARN's protocols.
    var protocolVersion: UInt64 { get }

    /// Answers one call. Runs on the connection's event loop and must not block; the responder may be used later, from
    /// any thread, exactly once. A method that the protocol has not: `responder.fail(.noSuchMethod(…))`.
    func handle(_ call: RPCCall, _ responder: RPCResponder)
}

extension RPCService {
    package var protocolVersion: UInt64 { 1 }
}

/// Takes the answer of one call. The first answer counts and later ones are dropped. A responder that is let go without
/// an answer fails its call.
package struct RPCResponder: Sendable {
    private let reply: PendingReply

    init(_ reply: PendingReply) {
        self.reply = reply
    }

    package func succeed(_ message: some SwiftProtobuf.Message) {
        self.reply.succeed(message)
    }

    /// Answers with an already encoded response message.
    package func succeed(bytes: [UInt8]) {
        self.reply.succeed(bytes: bytes)
    }

    package func fail(_ failure: RPCFailure) {
        self.reply.fail(failure)
    }
}
