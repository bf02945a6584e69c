import HadoopConfig

/// Keys of Hadoop that switch something on which this version does not do. Silence would let people believe that it does.
enum UnbuiltFeatures {
    private struct Feature {
        var key: any AnyConfigurationKey
        /// The value that asks for nothing.
        var off: String
        var consequence: String
    }

    private static let all: [Feature] = [
        Feature(
            key: NodeManagerKeys.logAggregationEnabled,
            off: "false",
            consequence: "logs are not aggregated; they stay on their nodes for \(NodeManagerKeys.logRetention.name)"
        ),
        Feature(
            key: SchedulerKeys.monitorEnabled,
            off: "false",
            consequence: "no container is preempted for another queue's sake"
        ),
        Feature(
            key: ResourceManagerKeys.nodeLabelsEnabled,
            off: "false",
            consequence: "nodes have no labels, and requests for one wait"
        ),
        Feature(
            key: SchedulerKeys.queueMappings,
            off: "",
            consequence: "applications go to the queue that they name, or to default"
        ),
        Feature(
            key: SchedulerKeys.resourceTypes,
            off: "",
            consequence: "memory and virtual cores are the only resources"
        ),
        Feature(
            key: CoreKeys.authorization,
            off: "false",
            consequence: "hadoop-policy.xml is not read, so it limits nobody"
        ),
        Feature(
            key: ResourceManagerKeys.highAvailabilityEnabled,
            off: "false",
            consequence: "a ResourceManager runs alone; only clients look for several"
        ),
        Feature(key: CoreKeys.prometheusEnabled, off: "false", consequence: "there is no /prom"),
        Feature(key: HeddleKeys.stagingAddress, off: "", consequence: "no staging server starts"),
    ]

    static func problems(in configuration: Configuration) -> [ConfigurationProblem] {
        self.all.compactMap { feature in
            guard let entry = configuration.entry(feature.key.name),
                let text = try? configuration.text(of: feature.key.name), feature.key.accepts(text),
                text.trimmingHadoopSpace.lowercased() != feature.off
            else { return nil }
            return ConfigurationProblem(
                .warning,
                origin: entry.origin,
                key: entry.key,
                value: entry.rawValue,
                "not built yet: \(feature.consequence)"
            )
        }
    }
}
