/// One property of a generated file, with the reason for its value where that is not plain.
private struct Property {
    var name: String
    var value: String
    var reason: String?

    init(_ name: String, _ value: String, _ reason: String? = nil) {
        self.name = name
        self.value = value
        self.reason = reason
    }
}

/// The configuration folders of a cluster on this machine: the one that clients and the ResourceManager read, and one a
/// node.
package struct ClusterFiles: Sendable {
    package var plan: ClusterPlan
    package var directory: ClusterDirectory
    /// Containers run as root since the daemons do.
    package var runsAsRoot: Bool

    package init(plan: ClusterPlan, directory: ClusterDirectory, runsAsRoot: Bool) {
        self.plan = plan
        self.directory = directory
        self.runsAsRoot = runsAsRoot
    }

    /// What clients and the ResourceManager read: file names and texts.
    package var clientFolder: [(name: String, text: String)] {
        [
            ("core-site.xml", Self.document(self.core)),
            ("yarn-site.xml", Self.document(self.common)),
            ("capacity-scheduler.xml", Self.document(self.scheduler)),
        ]
    }

    /// What node `number`, counted from 1, reads.
    package func nodeFolder(_ number: Int) -> [(name: String, text: String)] {
        [
            ("core-site.xml", Self.document(self.core)),
            ("yarn-site.xml", Self.document(self.common + self.node(number))),
        ]
    }

    private var core: [Property] {
        [
            Property("fs.defaultFS", "file:///"),
            Property("hadoop.tmp.dir", self.directory.path + "/tmp"),
            Property("hadoop.security.authentication", "simple"),
            Property(
                "ipc.client.connect.max.retries",
                "2",
                "On this machine a port answers at once or not at all: say so instead of trying for minutes."
            ),
            Property("ipc.client.connect.retry.interval", "200"),
            Property("ipc.client.connect.max.retries.on.timeouts", "2"),
        ]
    }

    private var common: [Property] {
        let host = ClusterPlan.resourceManagerHost
        return [
            Property("yarn.resourcemanager.hostname", host),
            Property("yarn.resourcemanager.address", "\(host):\(self.plan.clientPort)"),
            Property("yarn.resourcemanager.scheduler.address", "\(host):\(self.plan.schedulerPort)"),
            Property("yarn.resourcemanager.resource-tracker.address", "\(host):\(self.plan.resourceTrackerPort)"),
            Property("yarn.resourcemanager.admin.address", "\(host):\(self.plan.adminPort)"),
            Property("yarn.resourcemanager.webapp.address", "\(host):\(self.plan.webPort)"),
            Property(
                "yarn.resourcemanager.connect.max-wait.ms",
                "30000",
                "Long enough to outlast a restart of the ResourceManager; Hadoop's 15 minutes hide a wrong address."
            ),
            Property("yarn.resourcemanager.connect.retry-interval.ms", "500"),
            Property("yarn.client.nodemanager-connect.max-wait-ms", "10000"),
            Property("yarn.client.nodemanager-connect.retry-interval-ms", "500"),
            Property("yarn.resourcemanager.recovery.enabled", "true"),
            Property("heddle.state-store.path", self.directory.stateStore),
            Property(
                "yarn.resourcemanager.work-preserving-recovery.scheduling-wait-ms",
                "2000",
                "Nodes on this machine come back within a second."
            ),
            Property(
                "yarn.nm.liveness-monitor.expiry-interval-ms",
                "10000",
                "Nodes on this machine are not ten minutes away."
            ),
            Property(
                "yarn.scheduler.minimum-allocation-mb",
                "1",
                "Containers get what they ask for: 1 MiB steps instead of whole GiBs."
            ),
            Property("yarn.scheduler.maximum-allocation-mb", "\(self.plan.memoryMiB)"),
            Property("yarn.scheduler.maximum-allocation-vcores", "\(self.plan.vcores)"),
            Property("yarn.nodemanager.resource.memory-mb", "\(self.plan.memoryMiB)"),
            Property("yarn.nodemanager.resource.cpu-vcores", "\(self.plan.vcores)"),
            Property(
                "yarn.nodemanager.vmem-check-enabled",
                "false",
                "Virtual memory says nothing of a JVM's use: this check kills healthy containers."
            ),
            Property(
                "yarn.nodemanager.container-log-monitor.enable",
                "true",
                "A container that logs without end fills a disk that others need; Hadoop does not look unless it is told to."
            ),
            Property(
                "yarn.nodemanager.container-log-monitor.interval-ms",
                "5000",
                "In Hadoop's minute between two looks a fast disk takes a hundred gigabytes."
            ),
            Property(
                "yarn.nodemanager.log.retain-seconds",
                "86400",
                "Logs of failed containers can be read for a day, or until the cluster is taken down."
            ),
        ] + self.root
    }

    private var root: [Property] {
        guard self.runsAsRoot else { return [] }
        return [
            Property(
                "heddle.security.run-containers-as-root",
                "true",
                "This cluster was started by root, so its containers are root's too."
            )
        ]
    }

    private var scheduler: [Property] {
        let root = "yarn.scheduler.capacity.root"
        return [
            Property("\(root).queues", "default"),
            Property("\(root).default.capacity", "100"),
            Property(
                "yarn.scheduler.capacity.resource-calculator",
                "org.apache.hadoop.yarn.util.resource.DominantResourceCalculator",
                "Cores count, not memory alone."
            ),
            Property(
                "yarn.scheduler.capacity.maximum-am-resource-percent",
                "0.5",
                "On a small cluster the usual tenth would let no second application start."
            ),
        ]
    }

    private func node(_ number: Int) -> [Property] {
        let host = self.plan.host(ofNode: number)
        let folder = self.directory.node(number)
        return [
            Property("yarn.nodemanager.hostname", host),
            Property("yarn.nodemanager.address", "\(host):\(self.plan.nodePort)"),
            Property("yarn.nodemanager.webapp.address", "\(host):\(self.plan.nodeWebPort)"),
            Property("yarn.nodemanager.localizer.address", "\(host):\(self.plan.nodeLocalizerPort)"),
            Property(
                "yarn.nodemanager.aux-services",
                "heddle_shuffle",
                "Executors of Heddle's engine may leave while others still need what they wrote: the node serves it on."
            ),
            Property("heddle.shuffle.port", "\(self.plan.nodeShufflePort)"),
            Property("yarn.nodemanager.local-dirs", folder + "/local"),
            Property("yarn.nodemanager.log-dirs", folder + "/logs"),
            Property("yarn.nodemanager.recovery.enabled", "true"),
            Property("yarn.nodemanager.recovery.dir", folder + "/recovery"),
            Property(
                "yarn.nodemanager.env-whitelist",
                "JAVA_HOME,HADOOP_COMMON_HOME,HADOOP_HDFS_HOME,HADOOP_CONF_DIR,CLASSPATH_PREPEND_DISTCACHE,"
                    + "HADOOP_YARN_HOME,HADOOP_HOME,PATH,LANG,TZ,SPARK_LOCAL_IP",
                "Hadoop's list and SPARK_LOCAL_IP, which this NodeManager was started with: a driver in a container listens "
                    + "on its node's address, whatever this machine calls itself."
            ),
            Property(
                "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage",
                "98.0",
                "One disk holds everything here; at Hadoop's 90 % a full laptop could run nothing."
            ),
        ]
    }

    private static func document(_ properties: [Property]) -> String {
        var text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- Written by `heddle up`, and written again at its next start. -->
            <configuration>

            """
        for property in properties {
            if let reason = property.reason { text += "  <!-- \(reason) -->\n" }
            text += "  <property>\n    <name>\(property.name)</name>\n"
            text += "    <value>\(Self.escaped(property.value))</value>\n  </property>\n"
        }
        return text + "</configuration>\n"
    }

    /// XML text. A `$` needs nothing: Hadoop reads only `${`, which the folder's name is refused for.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
        return result
    }
}
