import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import ModelConversion
import ResourceManagerCore
import SwiftProtobuf

extension ClientService {
    func getNewApplication(_ call: RPCCall, _ responder: RPCResponder) {
        guard self.edge.decode(call, responder, as: GetNewApplicationRequestProto.self) != nil else { return }
        self.edge.post(
            responder,
            { .newApplicationRequested($0) },
            answer: { reply throws(RPCFailure) in
                guard case .newApplication(let id, let maximumAllocation) = reply else {
                    throw ServiceEdge.unexpectedReply
                }
                var response = GetNewApplicationResponseProto()
                response.applicationID = id.proto
                response.maximumCapability = maximumAllocation.proto
                return response
            }
        )
    }

    func submitApplication(_ call: RPCCall, _ responder: RPCResponder) {
        self.edge.callers.resolve(call.caller) { caller in
            let submission: ApplicationSubmission
            do throws(ConversionError) {
                let context = try SubmissionBytes.context(in: call.request)
                submission = try ApplicationSubmission(context: context, user: caller.user)
            } catch {
                responder.fail(.malformed(call.method, error))
                return
            }
            self.edge.post(
                responder,
                { .applicationSubmitted($0, submission, by: caller) },
                answer: { _ in SubmitApplicationResponseProto() }
            )
        }
    }

    func forceKillApplication(_ call: RPCCall, _ responder: RPCResponder) {
        self.write(call, responder, KillApplicationRequestProto.self) { request, caller throws(ConversionError) in
            let id = try ApplicationID(validating: request.applicationID)
            let diagnostics = request.hasDiagnostics ? request.diagnostics : nil
            return { .killRequested($0, id, diagnostics: diagnostics, by: caller) }
        } answer: { reply throws(RPCFailure) in
            guard case .kill(let isCompleted) = reply else { throw ServiceEdge.unexpectedReply }
            var response = KillApplicationResponseProto()
            response.isKillCompleted = isCompleted
            return response
        }
    }

    func failApplicationAttempt(_ call: RPCCall, _ responder: RPCResponder) {
        self.write(call, responder, FailApplicationAttemptRequestProto.self) {
            request,
            caller throws(ConversionError) in
            let id = try ApplicationAttemptID(validating: request.applicationAttemptID)
            return { .attemptFailureRequested($0, id, by: caller) }
        } answer: { _ in
            FailApplicationAttemptResponseProto()
        }
    }

    func moveApplicationAcrossQueues(_ call: RPCCall, _ responder: RPCResponder) {
        self.write(call, responder, MoveApplicationAcrossQueuesRequestProto.self) {
            request,
            caller throws(ConversionError) in
            let id = try ApplicationID(validating: request.applicationID)
            let queue = request.targetQueue
            return { .queueMoveRequested($0, id, queue: queue, by: caller) }
        } answer: { _ in
            MoveApplicationAcrossQueuesResponseProto()
        }
    }

    func updateApplicationPriority(_ call: RPCCall, _ responder: RPCResponder) {
        self.write(call, responder, UpdateApplicationPriorityRequestProto.self) {
            request,
            caller throws(ConversionError) in
            let id = try ApplicationID(validating: request.applicationID)
            let priority = request.applicationPriority.priority
            return { .priorityUpdateRequested($0, id, priority: priority, by: caller) }
        } answer: { reply throws(RPCFailure) in
            guard case .priority(let priority) = reply else { throw ServiceEdge.unexpectedReply }
            var response = UpdateApplicationPriorityResponseProto()
            response.applicationPriority = PriorityProto(priority)
            return response
        }
    }

    func updateApplicationTimeouts(_ call: RPCCall, _ responder: RPCResponder) {
        self.write(call, responder, UpdateApplicationTimeoutsRequestProto.self) {
            request,
            caller throws(ConversionError) in
            let id = try ApplicationID(validating: request.applicationID)
            let lifetime = request.applicationTimeouts.last { $0.applicationTimeoutType == .appTimeoutLifetime }
            guard let lifetime else {
                throw ConversionError(
                    field: "application_timeouts",
                    problem: "has no LIFETIME, the one timeout that can be set"
                )
            }
            guard let expiresAt = ISO8601.timestamp(lifetime.expireTime) else {
                throw ConversionError(
                    field: "expire_time",
                    problem: "is \(lifetime.expireTime); expected is a date as 2026-11-23T17:09:56.000+0000"
                )
            }
            return { .timeoutUpdateRequested($0, id, expiresAt: expiresAt, by: caller) }
        } answer: { reply throws(RPCFailure) in
            guard case .timeout(let expiresAt) = reply else { throw ServiceEdge.unexpectedReply }
            var timeout = ApplicationUpdateTimeoutMapProto()
            timeout.applicationTimeoutType = .appTimeoutLifetime
            timeout.expireTime = ISO8601.text(expiresAt)
            var response = UpdateApplicationTimeoutsResponseProto()
            response.applicationTimeouts = [timeout]
            return response
        }
    }

    func signalToContainer(_ call: RPCCall, _ responder: RPCResponder) {
        self.write(call, responder, SignalContainerRequestProto.self) { request, caller throws(ConversionError) in
            let id = try ContainerID(validating: request.containerID)
            let command = SignalContainerCommand(request.command)
            return { .containerSignalRequested($0, id, command, by: caller) }
        } answer: { _ in
            SignalContainerResponseProto()
        }
    }
}
