import ClusterModel
import HadoopProtos
import ModelConversion
import ResourceManagerCore

extension NodeView {
    var report: NodeReportProto {
        var report = NodeReportProto()
        report.nodeID = self.id.proto
        report.httpAddress = self.httpAddress
        report.rackName = self.rack
        report.used = self.used.proto
        report.capability = self.capacity.proto
        report.numContainers = self.containerCount
        report.nodeState = self.state.proto
        report.healthReport = self.healthReport
        report.lastHealthReportTime = self.healthReportedAt.milliseconds
        report.nodeLabels = self.labels
        if let utilization = self.containersUtilization {
            report.containersUtilization = utilization.proto
        }
        if let utilization = self.nodeUtilization {
            report.nodeUtilization = utilization.proto
        }
        if let timeout = self.decommissioningTimeoutSeconds {
            report.decommissioningTimeout = UInt32(clamping: timeout)
        }
        return report
    }
}

extension ResourceUtilization {
    init(_ proto: ResourceUtilizationProto) {
        self.init(physicalMemoryMiB: proto.pmem, virtualMemoryMiB: proto.vmem, cpu: proto.cpu)
    }

    var proto: ResourceUtilizationProto {
        var proto = ResourceUtilizationProto()
        proto.pmem = self.physicalMemoryMiB
        proto.vmem = self.virtualMemoryMiB
        proto.cpu = self.cpu
        return proto
    }
}
