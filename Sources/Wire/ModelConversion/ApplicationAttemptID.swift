package import ClusterModel
package import HadoopProtos

extension ApplicationAttemptID {
    /// - Throws: `ConversionError` when a field is missing or negative.
    package init(validating proto: ApplicationAttemptIdProto) throws(ConversionError) {
        guard proto.hasApplicationID else { throw .missing("application_id") }
        guard proto.hasAttemptID else { throw .missing("attemptId") }
        guard proto.attemptID >= 0 else { throw .negative("attemptId", proto.attemptID) }
        let application = try converting("application_id") { () throws(ConversionError) in
            try ApplicationID(validating: proto.applicationID)
        }
        self.init(application: application, number: proto.attemptID)
    }

    package var proto: ApplicationAttemptIdProto {
        var proto = ApplicationAttemptIdProto()
        proto.applicationID = self.application.proto
        proto.attemptID = self.number
        return proto
    }
}
