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
        Feature(
            key: ResourceManagerKeys.webActionsEnabled,
            off: "false",
            consequence: "pages only show; applications are killed by heddle application -kill and by REST"
        ),
        Feature(
            key: CoreKeys.rpcProtection,
            off: "authentication",
            consequence: "RPC is neither signed nor encrypted"
        ),
        Feature(
            key: CoreKeys.webAuthentication,
            off: "simple",
            consequence: "web callers only claim a name, with user.name"
        ),
        Feature(
            key: SchedulerKeys.includesPortInNodeName,
            off: "false",
            consequence: "requests name hosts; several NodeManagers on one host share its name"
        ),
        Feature(
            key: SchedulerKeys.queueMappingsOverride,
            off: "false",
            consequence: "the queue that an application names is the one it goes to"
        ),
        Feature(
            key: NodeManagerKeys.adminUserEnvironment,
            off: "",
            consequence: "only yarn.nodemanager.admin-env adds to containers' environment"
        ),
        Feature(
            key: NodeManagerKeys.opportunisticQueueLengthMaximum,
            off: "0",
            consequence: "opportunistic containers are refused"
        ),
        Feature(
            key: NodeManagerKeys.resourceManagerVersionMinimum,
            off: "none",
            consequence: "the NodeManager registers with a ResourceManager of any version"
        ),
        Feature(key: CoreKeys.prometheusEnabled, off: "false", consequence: "there is no /prom"),
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
