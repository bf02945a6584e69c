import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import ModelConversion

/// An unmanaged ApplicationMaster: its application is submitted as its own client, and needs no container to run in.
struct SimulatedMaster: Sendable {
    private let link: ServiceLink
    private var responseID: Int32 = 0

    /// Submits an application and waits for its AMRMToken.
    init(_ resourceManager: MeasuredResourceManager) async throws {
        let clients = resourceManager.clients()
        let new = try await clients.call(
            "getNewApplication",
            GetNewApplicationRequestProto(),
            returning: GetNewApplicationResponseProto.self
        )
        var submission = SubmitApplicationRequestProto()
        submission.applicationSubmissionContext.applicationID = new.applicationID
        submission.applicationSubmissionContext.applicationName = "bench"
        submission.applicationSubmissionContext.queue = "default"
        submission.applicationSubmissionContext.applicationType = "BENCH"
        submission.applicationSubmissionContext.unmanagedAm = true
        submission.applicationSubmissionContext.amContainerSpec = ContainerLaunchContextProto()
        _ = try await clients.call(
            "submitApplication",
            submission,
            returning: SubmitApplicationResponseProto.self
        )
        let token = try await Self.token(of: new.applicationID, clients)
        self.link = resourceManager.masters(.token(user: "bench", token))
    }

    private static func token(of application: ApplicationIdProto, _ clients: ServiceLink) async throws -> HadoopToken {
        var request = GetApplicationReportRequestProto()
        request.applicationID = application
        for _ in 0..<Self.patience {
            let report = try await clients.call(
                "getApplicationReport",
                request,
                returning: GetApplicationReportResponseProto.self
            ).applicationReport
            if report.hasAmRmToken { return HadoopToken(report.amRmToken) }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw BenchmarkFailure("an unmanaged application got no AMRMToken")
    }

    /// Looks of two milliseconds each.
    private static let patience = 5000

    func register() async throws {
        var request = RegisterApplicationMasterRequestProto()
        request.host = "127.0.0.1"
        request.rpcPort = 0
        request.trackingURL = ""
        _ = try await self.link.call(
            "registerApplicationMaster",
            request,
            returning: RegisterApplicationMasterResponseProto.self
        )
    }

    /// One allocate.
    /// - Parameters:
    ///   - total: how many containers are wanted now; nil leaves that as it is.
    ///   - released: what is given back.
    mutating func allocate(
        total: Int32? = nil,
        released: [ContainerIdProto] = []
    ) async throws -> AllocateResponseProto {
        var request = AllocateRequestProto()
        request.responseID = self.responseID
        request.progress = 0.5
        request.release = released
        if let total {
            request.ask = [
                ResourceRequest(
                    priority: 1,
                    location: .any,
                    capability: ResourceVector(memoryMiB: 256, vcores: 1),
                    containerCount: total,
                    allocationRequestID: 1
                ).proto
            ]
        }
        let answer = try await self.link.call("allocate", request, returning: AllocateResponseProto.self)
        self.responseID = answer.responseID
        return answer
    }

    /// As many containers as asked for; mostly the first answer brings them all.
    mutating func containers(_ count: Int) async throws -> [ContainerProto] {
        var granted = try await self.allocate(total: Int32(count)).allocatedContainers
        for _ in 0..<Self.patience where granted.count < count {
            granted += try await self.allocate().allocatedContainers
        }
        guard granted.count == count else {
            throw BenchmarkFailure("\(granted.count) of \(count) containers were granted")
        }
        return granted
    }

    /// Ends the application.
    func finish() async throws {
        var request = FinishApplicationMasterRequestProto()
        request.finalApplicationStatus = .appSucceeded
        for _ in 0..<Self.patience {
            let answer = try await self.link.call(
                "finishApplicationMaster",
                request,
                returning: FinishApplicationMasterResponseProto.self
            )
            if answer.isUnregistered { return }
        }
    }
}
