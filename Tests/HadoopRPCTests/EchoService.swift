import HadoopProtos
import HadoopRPC
import HadoopWire
import NIOConcurrencyHelpers
import NIOCore

/// A protocol that does with calls what the tests need, and remembers who called.
final class EchoService: RPCService {
    static let name = "org.example.EchoProtocolPB"

    let protocolName = EchoService.name
    private let seen = NIOLockedValueBox<[RPCCall]>([])
    private let held = NIOLockedValueBox<[RPCResponder]>([])

    var calls: [RPCCall] { self.seen.withLockedValue { $0 } }
    var heldCount: Int { self.held.withLockedValue { $0.count } }

    func handle(_ call: RPCCall, _ responder: RPCResponder) {
        self.seen.withLockedValue { $0.append(call) }
        switch call.method {
        case "echo": responder.succeed(bytes: call.request)
        case "twice":
            responder.succeed(bytes: call.request)
            responder.fail(.yarn("too late"))
        case "refuse": responder.fail(.applicationNotFound("no such application"))
        case "fatal":
            responder.fail(
                RPCFailure(code: .fatalUnknown, exceptionClass: JavaClass.io, message: "all is lost", isFatal: true)
            )
        case "hold": self.held.withLockedValue { $0.append(responder) }
        case "drop": break
        case "name":
            do {
                let message = try call.decode(UserInformationProto.self)
                responder.succeed(message)
            } catch {
                responder.fail(error)
            }
        case "incomplete": responder.succeed(RequestHeaderProto())
        default: responder.fail(.noSuchMethod(call.method, protocolName: self.protocolName))
        }
    }

    /// Answers all held calls, the last one first.
    func release() {
        let responders = self.held.withLockedValue { held in
            defer { held = [] }
            return held
        }
        for responder in responders.reversed() { responder.succeed(bytes: []) }
    }
}
