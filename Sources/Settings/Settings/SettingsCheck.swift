import ClusterModel
package import HadoopConfig
import NodeManagerCore
import ResourceManagerCore
import SchedulerCore

/// Everything wrong or odd about a configuration, for `heddle conf -check` and `heddle doctor`: each property by itself,
/// then what the daemons and clients would say, then values that do not fit together or ask for what is not built.
package enum SettingsCheck {
    package static func problems(in configuration: Configuration) -> [ConfigurationProblem] {
        var problems = configuration.check()
        func add(_ found: [ConfigurationProblem]) {
            // A bad value has been found by its form already, and both daemons stumble over the same one.
            for problem in found where !problems.contains(where: { $0.key == problem.key && $0.severity == .error }) {
                problems.append(problem)
            }
        }
        add(Self.clientProblems(configuration))
        add(Self.resourceManagerProblems(configuration))
        add(Self.nodeManagerProblems(configuration))
        add(Self.queueProblems(configuration))
        add(UnbuiltFeatures.problems(in: configuration))
        return problems
    }

    private static func clientProblems(_ configuration: Configuration) -> [ConfigurationProblem] {
        let settings: ClientSettings
        do throws(ConfigurationError) {
            settings = try ClientSettings(configuration)
        } catch {
            return error.problems
        }
        let hostname = ResourceManagerKeys.hostname
        let isNamed =
            configuration.isSet(hostname) || configuration.isSet(ResourceManagerKeys.address)
            || configuration.isSet(ResourceManagerKeys.highAvailabilityIDs)
        guard !isNamed else {
            return settings.resourceManagers.compactMap { Self.wildcard($0, configuration) }
        }
        return [
            ConfigurationProblem(
                .warning,
                key: hostname.name,
                "not set, so clients look for the ResourceManager at 0.0.0.0:8032, which is right on its own machine only; "
                    + "set it in yarn-site.xml (127.0.0.1 for a cluster of one machine)"
            )
        ]
    }

    /// 0.0.0.0 is where to listen; whoever connects to it reaches the own machine, whichever that is. Nil for an address
    /// that leads somewhere.
    private static func wildcard(
        _ manager: ClientSettings.ResourceManagerAddresses,
        _ configuration: Configuration
    ) -> ConfigurationProblem? {
        guard let text = try? configuration.text(of: manager.clientKey) else { return nil }
        let wildcards = ["0.0.0.0", "::", "[::]"]
        guard wildcards.contains(where: { text == $0 || text.hasPrefix("\($0):") }) else { return nil }
        return ConfigurationProblem(
            .warning,
            origin: manager.clientOrigin,
            key: manager.clientKey,
            value: text,
            "clients, NodeManagers and ApplicationMasters connect to this address, which leads each of them to its own "
                + "machine; name the ResourceManager's host (127.0.0.1 for a cluster of one machine). To listen on every "
                + "address set \(ResourceManagerKeys.bindHost.name) instead"
        )
    }

    private static func resourceManagerProblems(_ configuration: Configuration) -> [ConfigurationProblem] {
        let settings: ResourceManagerDaemonSettings
        do throws(ConfigurationError) {
            settings = try ResourceManagerDaemonSettings(configuration)
        } catch {
            return error.problems
        }
        return Self.networkProblems(configuration, settings.common.security, settings.listenAddresses)
    }

    private static func nodeManagerProblems(_ configuration: Configuration) -> [ConfigurationProblem] {
        let node: NodeManagerDaemonSettings
        let scheduler: SchedulerSettings
        do throws(ConfigurationError) {
            node = try NodeManagerDaemonSettings(configuration)
            scheduler = try SchedulerSettings(configuration)
        } catch {
            return error.problems
        }
        var problems = Self.networkProblems(configuration, node.common.security, node.listenAddresses)
        func warn(_ key: some AnyConfigurationKey, _ message: String) {
            problems.append(
                ConfigurationProblem(
                    .warning,
                    origin: configuration.origin(of: key.name),
                    key: key.name,
                    value: configuration.rawValue(of: key.name),
                    message
                )
            )
        }
        let capability = node.core.capability
        if capability.memoryMiB < scheduler.minimumAllocation.memoryMiB {
            warn(
                NodeManagerKeys.memory,
                "below \(SchedulerKeys.memoryMinimum.name) = \(scheduler.minimumAllocation.memoryMiB), so such a node "
                    + "can hold no container"
            )
        }
        if node.core.recoversContainers, node.containerManager.port == 0 {
            warn(
                NodeManagerKeys.address,
                "port 0 with \(NodeManagerKeys.recoveryEnabled.name) = true: after a restart the NodeManager has "
                    + "another port and containers' tokens do not fit it; give it a fixed one"
            )
        }
        if node.core.checksVirtualMemory, node.core.virtualMemoryRatio < 4 {
            warn(
                NodeManagerKeys.checksVirtualMemory,
                "JVMs reserve more than \(node.core.virtualMemoryRatio) times their memory as address space, so healthy "
                    + "containers may be killed; false is better"
            )
        }
        return problems
    }

    private static func networkProblems(
        _ configuration: Configuration,
        _ security: SecuritySettings,
        _ addresses: [ListenAddress]
    ) -> [ConfigurationProblem] {
        guard let warning = security.networkWarning(addresses) else { return [] }
        let key = HeddleKeys.allowInsecureNetwork.name
        return [
            ConfigurationProblem(.warning, origin: configuration.origin(of: key), key: key, value: "true", warning)
        ]
    }

    /// Keys of queues that no list of queues names.
    private static func queueProblems(_ configuration: Configuration) -> [ConfigurationProblem] {
        guard let leaves = try? QueueSettings.leaves(in: configuration) else { return [] }
        var paths: Set<String> = ["root"]
        for leaf in leaves {
            var path = Substring(leaf.path)
            paths.insert(String(path))
            while let dot = path.lastIndex(of: ".") {
                path = path[..<dot]
                paths.insert(String(path))
            }
        }
        return configuration.setEntries.compactMap { entry in
            guard let path = QueueKeys.queuePath(of: entry.key), !paths.contains(path) else { return nil }
            return ConfigurationProblem(
                .warning,
                origin: entry.origin,
                key: entry.key,
                "there is no queue \(path); queues are \(leaves.map(\.path).joined(separator: ", "))"
            )
        }
    }
}
