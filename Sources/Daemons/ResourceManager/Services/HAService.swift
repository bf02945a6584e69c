import HadoopProtos
import HadoopRPC
import SwiftProtobuf

/// HAServiceProtocol on the admin port: a ResourceManager without a standby is always the active one.
struct HAService: RPCService {
    let protocolName = ProtocolName.highAvailability

    func handle(_ call: RPCCall, _ responder: RPCResponder) {
        switch call.method {
        case "getServiceStatus":
            var response = GetServiceStatusResponseProto()
            response.state = .active
            response.readyToBecomeActive = true
            responder.succeed(response)
        case "monitorHealth":
            responder.succeed(MonitorHealthResponseProto())
        case "transitionToActive":
            responder.succeed(TransitionToActiveResponseProto())
        case "transitionToStandby", "transitionToObserver":
            responder.fail(
                RPCFailure(
                    exceptionClass: "org.apache.hadoop.ha.ServiceFailedException",
                    message: "\(call.method): ResourceManager HA is not enabled (yarn.resourcemanager.ha.enabled); "
                        + "there is no other ResourceManager to take over."
                )
            )
        default:
            responder.fail(.noSuchMethod(call.method, protocolName: self.protocolName))
        }
    }
}
