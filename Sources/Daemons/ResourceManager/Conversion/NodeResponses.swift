import ClusterModel
import Foundation
import HadoopProtos
import ModelConversion
import ResourceManagerCore

extension ResourceManagerCore.NodeRegisteredReply {
    var proto: RegisterNodeManagerResponseProto {
        var proto = RegisterNodeManagerResponseProto()
        if let key = self.containerTokenKey {
            proto.containerTokenMasterKey = key.proto
        }
        if let key = self.nodeTokenKey {
            proto.nmTokenMasterKey = key.proto
        }
        proto.nodeAction = self.action.proto
        proto.rmIdentifier = self.resourceManagerIdentifier
        if !self.diagnostics.isEmpty {
            proto.diagnosticsMessage = self.diagnostics
        }
        proto.rmVersion = HeddleVersion.hadoopCompatibility
        return proto
    }
}

extension ResourceManagerCore.NodeHeartbeatReply {
    var proto: NodeHeartbeatResponseProto {
        var proto = NodeHeartbeatResponseProto()
        proto.responseID = self.responseID
        if let key = self.containerTokenKey {
            proto.containerTokenMasterKey = key.proto
        }
        if let key = self.nodeTokenKey {
            proto.nmTokenMasterKey = key.proto
        }
        proto.nodeAction = self.action.proto
        proto.containersToCleanup = self.containersToCleanUp.map(\.proto)
        proto.applicationsToCleanup = self.applicationsToCleanUp.map(\.proto)
        proto.nextHeartBeatInterval = Int64(self.nextHeartbeat / .milliseconds(1))
        if !self.diagnostics.isEmpty {
            proto.diagnosticsMessage = self.diagnostics
        }
        proto.containersToBeRemovedFromNm = self.containersToForget.map(\.proto)
        proto.containersToSignal = self.containersToSignal.map { signal in
            var request = SignalContainerRequestProto()
            request.containerID = signal.container.proto
            request.command = signal.command.proto
            return request
        }
        return proto
    }
}

extension ResourceManagerCore.NodeAction {
    fileprivate var proto: NodeActionProto {
        switch self {
        case .normal: .normal
        case .resync: .resync
        case .shutdown: .shutdown
        }
    }
}

extension MasterKey {
    fileprivate var proto: MasterKeyProto {
        var proto = MasterKeyProto()
        proto.keyID = self.id
        proto.bytes = Data(self.bytes)
        return proto
    }
}
