import ClusterModel
import HadoopProtos
import ModelConversion
import ResourceManagerCore

extension ResourceManagerCore.AttemptRecord {
    init(validating proto: AttemptRecordProto) throws(ConversionError) {
        let id = try converting("id") { () throws(ConversionError) in
            try ApplicationAttemptID(validating: proto.id)
        }
        let capability = try converting("master_capability") { () throws(ConversionError) in
            try ResourceVector(validating: proto.masterCapability)
        }
        self.init(
            id: id,
            masterContainer: try proto.hasMasterContainer ? ContainerID(validating: proto.masterContainer) : nil,
            masterNode: try proto.hasMasterNode ? NodeID(validating: proto.masterNode) : nil,
            masterNodeHTTPAddress: proto.masterNodeHTTPAddress,
            masterCapability: capability,
            startedAt: Timestamp(milliseconds: proto.startedAt),
            finishedAt: Timestamp(milliseconds: proto.finishedAt),
            finalState: proto.hasFinalState ? AttemptState(proto.finalState) : nil,
            finalStatus: FinalApplicationStatus(proto.finalStatus),
            exitStatus: ContainerExitStatus(code: proto.exitStatus),
            countsAsFailure: proto.countsAsFailure,
            diagnostics: proto.diagnostics,
            host: proto.host,
            rpcPort: proto.rpcPort,
            trackingURL: proto.trackingURL,
            progress: proto.progress,
            memoryMiBMilliseconds: proto.memoryMibMilliseconds,
            vcoreMilliseconds: proto.vcoreMilliseconds,
            unknownFields: proto.keptFields
        )
    }

    var proto: AttemptRecordProto {
        var proto = AttemptRecordProto()
        proto.id = self.id.proto
        if let masterContainer = self.masterContainer {
            proto.masterContainer = masterContainer.proto
        }
        if let masterNode = self.masterNode {
            proto.masterNode = masterNode.proto
        }
        proto.masterNodeHTTPAddress = self.masterNodeHTTPAddress
        proto.masterCapability = self.masterCapability.proto
        proto.startedAt = self.startedAt.milliseconds
        proto.finishedAt = self.finishedAt.milliseconds
        if let finalState = self.finalState {
            proto.finalState = finalState.proto
        }
        proto.finalStatus = self.finalStatus.proto
        proto.exitStatus = self.exitStatus.code
        proto.countsAsFailure = self.countsAsFailure
        proto.diagnostics = self.diagnostics
        proto.host = self.host
        proto.rpcPort = self.rpcPort
        proto.trackingURL = self.trackingURL
        proto.progress = self.progress
        proto.memoryMibMilliseconds = self.memoryMiBMilliseconds
        proto.vcoreMilliseconds = self.vcoreMilliseconds
        return proto
    }
}
