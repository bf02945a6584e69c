import HadoopWire
import SwiftProtobuf
import Synchronization

/// The one answer that a call still owes its client. The first answer counts; when none comes before the last reference
/// goes, the call fails, so that no client waits for a call that was lost inside the server.
final class PendingReply: Sendable {
    private let queue: ReplyQueue
    private let callID: Int32
    private let clientID: [UInt8]
    private let retryCount: Int32
    private let isAnswered = Atomic(false)

    init(_ call: ReceivedCall, queue: ReplyQueue) {
        self.queue = queue
        self.callID = call.callID
        self.clientID = call.clientID
        self.retryCount = call.retryCount
    }

    deinit {
        self.fail(.server("The server dropped the call without an answer"))
    }

    func succeed(_ message: some SwiftProtobuf.Message) {
        do {
            self.succeed(bytes: try message.serializedBytes())
        } catch {
            self.fail(
                RPCFailure(
                    code: .serializingResponse,
                    exceptionClass: JavaClass.rpcServer,
                    message: "The response \(type(of: message)) cannot be encoded: \(error)"
                )
            )
        }
    }

    func succeed(bytes: [UInt8]) {
        guard bytes.count <= RPCServerLimits.responseLengthMaximum else {
            return self.fail(
                RPCFailure(
                    code: .serializingResponse,
                    exceptionClass: JavaClass.rpcServer,
                    message:
                        "The response has \(bytes.count) bytes; clients take \(RPCServerLimits.responseLengthMaximum)"
                )
            )
        }
        self.answer(.success, message: bytes)
    }

    func fail(_ failure: RPCFailure) {
        let reason = ResponseHeader.Failure(
            detail: failure.code,
            exceptionClass: failure.exceptionClass,
            message: failure.message
        )
        self.answer(failure.isFatal ? .fatal(reason) : .error(reason), message: [])
    }

    private func answer(_ status: ResponseHeader.Status, message: [UInt8]) {
        guard !self.isAnswered.exchange(true, ordering: .relaxed) else { return }
        self.queue.append(
            ResponseHeader(
                callID: self.callID,
                status: status,
                clientID: self.clientID,
                retryCount: self.retryCount
            ),
            message: message
        )
    }
}
