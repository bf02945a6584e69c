import ClusterModel
import HadoopProtos
import ModelConversion
import SwiftProtobuf
import Testing

@Suite struct ResourceConversionTests {
    @Test func `fields one and two decide over the map`() throws {
        var proto = ResourceVector(memoryMiB: 2048, vcores: 3).proto
        proto.memory = 1024
        proto.virtualCores = 1
        #expect(try ResourceVector(validating: proto) == ResourceVector(memoryMiB: 1024, vcores: 1))
        proto.clearMemory()
        #expect(try ResourceVector(validating: proto) == ResourceVector(memoryMiB: 0, vcores: 1))
    }

    @Test func `the map repeats memory in Mi and vcores without a unit`() {
        let map = ResourceVector(memoryMiB: 2048, vcores: 3).proto.resourceValueMap
        #expect(map.map(\.key) == ["memory-mb", "vcores"])
        #expect(map.map(\.value) == [2048, 3])
        #expect(map.map(\.units) == ["Mi", ""])
    }

    @Test func `a memory that sums could overflow with is refused, an impossible one passes`() throws {
        var proto = ResourceProto()
        proto.memory = .max
        #expect(throws: ConversionError.self) { try ResourceVector(validating: proto) }
        proto.memory = .min
        #expect(throws: ConversionError.self) { try ResourceVector(validating: proto) }
        proto.memory = -1
        #expect(try ResourceVector(validating: proto).isNonNegative == false)
    }

    @Test(arguments: ["*", "/default-rack", "node1"])
    func `a request survives the way to the wire and back`(place: String) throws {
        let request = ResourceRequest(
            priority: 4,
            location: .init(resourceName: place),
            capability: ResourceVector(memoryMiB: 1408, vcores: 1),
            containerCount: 2,
            relaxLocality: false,
            nodeLabelExpression: place == "*" ? "gpu" : "",
            executionType: .opportunistic,
            allocationRequestID: 0
        )
        let bytes: [UInt8] = try request.proto.serializedBytes()
        #expect(try ResourceRequest(validating: ResourceRequestProto(serializedBytes: bytes)) == request)
    }

    @Test func `absent fields of a request have the protocol's defaults`() throws {
        let request = try ResourceRequest(validating: ResourceRequestProto())
        #expect(request.location == .any)
        #expect(request.relaxLocality)
        #expect(request.allocationRequestID == -1)
        #expect(request.executionType == .guaranteed)
    }
}
