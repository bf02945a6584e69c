import ClusterModel
import OrderedCollections

// What the NodeManager says of itself.
extension NodeManagerCore {
    package var view: NodeView {
        NodeView(
            node: self.node,
            capability: self.capability,
            virtualMemoryMiB: Int64(Double(self.capability.memoryMiB) * self.settings.virtualMemoryRatio),
            checksPhysicalMemory: self.settings.checksPhysicalMemory,
            checksVirtualMemory: self.settings.checksVirtualMemory,
            health: self.health,
            isRegistered: self.link.isConnected,
            lastHeartbeat: self.link.lastAnswer,
            containersUsage: self.containersUsage,
            nodeUsage: self.nodeUsage,
            logDirectories: self.settings.logDirectories
        )
    }

    var containersUsage: NodeUsage {
        var sum = NodeUsage()
        for container in self.containers.values {
            guard let usage = container.usage else { continue }
            sum.physicalMiB += usage.residentBytes >> 20
            sum.virtualMiB += usage.virtualBytes >> 20
            sum.cpuCores += usage.cpuCores
        }
        return sum
    }

    /// All containers that the ResourceManager has not acknowledged the end of, in the order of their ids.
    package var registrationReport: RegistrationReport {
        RegistrationReport(
            node: self.node,
            capability: self.settings.capability,
            containers: self.containers.values.sorted { $0.id < $1.id }.map {
                RegisteredContainer(status: $0.status, grant: $0.start.grant)
            },
            runningApplications: self.applications.filter {
                $0.value.state == .running || $0.value.state == .finishingContainersWait
            }.keys.sorted(),
            health: self.health
        )
    }

    package var heartbeatReport: HeartbeatReport {
        HeartbeatReport(
            node: self.node.id,
            responseID: self.link.responseID,
            containers: self.containers.values.map(\.status),
            health: self.health,
            containersUsage: self.containersUsage,
            nodeUsage: self.nodeUsage,
            logs: self.logNews
        )
    }
}
