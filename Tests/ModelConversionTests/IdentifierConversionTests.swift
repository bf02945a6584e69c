import ClusterModel
import HadoopProtos
import ModelConversion
import SwiftProtobuf
import Testing

@Suite struct IdentifierConversionTests {
    private let application = ApplicationID(clusterTimestamp: 1_795_444_458_112, number: 7)

    @Test func `identifiers survive the way to the wire and back`() throws {
        let attempt = ApplicationAttemptID(application: self.application, number: 2)
        let container = ContainerID(attempt: attempt, epoch: 3, sequence: 12)
        #expect(try ApplicationID(validating: self.application.proto) == self.application)
        #expect(try ApplicationAttemptID(validating: attempt.proto) == attempt)
        #expect(try ContainerID(validating: container.proto) == container)
        for text in ["127.0.0.2:45454", "node-1.example.org:0", "localhost:65535"] {
            let node = try #require(NodeID(text))
            #expect(try NodeID(validating: node.proto) == node)
        }
    }

    @Test func `an identifier with a missing field names the path to it`() {
        var proto = ContainerID(
            attempt: ApplicationAttemptID(application: self.application, number: 1),
            epoch: 0,
            sequence: 1
        ).proto
        proto.appAttemptID.applicationID.clearClusterTimestamp()
        let error = #expect(throws: ConversionError.self) { try ContainerID(validating: proto) }
        #expect(error?.description == "app_attempt_id.application_id.cluster_timestamp is missing")
    }

    @Test func `negative numbers have no text form and are refused`() {
        var proto = self.application.proto
        proto.id = -1
        #expect(throws: ConversionError.self) { try ApplicationID(validating: proto) }
        var container = ContainerIdProto()
        container.id = -5
        container.appAttemptID = ApplicationAttemptID(application: self.application, number: 1).proto
        #expect(throws: ConversionError.self) { try ContainerID(validating: container) }
    }

    @Test(arguments: [("../../etc", Int32(1)), ("", 1), ("host", -1), ("host", 70_000), ("a b", 1), ("host/x", 1)])
    func `a host or port that could not be one is refused`(host: String, port: Int32) {
        var proto = NodeIdProto()
        proto.host = host
        proto.port = port
        #expect(throws: ConversionError.self) { try NodeID(validating: proto) }
    }
}
