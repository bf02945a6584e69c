import ClusterModel
import HadoopRPC
import NIOCore
import ResourceManagerCore
import SwiftProtobuf

/// What the services share: the way to the core, and the way back to the client.
struct ServiceEdge: Sendable {
    let driver: ResourceManagerDriver
    let callers: CallerResolution
    let signer: TokenSigner
    /// Where replies with tokens are encoded and signed, so that the core's thread is not held up by it.
    let encoding: any EventLoopGroup

    var snapshot: ClusterSnapshot { self.driver.snapshot }

    /// Decodes the request, or answers the call with what is wrong with it.
    func decode<Request: SwiftProtobuf.Message>(
        _ call: RPCCall,
        _ responder: RPCResponder,
        as type: Request.Type
    ) -> Request? {
        do {
            return try call.decode(type)
        } catch {
            responder.fail(error)
            return nil
        }
    }

    /// Posts a request and encodes its reply on the driver's thread: for replies that are small and hold no token.
    func post(
        _ responder: RPCResponder,
        _ input: (RequestID) -> ResourceManagerCore.Input,
        answer: @escaping @Sendable (ResourceManagerCore.Reply) throws(RPCFailure) -> any SwiftProtobuf.Message
    ) {
        self.driver.request(input) { result in
            Self.answer(responder, result, answer)
        }
    }

    /// The same for replies that are to be signed.
    func postSigning(
        _ responder: RPCResponder,
        _ input: (RequestID) -> ResourceManagerCore.Input,
        answer: @escaping @Sendable (ResourceManagerCore.Reply) throws(RPCFailure) -> any SwiftProtobuf.Message
    ) {
        let loop = self.encoding.next()
        self.driver.request(input) { result in
            loop.execute { Self.answer(responder, result, answer) }
        }
    }

    private static func answer(
        _ responder: RPCResponder,
        _ result: Result<ResourceManagerCore.Reply, DriverStopped>,
        _ answer: (ResourceManagerCore.Reply) throws(RPCFailure) -> any SwiftProtobuf.Message
    ) {
        switch result {
        case .success(.failed(let failure)): responder.fail(RPCFailure(failure))
        case .success(let reply):
            do {
                responder.succeed(try answer(reply))
            } catch {
                responder.fail(error)
            }
        case .failure(let stopped): responder.fail(RPCFailure(stopped))
        }
    }

    /// Every kind of request has one kind of reply; another one would be this program's own fault.
    static let unexpectedReply = RPCFailure.server("The ResourceManager gave an answer to another question.")
}

extension RPCFailure {
    /// A key that was asked for has gone meanwhile; a new attempt gets a newer one.
    init(_ error: TokenSigner.UnknownKey) {
        self = .retriable(error.description)
    }
}
