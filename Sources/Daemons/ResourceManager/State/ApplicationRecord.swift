import ClusterModel
import Foundation
import HadoopProtos
import ModelConversion
import ResourceManagerCore

extension ResourceManagerCore.ApplicationRecord {
    /// The submission's fields are read from the client's context again; only who submitted is not in it.
    init(validating proto: ApplicationRecordProto) throws(ConversionError) {
        let bytes = OpaqueBytes([UInt8](proto.submissionContext))
        let submission = try converting("submission_context") { () throws(ConversionError) in
            try ApplicationSubmission(context: bytes, user: proto.user)
        }
        self.init(
            submission: submission,
            queuePath: proto.queuePath,
            submittedAt: Timestamp(milliseconds: proto.submittedAt),
            startedAt: Timestamp(milliseconds: proto.startedAt),
            launchedAt: Timestamp(milliseconds: proto.launchedAt),
            finishedAt: Timestamp(milliseconds: proto.finishedAt),
            priority: proto.priority,
            lifetimeEndsAt: proto.hasLifetimeEndsAt ? Timestamp(milliseconds: proto.lifetimeEndsAt) : nil,
            finalState: proto.hasFinalState ? ApplicationState(proto.finalState) : nil,
            finalStatus: FinalApplicationStatus(proto.finalStatus),
            diagnostics: proto.diagnostics,
            logAggregationStatus: LogAggregationStatus(proto.logAggregationStatus),
            nodeLogs: try Self.nodeLogs(proto.nodeLogs),
            unknownFields: proto.keptFields
        )
    }

    var proto: ApplicationRecordProto {
        var proto = ApplicationRecordProto()
        proto.submissionContext = Data(self.submission.context.bytes)
        proto.user = self.submission.user
        proto.queuePath = self.queuePath
        proto.submittedAt = self.submittedAt.milliseconds
        proto.startedAt = self.startedAt.milliseconds
        proto.launchedAt = self.launchedAt.milliseconds
        proto.finishedAt = self.finishedAt.milliseconds
        proto.priority = self.priority
        if let lifetimeEndsAt = self.lifetimeEndsAt {
            proto.lifetimeEndsAt = lifetimeEndsAt.milliseconds
        }
        if let finalState = self.finalState {
            proto.finalState = finalState.proto
        }
        proto.finalStatus = self.finalStatus.proto
        proto.diagnostics = self.diagnostics
        proto.logAggregationStatus = self.logAggregationStatus.proto
        proto.nodeLogs = self.nodeLogs.map { logs in
            var entry = NodeLogsProto()
            entry.node = logs.node.proto
            entry.status = logs.status.proto
            return entry
        }
        return proto
    }

    private static func nodeLogs(_ protos: [NodeLogsProto]) throws(ConversionError) -> [ResourceManagerCore.NodeLogs] {
        var result: [ResourceManagerCore.NodeLogs] = []
        for proto in protos {
            let node = try NodeID(validating: proto.node)
            result.append(ResourceManagerCore.NodeLogs(node: node, status: LogAggregationStatus(proto.status)))
        }
        return result
    }
}
