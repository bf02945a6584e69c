import SwiftProtobuf

/// The one answer that a call still owes its client.
final class PendingReply: Sendable {
    func succeed(_ message: some SwiftProtobuf.Message) {}

    func succeed(bytes: [UInt8]) {}

    func fail(_ failure: RPCFailure) {}
}
