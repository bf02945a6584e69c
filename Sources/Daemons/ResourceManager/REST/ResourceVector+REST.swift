package import ClusterModel
package import HadoopHTTP

extension ResourceVector {
    /// ResourceInfo: the two amounts, then each type with the bounds of one container.
    /// - Parameters:
    ///   - minimum: smallest container, where Hadoop shows it; else 0.
    ///   - maximum: largest container, where Hadoop shows it; else no bound.
    package func rest(minimum: ResourceVector = .zero, maximum: ResourceVector? = nil) -> RESTObject {
        var informations = RESTObject()
        informations.add(
            "resourceInformation",
            [
                Self.information(
                    "memory-mb",
                    units: "Mi",
                    value: self.memoryMiB,
                    minimum: minimum.memoryMiB,
                    maximum: maximum?.memoryMiB
                ),
                Self.information(
                    "vcores",
                    units: "",
                    value: self.vcores,
                    minimum: minimum.vcores,
                    maximum: maximum?.vcores
                ),
            ]
        )
        var resource = RESTObject()
        resource.add("memory", self.memoryMiB)
        resource.add("vCores", self.vcores)
        resource.add("resourceInformations", informations)
        return resource
    }

    private static func information(
        _ name: String,
        units: String,
        value: Int64,
        minimum: Int64,
        maximum: Int64?
    ) -> RESTObject {
        var information = RESTObject()
        information.add("maximumAllocation", maximum ?? .max)
        information.add("minimumAllocation", minimum)
        information.add("name", name)
        information.add("resourceType", "COUNTABLE")
        information.add("units", units)
        information.add("value", value)
        return information
    }
}

/// A map from resource types to amounts.
enum ResourceMap {
    /// The entries of a map in an application: the member `entry` repeats, even in JSON, where Hadoop writes it twice
    /// too. Amounts are strings.
    static func repeatedEntries(memory: Int64, vcores: Int64) -> RESTObject {
        var map = RESTObject()
        map.add("entry", self.entry("memory-mb", memory))
        map.add("entry", self.entry("vcores", vcores))
        return map
    }

    /// The entries of a map in a container: an array.
    static func listedEntries(memory: Int64, vcores: Int64) -> RESTObject {
        var map = RESTObject()
        map.add("entry", [self.entry("memory-mb", memory), self.entry("vcores", vcores)])
        return map
    }

    private static func entry(_ key: String, _ value: Int64) -> RESTObject {
        var entry = RESTObject()
        entry.add("key", key)
        entry.add("value", String(value))
        return entry
    }
}
