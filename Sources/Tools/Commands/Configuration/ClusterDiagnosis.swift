import ClusterModel
package import HadoopConfig
package import HadoopProtos
import HadoopRPC
import ModelConversion
import NIOCore
import NIOPosix
package import Settings

/// What the doctor says about the cluster that a configuration leads to.
package struct ClusterDiagnosis: Sendable {
    private let configuration: Configuration
    private let settings: ClientSettings
    /// One try's patience: whoever does not answer by then is not there.
    private static let connectTimeout = TimeAmount.seconds(3)

    package init(_ configuration: Configuration, _ settings: ClientSettings) {
        self.configuration = configuration
        self.settings = settings
    }

    package func findings() async -> [Finding] {
        var findings: [Finding] = []
        var isAnyActive = false
        for manager in self.settings.resourceManagers {
            let (found, isUp) = await self.doors(of: manager)
            findings += found
            guard isUp else { continue }
            let nodes = await self.nodes(of: manager)
            isAnyActive = isAnyActive || nodes.isActive
            findings += nodes.findings
        }
        if self.settings.resourceManagers.count > 1, !isAnyActive {
            findings.append(.problem("none of the ResourceManagers is the active one"))
        }
        return findings
    }

    // MARK: - Ports

    private struct Door {
        var name: String
        var key: ConfigurationKey<NetworkAddress>
        var address: NetworkAddress
    }

    private func doors(of manager: ClientSettings.ResourceManagerAddresses) async -> ([Finding], isUp: Bool) {
        let doors = [
            Door(name: "clients", key: ResourceManagerKeys.address, address: manager.client),
            Door(name: "ApplicationMasters", key: ResourceManagerKeys.schedulerAddress, address: manager.scheduler),
            Door(
                name: "NodeManagers",
                key: ResourceManagerKeys.resourceTrackerAddress,
                address: manager.resourceTracker
            ),
            Door(name: "administration", key: ResourceManagerKeys.adminAddress, address: manager.admin),
            Door(name: "web pages and REST", key: ResourceManagerKeys.webAddress, address: manager.web),
        ]
        var findings: [Finding] = []
        var failures = 0
        for door in doors {
            guard let reason = await Self.connectFailure(door.address) else { continue }
            failures += 1
            findings.append(
                .problem(
                    "the ResourceManager's port for \(door.name), \(door.address), does not answer: \(reason). "
                        + "The address comes from \(self.source(of: door.key, manager.id))"
                )
            )
        }
        if failures == doors.count {
            // One cause, one finding.
            let reason = await Self.connectFailure(manager.client) ?? "no answer"
            let problem = Finding.problem(
                "no ResourceManager answers at \(manager.client) or its other four ports: \(reason). The address comes "
                    + "from \(self.source(of: ResourceManagerKeys.address, manager.id))",
                remedy: "start one (heddle up, scripts/start-yarn.sh or heddle resourcemanager), or correct the address"
            )
            return ([problem], false)
        }
        if failures == 0 {
            findings.append(.ok("ResourceManager at \(manager.client): all five ports answer"))
        }
        return (findings, await Self.connectFailure(manager.client) == nil)
    }

    /// The property that decides an address, and where it stands.
    private func source(of key: ConfigurationKey<NetworkAddress>, _ id: String?) -> String {
        let hostname = ResourceManagerKeys.hostname
        let names = (id.map { [key.of($0).name, hostname.of($0).name] } ?? []) + [key.name, hostname.name]
        let name = names.first { self.configuration.entry($0) != nil } ?? key.name
        return "\(name), \(self.configuration.origin(of: name))"
    }

    /// Why no connection comes about; nil when one does.
    private static func connectFailure(_ address: NetworkAddress) async -> String? {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(Self.connectTimeout)
                .connect(host: address.host, port: address.port).get()
            try? await channel.close()
            return nil
        } catch let error as IOError {
            return error.errnoCode == ECONNREFUSED ? "connection refused" : "\(error)"
        } catch let error as ChannelError {
            if case .connectTimeout = error {
                return "no answer in \(Self.connectTimeout.nanoseconds / 1_000_000_000) seconds"
            }
            return "\(error)"
        } catch let error as NIOConnectionError {
            return Self.reason(error)
        } catch {
            return "\(error)"
        }
    }

    private static func reason(_ error: NIOConnectionError) -> String {
        if error.dnsAError != nil || error.dnsAAAAError != nil, error.connectionErrors.isEmpty {
            return "the name \(error.host) cannot be resolved"
        }
        let isRefused = error.connectionErrors.contains { ($0.error as? IOError)?.errnoCode == ECONNREFUSED }
        return isRefused ? "connection refused" : error.connectionErrors.first.map { "\($0.error)" } ?? "\(error)"
    }

    // MARK: - Nodes

    private func nodes(
        of manager: ClientSettings.ResourceManagerAddresses
    ) async -> (findings: [Finding], isActive: Bool) {
        let address = ClusterAddress(host: manager.client.host, port: manager.client.port)
        let reports: [NodeReportProto]
        do {
            reports = try await ClusterClient.with(address, user: self.settings.common.userName) { client in
                try await client.nodes(NodeState.allCases)
            }
        } catch let failure as RPCFailure where failure.exceptionName == "StandbyException" {
            return ([.ok("ResourceManager at \(manager.client) is a standby")], false)
        } catch {
            let problem = Finding.problem(
                "\(manager.client) is open but does not speak YARN's client protocol: \(error)",
                remedy: "see whether another program has taken the port, and read the ResourceManager's log"
            )
            return ([problem], false)
        }
        var findings = NodeDiagnosis.findings(reports)
        for report in reports where NodeDiagnosis.isRunning(report) {
            let address = NetworkAddress(host: report.nodeID.host, port: Int(report.nodeID.port))
            guard let reason = await Self.connectFailure(address) else { continue }
            findings.append(
                .problem(
                    "NodeManager \(address) is RUNNING but cannot be reached from here: \(reason)",
                    remedy: "yarn.nodemanager.hostname must be a name or address that this machine can connect to"
                )
            )
        }
        return (findings, true)
    }
}

