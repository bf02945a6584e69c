import ClusterModel
import HadoopProtos
import ModelConversion
import NodeManagerCore

extension ContainerStatus {
    /// As ApplicationMasters and heartbeats get it.
    var proto: ContainerStatusProto {
        var proto = ContainerStatusProto()
        proto.containerID = self.container.proto
        proto.state = self.state.proto
        proto.diagnostics = self.diagnostics
        proto.exitStatus = self.exitStatus.code
        proto.capability = self.resource.proto
        proto.executionType = self.executionType.proto
        proto.containerSubState =
            switch (self.state, self.isStarting) {
            case (.complete, _): .cssDone
            case (_, true): .cssScheduled
            case (_, false): .cssRunning
            }
        return proto
    }
}

extension RegisteredContainer {
    /// As a ResourceManager gets it that has forgotten the container.
    var proto: NMContainerStatusProto {
        var proto = NMContainerStatusProto()
        proto.containerID = self.status.container.proto
        proto.containerState = self.status.state.proto
        proto.resource = self.grant.resource.proto
        proto.priority = PriorityProto(self.grant.priority)
        proto.diagnostics = self.status.diagnostics
        proto.containerExitStatus = self.status.exitStatus.code
        proto.creationTime = self.grant.createdAt.milliseconds
        if let expression = self.grant.nodeLabelExpression { proto.nodeLabelExpression = expression }
        proto.version = self.grant.version
        proto.executionType = self.grant.executionType.proto
        proto.allocationRequestID = self.grant.allocationRequestID
        proto.allocationTags = self.grant.allocationTags
        return proto
    }
}
