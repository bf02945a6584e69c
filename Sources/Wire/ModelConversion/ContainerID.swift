package import ClusterModel
package import HadoopProtos

extension ContainerID {
    /// - Throws: `ConversionError` when a field is missing or negative. `app_id` is not read: the attempt names it.
    package init(validating proto: ContainerIdProto) throws(ConversionError) {
        guard proto.hasAppAttemptID else { throw .missing("app_attempt_id") }
        guard proto.hasID else { throw .missing("id") }
        guard proto.id >= 0 else { throw .negative("id", proto.id) }
        let attempt = try converting("app_attempt_id") { () throws(ConversionError) in
            try ApplicationAttemptID(validating: proto.appAttemptID)
        }
        self.init(attempt: attempt, packed: proto.id)
    }

    package var proto: ContainerIdProto {
        var proto = ContainerIdProto()
        proto.appAttemptID = self.attempt.proto
        proto.id = self.packed
        return proto
    }
}
