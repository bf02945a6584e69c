package import ClusterModel

extension ResourceManagerCore {
    /// registerNodeManager.
    package struct NodeRegistration: Sendable, Hashable {
        package var node: NodeID
        package var httpPort: Int32
        package var capacity: ResourceVector
        /// `nm_version`, as `3.3.4`.
        package var version: String
        /// Other names and addresses of the node's host, for the include and exclude lists.
        package var addresses: [String]
        /// Rack path that the edge resolved.
        package var rack: String
        /// What runs or has ended there since the ResourceManager last knew.
        package var containers: [NodeContainer]
        package var runningApplications: [ApplicationID]

        package init(
            node: NodeID,
            httpPort: Int32,
            capacity: ResourceVector,
            version: String,
            addresses: [String] = [],
            rack: String = defaultRack,
            containers: [NodeContainer] = [],
            runningApplications: [ApplicationID] = []
        ) {
            self.node = node
            self.httpPort = httpPort
            self.capacity = capacity
            self.version = version
            self.addresses = addresses
            self.rack = rack
            self.containers = containers
            self.runningApplications = runningApplications
        }
    }

    /// NMContainerStatusProto: a container as a registering node tells it.
    package struct NodeContainer: Sendable, Hashable {
        package var id: ContainerID
        package var state: ContainerState
        package var capability: ResourceVector
        package var priority: Int32
        package var diagnostics: String
        package var exitStatus: ContainerExitStatus
        package var createdAt: Timestamp
        package var executionType: ExecutionType
        package var allocationRequestID: Int64

        package init(
            id: ContainerID,
            state: ContainerState,
            capability: ResourceVector,
            priority: Int32 = 0,
            diagnostics: String = "",
            exitStatus: ContainerExitStatus = .invalid,
            createdAt: Timestamp = .unset,
            executionType: ExecutionType = .guaranteed,
            allocationRequestID: Int64 = -1
        ) {
            self.id = id
            self.state = state
            self.capability = capability
            self.priority = priority
            self.diagnostics = diagnostics
            self.exitStatus = exitStatus
            self.createdAt = createdAt
            self.executionType = executionType
            self.allocationRequestID = allocationRequestID
        }
    }

    /// nodeHeartbeat.
    package struct NodeHeartbeat: Sendable, Hashable {
        package var node: NodeID
        package var responseID: Int32
        package var containers: [ContainerStatusReport]
        package var health: NodeHealth
        package var keepAliveApplications: [ApplicationID]
        package var containersUtilization: ResourceUtilization?
        package var nodeUtilization: ResourceUtilization?
        /// Key ids that the node knows; nil: none.
        package var containerTokenKeyID: Int32?
        package var nodeTokenKeyID: Int32?
        package var logAggregationReports: [LogAggregationReport]

        package init(
            node: NodeID,
            responseID: Int32,
            containers: [ContainerStatusReport] = [],
            health: NodeHealth = NodeHealth(),
            keepAliveApplications: [ApplicationID] = [],
            containersUtilization: ResourceUtilization? = nil,
            nodeUtilization: ResourceUtilization? = nil,
            containerTokenKeyID: Int32? = nil,
            nodeTokenKeyID: Int32? = nil,
            logAggregationReports: [LogAggregationReport] = []
        ) {
            self.node = node
            self.responseID = responseID
            self.containers = containers
            self.health = health
            self.keepAliveApplications = keepAliveApplications
            self.containersUtilization = containersUtilization
            self.nodeUtilization = nodeUtilization
            self.containerTokenKeyID = containerTokenKeyID
            self.nodeTokenKeyID = nodeTokenKeyID
            self.logAggregationReports = logAggregationReports
        }
    }

    /// ContainerStatusProto in a heartbeat.
    package struct ContainerStatusReport: Sendable, Hashable {
        package var id: ContainerID
        package var state: ContainerState
        package var exitStatus: ContainerExitStatus
        package var diagnostics: String

        package init(
            id: ContainerID,
            state: ContainerState,
            exitStatus: ContainerExitStatus = .invalid,
            diagnostics: String = ""
        ) {
            self.id = id
            self.state = state
            self.exitStatus = exitStatus
            self.diagnostics = diagnostics
        }
    }

    /// NodeHealthStatusProto.
    package struct NodeHealth: Sendable, Hashable {
        package var isHealthy: Bool
        package var report: String
        package var reportedAt: Timestamp

        package init(isHealthy: Bool = true, report: String = "", reportedAt: Timestamp = .unset) {
            self.isHealthy = isHealthy
            self.report = report
            self.reportedAt = reportedAt
        }
    }

    /// LogAggregationReportProto.
    package struct LogAggregationReport: Sendable, Hashable {
        package var application: ApplicationID
        package var status: LogAggregationStatus
        package var diagnostics: String

        package init(application: ApplicationID, status: LogAggregationStatus, diagnostics: String = "") {
            self.application = application
            self.status = status
            self.diagnostics = diagnostics
        }
    }

    /// What refreshNodes asks for (DecommissionTypeProto).
    package enum NodeRefresh: Sendable, Hashable {
        /// NORMAL: the files were read again; excluded nodes leave at once.
        case normal(NodeLists)
        /// GRACEFUL: the files were read again; excluded nodes drain first.
        /// - Parameter timeoutSeconds: for how long at most, for nodes that the exclude file gives no time of their own;
        ///   nil is the configured time, a negative number for ever.
        case graceful(NodeLists, timeoutSeconds: Int64?)
        /// FORCEFUL: nodes that are draining leave at once.
        case forceful
    }

    /// The include and exclude files (`yarn.resourcemanager.nodes.include-path`, `exclude-path`).
    package struct NodeLists: Sendable, Hashable {
        /// Host names or addresses; nil: no include file, every host is welcome.
        package var included: Set<String>?
        /// Excluded hosts.
        package var excluded: Set<String>
        /// Seconds that excluded hosts may drain, for those that the exclude file gives a time of their own.
        package var drainSeconds: [String: Int64]

        package init(
            included: Set<String>? = nil,
            excluded: Set<String> = [],
            drainSeconds: [String: Int64] = [:]
        ) {
            self.included = included
            self.excluded = excluded
            self.drainSeconds = drainSeconds
        }

        /// True when the host, under any of its names, may take part.
        package func allow(_ names: [String]) -> Bool {
            let isIncluded = self.included.map { included in names.contains { included.contains($0) } } ?? true
            return isIncluded && !names.contains { self.excluded.contains($0) }
        }
    }
}

/// ResourceUtilizationProto: what is really used, as the node measured it.
package struct ResourceUtilization: Sendable, Hashable {
    package var physicalMemoryMiB: Int32
    package var virtualMemoryMiB: Int32
    /// Cores in use.
    package var cpu: Float

    package init(physicalMemoryMiB: Int32, virtualMemoryMiB: Int32, cpu: Float) {
        self.physicalMemoryMiB = physicalMemoryMiB
        self.virtualMemoryMiB = virtualMemoryMiB
        self.cpu = cpu
    }
}