/// What the doctor says about the ResourceManager's list of nodes.
package enum NodeDiagnosis {
    package static func isRunning(_ report: NodeReportProto) -> Bool { report.nodeState == .nsRunning }

    package static func findings(_ reports: [NodeReportProto]) -> [Finding] {
        let running = reports.filter(Self.isRunning)
        var findings: [Finding] = []
        if running.isEmpty {
            let isOneUnhealthy = reports.contains { $0.nodeState == .nsUnhealthy }
            findings.append(
                .problem(
                    "no NodeManager takes containers, so every application waits",
                    remedy: isOneUnhealthy
                        ? "heal one of those below"
                        : "start one (scripts/start-yarn.sh or heddle nodemanager) with the same configuration folder"
                )
            )
        } else {
            let memory = running.reduce(0) { $0 + $1.capability.memory }
            let vcores = running.reduce(0) { $0 + Int($1.capability.virtualCores) }
            findings.append(
                .ok("NodeManagers running: \(running.count), with \(memory) MiB and \(vcores) vcores together")
            )
        }
        return findings + reports.compactMap(Self.finding)
    }

    private static func finding(_ report: NodeReportProto) -> Finding? {
        let name = report.idText
        switch report.nodeState {
        case .nsUnhealthy:
            let reason = report.healthReport.isEmpty ? "it gives no reason" : report.healthReport
            return .problem("NodeManager \(name) is UNHEALTHY: \(reason)", remedy: Self.remedy(report.healthReport))
        case .nsLost:
            return .warning(
                "NodeManager \(name) is LOST: it has not been heard of for yarn.nm.liveness-monitor.expiry-interval-ms",
                remedy: "look at its log, or start it again"
            )
        default: return nil
        }
    }

    /// Disks too full are by far the most frequent reason.
    private static func remedy(_ report: String) -> String {
        guard report.contains("local-dirs") || report.contains("log-dirs") || report.contains("disk") else {
            return "mend what the report names; yarn.nodemanager.health-checker.scripts says which script it is from"
        }
        return "free space on the disks of yarn.nodemanager.local-dirs and log-dirs, or raise "
            + NodeManagerKeys.diskUtilizationMaximum.name
    }
}
