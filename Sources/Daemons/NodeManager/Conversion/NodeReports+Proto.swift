import ClusterModel
import HadoopProtos
import ModelConversion
import NodeManagerCore

extension RegistrationReport {
    var proto: RegisterNodeManagerRequestProto {
        var proto = RegisterNodeManagerRequestProto()
        proto.nodeID = self.node.id.proto
        proto.httpPort = self.node.httpPort
        proto.resource = self.capability.proto
        proto.nmVersion = HeddleVersion.hadoopCompatibility
        proto.containerStatuses = self.containers.map(\.proto)
        proto.runningApplications = self.runningApplications.map(\.proto)
        proto.physicalResource = self.capability.proto
        var status = NodeStatusProto()
        status.nodeID = self.node.id.proto
        status.nodeHealthStatus = self.health.proto
        proto.nodeStatus = status
        return proto
    }
}

extension HeartbeatReport {
    /// Without the keys, which the edge adds.
    var proto: NodeStatusProto {
        var proto = NodeStatusProto()
        proto.nodeID = self.node.proto
        proto.responseID = self.responseID
        proto.containersStatuses = self.containers.map(\.proto)
        proto.nodeHealthStatus = self.health.proto
        proto.containersUtilization = self.containersUsage.proto
        proto.nodeUtilization = self.nodeUsage.proto
        return proto
    }
}

extension LogAggregationNews {
    var proto: LogAggregationReportProto {
        var proto = LogAggregationReportProto()
        proto.applicationID = self.application.proto
        proto.logAggregationStatus = self.status.proto
        proto.diagnostics = self.diagnostics
        return proto
    }
}

extension NodeHealth {
    var proto: NodeHealthStatusProto {
        var proto = NodeHealthStatusProto()
        proto.isNodeHealthy = self.isHealthy
        proto.healthReport = self.report
        proto.lastHealthReportTime = self.checkedAt.milliseconds
        return proto
    }
}

extension NodeUsage {
    var proto: ResourceUtilizationProto {
        var proto = ResourceUtilizationProto()
        proto.pmem = Int32(clamping: self.physicalMiB)
        proto.vmem = Int32(clamping: self.virtualMiB)
        proto.cpu = Float(self.cpuCores)
        return proto
    }
}

extension RegistrationAnswer {
    init(_ proto: RegisterNodeManagerResponseProto) throws(ConversionError) {
        self.init(
            action: NodeAction(rawValue: proto.nodeAction.rawValue) ?? .normal,
            resourceManagerIdentifier: proto.rmIdentifier,
            diagnostics: proto.diagnosticsMessage,
            capability: proto.hasResource ? try ResourceVector(validating: proto.resource) : nil
        )
    }
}

extension HeartbeatAnswer {
    init(_ proto: NodeHeartbeatResponseProto) throws(ConversionError) {
        func containers(_ ids: [ContainerIdProto]) throws(ConversionError) -> [ContainerID] {
            var result: [ContainerID] = []
            for id in ids { result.append(try ContainerID(validating: id)) }
            return result
        }
        var applications: [ApplicationID] = []
        for id in proto.applicationsToCleanup { applications.append(try ApplicationID(validating: id)) }
        var signals: [ContainerSignalRequest] = []
        for signal in proto.containersToSignal {
            signals.append(
                ContainerSignalRequest(
                    container: try ContainerID(validating: signal.containerID),
                    command: SignalContainerCommand(signal.command)
                )
            )
        }
        self.init(
            responseID: proto.responseID,
            action: NodeAction(rawValue: proto.nodeAction.rawValue) ?? .normal,
            diagnostics: proto.diagnosticsMessage,
            nextInterval: proto.nextHeartBeatInterval,
            containersToCleanUp: try containers(proto.containersToCleanup),
            applicationsToCleanUp: applications,
            containersToForget: try containers(proto.containersToBeRemovedFromNm),
            signals: signals,
            capability: proto.hasResource ? try ResourceVector(validating: proto.resource) : nil
        )
    }
}
