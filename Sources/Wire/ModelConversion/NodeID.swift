package import ClusterModel
package import HadoopProtos

extension NodeID {
    /// - Throws: `ConversionError` when a field is missing, the host is no host name or address, or the port no port.
    package init(validating proto: NodeIdProto) throws(ConversionError) {
        guard proto.hasHost else { throw .missing("host") }
        guard proto.hasPort else { throw .missing("port") }
        guard let node = NodeID("\(proto.host):\(proto.port)") else {
            throw ConversionError(
                field: "host and port",
                problem: "are no name or address with a port from 0 to 65535"
            )
        }
        self = node
    }

    package var proto: NodeIdProto {
        var proto = NodeIdProto()
        proto.host = self.host
        proto.port = self.port
        return proto
    }
}
