import ClusterModel
import HadoopProtos
import ModelConversion
import ResourceManagerCore

extension ResourceManagerCore.NodeRegistration {
    /// - Parameters:
    ///   - addresses: other names of the node's host, for the include and exclude lists.
    ///   - rack: where the topology places it.
    init(
        validating proto: RegisterNodeManagerRequestProto,
        addresses: [String],
        rack: String
    ) throws(ConversionError) {
        let node = try converting("node_id") { () throws(ConversionError) in try NodeID(validating: proto.nodeID) }
        let capacity = try converting("resource") { () throws(ConversionError) in
            try ResourceVector(validating: proto.resource)
        }
        guard capacity.isNonNegative else {
            throw ConversionError(field: "resource", problem: "is \(capacity); a node cannot have less than nothing")
        }
        var containers: [ResourceManagerCore.NodeContainer] = []
        for status in proto.containerStatuses {
            let container = try converting("container_statuses") { () throws(ConversionError) in
                try ResourceManagerCore.NodeContainer(validating: status)
            }
            containers.append(container)
        }
        var applications: [ApplicationID] = []
        for id in proto.runningApplications {
            let application = try converting("runningApplications") { () throws(ConversionError) in
                try ApplicationID(validating: id)
            }
            applications.append(application)
        }
        self.init(
            node: node,
            httpPort: proto.httpPort,
            capacity: capacity,
            version: proto.nmVersion,
            addresses: addresses,
            rack: rack,
            containers: containers,
            runningApplications: applications
        )
    }
}

extension ResourceManagerCore.NodeContainer {
    init(validating proto: NMContainerStatusProto) throws(ConversionError) {
        let capability = try converting("resource") { () throws(ConversionError) in
            try ResourceVector(validating: proto.resource)
        }
        self.init(
            id: try ContainerID(validating: proto.containerID),
            state: ContainerState(proto.containerState),
            capability: capability,
            priority: proto.priority.priority,
            diagnostics: proto.diagnostics,
            exitStatus: ContainerExitStatus(code: proto.containerExitStatus),
            createdAt: Timestamp(milliseconds: proto.creationTime),
            executionType: ExecutionType(proto.executionType),
            allocationRequestID: proto.allocationRequestID
        )
    }
}

extension ResourceManagerCore.NodeHeartbeat {
    init(validating proto: NodeHeartbeatRequestProto) throws(ConversionError) {
        let status = proto.nodeStatus
        let node = try converting("node_status.node_id") { () throws(ConversionError) in
            try NodeID(validating: status.nodeID)
        }
        var containers: [ResourceManagerCore.ContainerStatusReport] = []
        containers.reserveCapacity(status.containersStatuses.count)
        for container in status.containersStatuses {
            let report = try converting("node_status.containersStatuses") { () throws(ConversionError) in
                ResourceManagerCore.ContainerStatusReport(
                    id: try ContainerID(validating: container.containerID),
                    state: ContainerState(container.state),
                    exitStatus: ContainerExitStatus(code: container.exitStatus),
                    diagnostics: container.hasDiagnostics ? container.diagnostics : ""
                )
            }
            containers.append(report)
        }
        var keepAlive: [ApplicationID] = []
        for id in status.keepAliveApplications {
            keepAlive.append(try ApplicationID(validating: id))
        }
        var logReports: [ResourceManagerCore.LogAggregationReport] = []
        for report in proto.logAggregationReportsForApps where report.hasLogAggregationStatus {
            logReports.append(
                .init(
                    application: try ApplicationID(validating: report.applicationID),
                    status: LogAggregationStatus(report.logAggregationStatus),
                    diagnostics: report.hasDiagnostics ? report.diagnostics : ""
                )
            )
        }
        self.init(
            node: node,
            responseID: status.responseID,
            containers: containers,
            health: ResourceManagerCore.NodeHealth(status),
            keepAliveApplications: keepAlive,
            containersUtilization: status.hasContainersUtilization
                ? ResourceUtilization(status.containersUtilization) : nil,
            nodeUtilization: status.hasNodeUtilization ? ResourceUtilization(status.nodeUtilization) : nil,
            containerTokenKeyID: proto.hasLastKnownContainerTokenMasterKey
                ? proto.lastKnownContainerTokenMasterKey.keyID : nil,
            nodeTokenKeyID: proto.hasLastKnownNmTokenMasterKey ? proto.lastKnownNmTokenMasterKey.keyID : nil,
            logAggregationReports: logReports
        )
    }
}

extension ResourceManagerCore.NodeHealth {
    /// A node that says nothing of its health is taken to be well.
    fileprivate init(_ status: NodeStatusProto) {
        guard status.hasNodeHealthStatus else {
            self.init()
            return
        }
        self.init(
            isHealthy: status.nodeHealthStatus.isNodeHealthy,
            report: status.nodeHealthStatus.healthReport,
            reportedAt: Timestamp(milliseconds: status.nodeHealthStatus.lastHealthReportTime)
        )
    }
}
