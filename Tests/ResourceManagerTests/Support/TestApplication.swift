import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import ModelConversion
import SwiftProtobuf
import TestSupport
import Testing

extension TestResourceManager {
    func newApplication() async throws -> ApplicationID {
        let response: GetNewApplicationResponseProto = try await self.call(
            "getNewApplication",
            GetNewApplicationRequestProto()
        )
        return try ApplicationID(validating: response.applicationID)
    }

    static func context(_ id: ApplicationID, memoryMiB: Int64 = 512) -> ApplicationSubmissionContextProto {
        var context = ApplicationSubmissionContextProto()
        context.applicationID = id.proto
        context.applicationName = "pi"
        context.queue = "default"
        context.applicationType = "SPARK"
        context.resource = ResourceVector(memoryMiB: memoryMiB, vcores: 1).proto
        context.amContainerSpec.command = ["{{JAVA_HOME}}/bin/java", "1>", "<LOG_DIR>/stdout"]
        var variable = StringStringMapProto()
        variable.key = "SPARK_USER"
        variable.value = "alice"
        context.amContainerSpec.environment = [variable]
        return context
    }

    /// Submits an application.
    @discardableResult
    func submit(
        as user: String = "alice",
        _ change: (inout ApplicationSubmissionContextProto) -> Void = { _ in }
    ) async throws -> ApplicationID {
        let id = try await self.newApplication()
        var request = SubmitApplicationRequestProto()
        request.applicationSubmissionContext = Self.context(id)
        change(&request.applicationSubmissionContext)
        let _: SubmitApplicationResponseProto = try await self.call("submitApplication", request, as: user)
        return id
    }

    func report(_ id: ApplicationID, as user: String = "alice") async throws -> ApplicationReportProto {
        var request = GetApplicationReportRequestProto()
        request.applicationID = id.proto
        let response: GetApplicationReportResponseProto = try await self.call(
            "getApplicationReport",
            request,
            as: user
        )
        return response.applicationReport
    }

    /// The report, once the application is in this state.
    @discardableResult
    func reached(_ state: YarnApplicationStateProto, _ id: ApplicationID) async throws -> ApplicationReportProto {
        try await eventualValue("\(id) in \(state)") {
            let report = try await self.report(id)
            return report.yarnApplicationState == state ? report : nil
        }
    }

    func kill(_ id: ApplicationID, as user: String = "alice") async throws -> Bool {
        var request = KillApplicationRequestProto()
        request.applicationID = id.proto
        let response: KillApplicationResponseProto = try await self.call("forceKillApplication", request, as: user)
        return response.isKillCompleted
    }

    // MARK: As an ApplicationMaster

    func register(
        _ token: HadoopToken,
        _ change: (inout RegisterApplicationMasterRequestProto) -> Void = { _ in }
    ) async throws -> RegisterApplicationMasterResponseProto {
        var request = RegisterApplicationMasterRequestProto()
        request.host = "127.0.0.1"
        request.rpcPort = 4040
        request.trackingURL = "http://127.0.0.1:4040"
        change(&request)
        return try await self.call("registerApplicationMaster", request, token: token)
    }

    func allocate(
        _ token: HadoopToken,
        responseID: Int32,
        containers: Int32? = nil,
        memoryMiB: Int64 = 256,
        _ change: (inout AllocateRequestProto) -> Void = { _ in }
    ) async throws -> AllocateResponseProto {
        var request = AllocateRequestProto()
        request.responseID = responseID
        request.progress = 0.25
        request.blacklistRequest = ResourceBlacklistRequestProto()
        if let containers {
            request.ask = [
                ResourceRequest(
                    priority: 1,
                    location: .any,
                    capability: ResourceVector(memoryMiB: memoryMiB, vcores: 1),
                    containerCount: containers,
                    allocationRequestID: 7
                ).proto
            ]
        }
        change(&request)
        return try await self.call("allocate", request, token: token)
    }

    func finish(
        _ token: HadoopToken,
        _ status: FinalApplicationStatusProto = .appSucceeded
    ) async throws -> FinishApplicationMasterResponseProto {
        var request = FinishApplicationMasterRequestProto()
        request.finalApplicationStatus = status
        request.diagnostics = "all done"
        request.trackingURL = ""
        return try await self.call("finishApplicationMaster", request, token: token)
    }
}
