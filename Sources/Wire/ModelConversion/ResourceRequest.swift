package import ClusterModel
package import HadoopProtos

extension ResourceRequest {
    /// An absent place means anywhere. Sizes and counts are the scheduler's to judge.
    /// - Throws: `ConversionError` when the capability cannot be counted or the place is longer than a host or rack name.
    package init(validating proto: ResourceRequestProto) throws(ConversionError) {
        guard proto.resourceName.utf8.count <= Self.placeLengthMaximum else {
            throw ConversionError(
                field: "resource_name",
                problem: "has \(proto.resourceName.utf8.count) bytes; at most \(Self.placeLengthMaximum) are accepted"
            )
        }
        let capability = try converting("capability") { () throws(ConversionError) in
            try ResourceVector(validating: proto.capability)
        }
        self.init(
            priority: proto.priority.priority,
            location: Location(resourceName: proto.hasResourceName ? proto.resourceName : "*"),
            capability: capability,
            containerCount: proto.numContainers,
            relaxLocality: proto.relaxLocality,
            nodeLabelExpression: proto.nodeLabelExpression,
            executionType: ExecutionType(proto.executionTypeRequest.executionType),
            allocationRequestID: proto.allocationRequestID
        )
    }

    /// A rack path of some levels; a host name has at most 255 bytes.
    private static let placeLengthMaximum = 1024

    package var proto: ResourceRequestProto {
        var proto = ResourceRequestProto()
        proto.priority = PriorityProto(self.priority)
        proto.resourceName = self.location.resourceName
        proto.capability = self.capability.proto
        proto.numContainers = self.containerCount
        proto.relaxLocality = self.relaxLocality
        if !self.nodeLabelExpression.isEmpty {
            proto.nodeLabelExpression = self.nodeLabelExpression
        }
        proto.executionTypeRequest.executionType = self.executionType.proto
        proto.allocationRequestID = self.allocationRequestID
        return proto
    }
}
