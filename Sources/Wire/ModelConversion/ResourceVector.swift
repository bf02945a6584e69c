package import ClusterModel
package import HadoopProtos

extension ResourceVector {
    /// Reads fields 1 and 2, which decide as they do in Hadoop; absent ones are 0. Of `resource_value_map` only
    /// resource types that this build does not know could count, so it is not read.
    /// - Throws: `ConversionError` when the memory is so far out that sums could overflow. Amounts that are merely
    ///   impossible (negative, above the maximum) pass: whoever asked for them gets the scheduler's own answer.
    package init(validating proto: ResourceProto) throws(ConversionError) {
        guard proto.memory.magnitude <= Self.wireMemoryMaximum else {
            throw ConversionError(
                field: "memory",
                problem: "is \(proto.memory) MiB; at most \(Self.wireMemoryMaximum) MiB can be counted"
            )
        }
        self.init(memoryMiB: proto.memory, vcores: Int64(proto.virtualCores))
    }

    /// 2^40 MiB, an exbibyte: above any cluster, and a million of them still fit in an Int64.
    private static let wireMemoryMaximum: UInt64 = 1 << 40

    /// Both the fields and the map, as every Hadoop from 3.0 writes them.
    package var proto: ResourceProto {
        var proto = ResourceProto()
        proto.memory = self.memoryMiB
        proto.virtualCores = Int32(clamping: self.vcores)
        proto.resourceValueMap = [
            Self.information("memory-mb", units: "Mi", self.memoryMiB),
            Self.information("vcores", units: "", self.vcores),
        ]
        return proto
    }

    private static func information(_ key: String, units: String, _ value: Int64) -> ResourceInformationProto {
        var proto = ResourceInformationProto()
        proto.key = key
        proto.value = value
        proto.units = units
        proto.type = .countable
        return proto
    }
}
