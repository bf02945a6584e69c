import ClusterModel
import HadoopProtos
import ModelConversion

/// The ResourceManager's side of a NodeManager: registers, reports what it would be running, does what it is told.
actor SimulatedNode {
    nonisolated let id: NodeID
    private let link: ServiceLink
    private var responseID: Int32 = 0
    private var containerKey = MasterKeyProto()
    private var nodeKey = MasterKeyProto()
    private var containers: [ContainerID: ContainerStateProto] = [:]
    private var beats: Int32 = 0

    init(_ number: Int, _ link: ServiceLink) {
        self.id = NodeID(host: "node\(number).bench", port: 45454)
        self.link = link
    }

    func register(memoryMiB: Int64, vcores: Int64) async throws {
        var request = RegisterNodeManagerRequestProto()
        request.nodeID = self.id.proto
        request.httpPort = 8042
        request.resource = ResourceVector(memoryMiB: memoryMiB, vcores: vcores).proto
        request.nmVersion = "3.3.4"
        let answer = try await self.link.call(
            "registerNodeManager",
            request,
            returning: RegisterNodeManagerResponseProto.self
        )
        self.containerKey = answer.containerTokenMasterKey
        self.nodeKey = answer.nmTokenMasterKey
    }

    func run(_ container: ContainerID) {
        self.containers[container] = .cRunning
    }

    /// Says what a NodeManager says every second, its use of the machine a little changed, and notes which containers are
    /// to end: the next heartbeat reports them complete.
    func heartbeat() async throws {
        let answer = try await self.link.call(
            "nodeHeartbeat",
            self.request(),
            returning: NodeHeartbeatResponseProto.self
        )
        guard answer.nodeAction == .normal else {
            throw BenchmarkFailure("the ResourceManager disowned \(self.id): \(answer.diagnosticsMessage)")
        }
        self.responseID = answer.responseID
        if answer.hasContainerTokenMasterKey { self.containerKey = answer.containerTokenMasterKey }
        if answer.hasNmTokenMasterKey { self.nodeKey = answer.nmTokenMasterKey }
        self.containers = self.containers.filter { $0.value == .cRunning }
        for id in answer.containersToCleanup {
            self.containers[try ContainerID(validating: id)] = .cComplete
        }
    }

    private func request() -> NodeHeartbeatRequestProto {
        self.beats += 1
        var request = NodeHeartbeatRequestProto()
        request.lastKnownContainerTokenMasterKey = self.containerKey
        request.lastKnownNmTokenMasterKey = self.nodeKey
        request.nodeStatus.nodeID = self.id.proto
        request.nodeStatus.responseID = self.responseID
        request.nodeStatus.nodeHealthStatus.isNodeHealthy = true
        request.nodeStatus.nodeHealthStatus.lastHealthReportTime = 1_700_000_000_000
        var utilization = ResourceUtilizationProto()
        utilization.pmem = 2000 + self.beats % 100
        utilization.vmem = 3000
        utilization.cpu = 0.25
        request.nodeStatus.nodeUtilization = utilization
        request.nodeStatus.containersUtilization = utilization
        request.nodeStatus.containersStatuses = self.containers.map { id, state in
            var status = ContainerStatusProto()
            status.containerID = id.proto
            status.state = state
            status.exitStatus = state == .cComplete ? ContainerExitStatus.abortedCode : ContainerExitStatus.invalidCode
            status.diagnostics = ""
            return status
        }
        return request
    }
}

extension ContainerExitStatus {
    /// Of a container that has not ended (ContainerExitStatus.INVALID).
    fileprivate static let invalidCode: Int32 = -1000
    /// Of a container that was released (ContainerExitStatus.ABORTED).
    fileprivate static let abortedCode: Int32 = -100
}
