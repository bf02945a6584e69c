package import ClusterModel
package import HadoopProtos

extension ApplicationID {
    /// - Throws: `ConversionError` when a field is missing or negative: the text form has no place for a sign.
    package init(validating proto: ApplicationIdProto) throws(ConversionError) {
        guard proto.hasID else { throw .missing("id") }
        guard proto.hasClusterTimestamp else { throw .missing("cluster_timestamp") }
        guard proto.id >= 0 else { throw .negative("id", proto.id) }
        guard proto.clusterTimestamp >= 0 else { throw .negative("cluster_timestamp", proto.clusterTimestamp) }
        self.init(clusterTimestamp: proto.clusterTimestamp, number: proto.id)
    }

    package var proto: ApplicationIdProto {
        var proto = ApplicationIdProto()
        proto.id = self.number
        proto.clusterTimestamp = self.clusterTimestamp
        return proto
    }
}
