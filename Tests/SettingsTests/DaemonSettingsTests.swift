import ClusterModel
import Foundation
import HadoopConfig
import HadoopRPC
import NodeManagerCore
import ResourceManagerCore
import SchedulerCore
import Settings
import Testing

@Suite struct DaemonSettingsTests {
    static let environment = ConfigurationEnvironment(
        variables: ["JAVA_HOME": "/jdk", "PATH": "/bin", "SECRET": "x", "MALLOC_ARENA_MAX": "4"],
        systemProperties: ["user.name": "ann"]
    )

    private func configuration(_ properties: KeyValuePairs<String, String> = [:]) -> Configuration {
        Configuration(properties, environment: Self.environment)
    }

    @Test func `without files the resource manager's core has Hadoop's defaults`() throws {
        var core = try ResourceManagerDaemonSettings(self.configuration()).core
        core.webAddress = ""
        // The process's own user.
        #expect(core.tokenRenewers == ["ann"])
        core.tokenRenewers = []
        #expect(core == ResourceManagerSettings())
    }

    @Test func `tokens may name the process's user or the principal, or its first part, as their renewer`() throws {
        let core = try ResourceManagerDaemonSettings(
            self.configuration([
                "yarn.resourcemanager.principal": "yarn/_HOST@EXAMPLE.ORG",
                "yarn.resourcemanager.delayed.delegation-token.removal-interval-ms": "500",
            ])
        ).core
        #expect(core.tokenRenewers == ["ann", "yarn", "yarn/_HOST@EXAMPLE.ORG"])
        #expect(core.tokenCancellationDelay == .milliseconds(500))
    }

    @Test func `without files the node manager's core has Hadoop's defaults`() throws {
        let core = try NodeManagerDaemonSettings(self.configuration()).core
        var expected = NodeManagerSettings(
            capability: ResourceVector(memoryMiB: 8_192, vcores: 8),
            localDirectories: ["/tmp/hadoop-ann/nm-local-dir"],
            logDirectories: ["/tmp/hadoop-ann/logs/userlogs"]
        )
        expected.inheritedEnvironment = [
            EnvironmentVariable("JAVA_HOME", "/jdk"), EnvironmentVariable("PATH", "/bin"),
        ]
        expected.administratorEnvironment = [EnvironmentVariable("MALLOC_ARENA_MAX", "4")]
        #expect(core == expected)
    }

    @Test func `the log folder comes from HADOOP_LOG_DIR, as Hadoop's scripts hand it on`() throws {
        var environment = Self.environment
        environment.systemProperties["yarn.log.dir"] = "/var/log/hadoop"
        let settings = try NodeManagerDaemonSettings(Configuration(environment: environment))
        #expect(settings.core.logDirectories == ["/var/log/hadoop/userlogs"])
    }

    @Test func `what the files set about waiting, trying again and the store reaches who acts on it`() throws {
        let manager = try ResourceManagerDaemonSettings(
            self.configuration([
                "yarn.resourcemanager.max-completed-applications": "7",
                "yarn.resourcemanager.work-preserving-recovery.scheduling-wait-ms": "2s",
                "yarn.client.nodemanager-connect.max-wait-ms": "-1",
                "yarn.client.nodemanager-connect.retry-interval-ms": "300",
                "ipc.client.connect.max.retries": "4", "ipc.client.connect.max.retries.on.timeouts": "5",
                "ipc.client.connect.retry.interval": "600", "ipc.client.ping": "false", "ipc.ping.interval": "9000",
                "ipc.client.rpc-timeout.ms": "0",
            ])
        )
        #expect(manager.core.maximumCompletedApplications == 7)
        #expect(manager.core.storedCompletedApplicationsMaximum == 7)
        #expect(manager.core.recoverySchedulingWait == .seconds(2))
        #expect(manager.nodePatience == NodePatience(waitMaximum: nil, retryInterval: .milliseconds(300)))
        let client = manager.common.rpc.clientConfiguration
        #expect(client.connectRetriesMaximum == 4)
        #expect(client.connectTimeoutRetriesMaximum == 5)
        #expect(client.connectRetryInterval == .milliseconds(600))
        // Without pings and without a limit of its own a call may take as long as a ping would wait.
        #expect(client.pingInterval == nil)
        #expect(client.callTimeout == .seconds(9))
        let plain = try CommonSettings(self.configuration()).rpc.clientConfiguration
        #expect(plain.pingInterval == .seconds(60))
        #expect(plain.callTimeout == .seconds(120))
    }

    @Test func `a proxy has a port of its own only when its address is another than the pages'`() throws {
        func proxy(_ address: String) throws -> ListenAddress? {
            try ResourceManagerDaemonSettings(
                self.configuration([
                    "yarn.resourcemanager.hostname": "127.0.0.1", "yarn.web-proxy.address": address,
                ])
            ).webProxy
        }
        #expect(try ResourceManagerDaemonSettings(self.configuration()).webProxy == nil)
        #expect(try proxy("127.0.0.1:8088") == nil)
        #expect(try proxy("127.0.0.1:8089")?.port == 8_089)
        #expect(throws: ConfigurationError.self) { try proxy("0.0.0.0:8089") }
    }

    @Test func `an origin that is no regular expression is refused by its key`() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try CommonSettings(self.configuration(["hadoop.http.cross-origin.allowed-origins": "regex:(["]))
        }
        #expect(error.problems.first?.key == "hadoop.http.cross-origin.allowed-origins")
    }

    @Test func `what the files set reaches the resource manager`() throws {
        let settings = try ResourceManagerDaemonSettings(
            self.configuration([
                "yarn.resourcemanager.am.max-attempts": "3", "yarn.nm.liveness-monitor.expiry-interval-ms": "20s",
                "yarn.scheduler.minimum-allocation-mb": "1", "yarn.acl.enable": "true", "yarn.admin.acl": "root ops",
                "yarn.resourcemanager.recovery.enabled": "true", "heddle.state-store.path": "/var/lib/heddle",
                "yarn.resourcemanager.nodemanager-graceful-decommission-timeout-secs": "-1",
                "yarn.scheduler.capacity.resource-calculator":
                    "org.apache.hadoop.yarn.util.resource.DominantResourceCalculator",
            ])
        )
        #expect(settings.core.maximumAttempts == 3)
        #expect(settings.core.nodeExpiry == .seconds(20))
        #expect(settings.core.scheduler.minimumAllocation == ResourceVector(memoryMiB: 1, vcores: 1))
        #expect(settings.core.scheduler.resourceCalculator == .dominant)
        #expect(settings.core.isAccessControlEnabled)
        #expect(settings.core.adminAccessControl == "root ops")
        #expect(settings.core.gracefulDecommissionTimeout > .seconds(86_400))
        #expect(settings.recoveryEnabled)
        #expect(settings.stateStorePath == "/var/lib/heddle")
    }

    @Test
    func `the staging server listens on loopback unless told otherwise, and in the resource manager only when told`()
        throws
    {
        let alone = try StagingSettings(self.configuration([:]))
        #expect(alone.plain?.advertised.description == "127.0.0.1:9870" && alone.secure == nil)
        #expect(alone.abandonedAfter == .seconds(7 * 86_400))
        #expect(alone.scratchFolders == [".sparkStaging"])
        #expect((alone.beginWithin, alone.cleanupInterval) == (.seconds(60), .seconds(15)))
        #expect(!alone.namesResourceManager)
        for key in ["address", "hostname"] {
            let named = self.configuration(["yarn.resourcemanager.\(key)": "10.0.0.1"])
            #expect(try StagingSettings(named).namesResourceManager)
        }
        #expect(try ResourceManagerDaemonSettings(self.configuration([:])).staging == nil)
        let set = try ResourceManagerDaemonSettings(
            self.configuration([
                "heddle.staging.address": "127.0.0.1:0", "heddle.staging.path": "/var/lib/staging",
                "heddle.staging.abandoned-after": "-1", "heddle.staging.trusted-addresses": "10.0.0.1, 10.0.0.2",
                "heddle.staging.begin-within": "5s", "heddle.staging.cleanup-interval": "200ms",
            ])
        )
        #expect(set.staging?.path == "/var/lib/staging")
        #expect(set.staging?.abandonedAfter == nil)
        #expect(set.staging?.trustedAddresses == ["10.0.0.1", "10.0.0.2"])
        #expect(set.staging?.beginWithin == .seconds(5))
        #expect(set.staging?.cleanupInterval == .milliseconds(200))
        #expect(throws: ConfigurationError.self) {
            try StagingSettings(self.configuration(["heddle.staging.address": "10.1.2.3:9870"]))
        }
    }

    @Test func `logs are aggregated where they can be sent, and elsewhere neither daemon starts`() throws {
        func problem(
            _ folder: String,
            aggregates: String = "true",
            fileSystem: String = "file:///"
        ) -> ConfigurationProblem? {
            let values: KeyValuePairs = [
                "yarn.log-aggregation-enable": aggregates, "yarn.nodemanager.remote-app-log-dir": folder,
                "fs.defaultFS": fileSystem, "heddle.transfer.hdfs-gateway.nn:8020": "webhdfs://nn:9870",
            ]
            var found: [ConfigurationProblem?] = []
            do throws(ConfigurationError) {
                _ = try NodeManagerDaemonSettings(self.configuration(values))
                found.append(nil)
            } catch {
                found.append(error.problems.first)
            }
            do throws(ConfigurationError) {
                _ = try ResourceManagerDaemonSettings(self.configuration(values))
                found.append(nil)
            } catch {
                found.append(error.problems.first)
            }
            #expect(found[0] == found[1])
            return found[0]
        }
        for folder in ["/logs", "file:///logs", "webhdfs://h:1/l", "swebhdfs://h/l", "s3a://b/l", "hdfs://NN:8020/l"] {
            #expect(problem(folder) == nil, "\(folder)")
        }
        for folder in ["abfs://x/l", "http://x/l", "logs"] {
            let found = problem(folder)
            #expect(found?.key == "yarn.nodemanager.remote-app-log-dir" && found?.value == folder, "\(folder)")
            #expect(found?.message.contains("accepted: a folder of webhdfs:") == true, "\(found as Any)")
        }
        let needed = "heddle.transfer.hdfs-gateway.other:8020"
        #expect(problem("hdfs://other:8020/l")?.message.contains(needed) == true)
        #expect(problem("/l", fileSystem: "hdfs://other:8020")?.value == "hdfs://other:8020/l")
        #expect(problem("abfs://x/l", aggregates: "false") == nil)
    }

    @Test func `the global maximum of attempts wins over the default one`() throws {
        let settings = try ResourceManagerDaemonSettings(
            self.configuration([
                "yarn.resourcemanager.am.max-attempts": "3", "yarn.resourcemanager.am.global.max-attempts": "5",
            ])
        )
        #expect(settings.core.maximumAttempts == 5)
    }

    @Test func `what the files set reaches the node manager`() throws {
        let settings = try NodeManagerDaemonSettings(
            self.configuration([
                "yarn.nodemanager.local-dirs": "/a, file:///b", "yarn.nodemanager.delete.debug-delay-sec": "-1",
                "yarn.nodemanager.resource.memory-mb": "4096", "yarn.nodemanager.admin-env": "A=1,B=$JAVA_HOME/x$NO",
                "yarn.nodemanager.aux-services": "spark_shuffle",
                "yarn.nodemanager.aux-services.spark_shuffle.class": "org.example.Shuffle",
                "yarn.nodemanager.health-checker.script.path": "/bin/true",
                "yarn.nodemanager.health-checker.script.interval-ms": "5s",
                "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "95.5",
                "yarn.nodemanager.container-executor.class":
                    "org.apache.hadoop.yarn.server.nodemanager.LinuxContainerExecutor",
            ])
        )
        #expect(settings.core.localDirectories == ["/a", "/b"])
        #expect(settings.core.deletionDelay == DurationUnit.maximum)
        #expect(settings.core.capability == ResourceVector(memoryMiB: 4_096, vcores: 8))
        #expect(
            settings.core.administratorEnvironment == [
                EnvironmentVariable("A", "1"), EnvironmentVariable("B", "/jdk/x"),
            ]
        )
        #expect(settings.auxiliaryServices.first?.className == "org.example.Shuffle")
        #expect(settings.shufflePort == nil)
        #expect(settings.healthScripts.first?.interval == .seconds(5))
        #expect(settings.healthScripts.first?.timeout == .seconds(1_200))
        #expect(settings.disks.utilizationMaximum == 95.5)
        #expect(settings.identity.account == .fixed("nobody"))
        #expect(settings.stderrPatterns == ["*stderr*", "*STDERR*"])
        #expect(settings.core.logDirectoryMode == 0o710)
    }

    @Test func `shuffle files are served where the list of services names that, on the port of the key`() throws {
        func port(_ properties: KeyValuePairs<String, String>) throws -> Int? {
            try NodeManagerDaemonSettings(self.configuration(properties)).shufflePort
        }
        let services = "yarn.nodemanager.aux-services"
        #expect(try port([:]) == nil)
        #expect(try port(["heddle.shuffle.port": "7000"]) == nil)
        #expect(try port([services: "spark_shuffle,heddle_shuffle"]) == 7_447)
        #expect(try port([services: "heddle_shuffle", "heddle.shuffle.port": "0"]) == 0)
    }

    @Test func `hardware is asked for only where that is wanted`() throws {
        let detecting = try NodeManagerDaemonSettings(
            self.configuration([
                "yarn.nodemanager.resource.detect-hardware-capabilities": "true",
                "yarn.nodemanager.resource.system-reserved-memory-mb": "0",
            ])
        )
        #expect(detecting.core.capability.vcores == Int64(ProcessInfo.processInfo.processorCount))
        #expect(detecting.core.capability.memoryMiB <= Int64(ProcessInfo.processInfo.physicalMemory >> 20))
        #expect(detecting.core.capability.memoryMiB > 0)
    }

    @Test(arguments: [
        ("yarn.nodemanager.local-dirs", "relative"), ("yarn.nodemanager.local-dirs", ","),
        ("yarn.nodemanager.vmem-pmem-ratio", "0"), ("yarn.nodemanager.admin-env", "1A=x"),
        ("yarn.nodemanager.admin-env", "A"), ("yarn.nodemanager.aux-services", "a b"),
        ("yarn.nodemanager.aux-services", "../x"), ("yarn.nodemanager.resource.memory-mb", "0"),
        ("yarn.nodemanager.default-container-executor.log-dirs.permissions", "888"),
        ("yarn.nodemanager.disk-health-checker.min-healthy-disks", "2"), ("hadoop.security.authentication", "none"),
        ("hadoop.security.authentication", "kerberos"), ("yarn.nodemanager.pmem-check-enabled", "maybe"),
        ("yarn.nodemanager.address", "127.0.0.1:99999"), ("heddle.shuffle.port", "65536"),
        ("heddle.shuffle.port", "-1"), ("yarn.http.policy", "HTTPS_ONLY"),
    ])
    func `a bad value keeps the node manager from starting and is named`(key: String, value: String) {
        do {
            _ = try NodeManagerDaemonSettings(self.configuration([key: value]))
            Issue.record("expected an error")
        } catch {
            #expect(error.problems.first?.key == key)
            #expect(error.problems.first?.value == value)
        }
    }

    @Test(arguments: [
        ("yarn.resourcemanager.nodemanagers.heartbeat-interval-ms", "0"), ("yarn.resourcemanager.am.max-attempts", "0"),
        ("yarn.resourcemanager.scheduler.class", "org.example.FairScheduler"), ("heddle.state-store.path", "x"),
        ("yarn.scheduler.minimum-allocation-mb", "9000"), ("yarn.scheduler.capacity.maximum-am-resource-percent", "50"),
        ("ipc.maximum.data.length", "-1"),
    ])
    func `a bad value keeps the resource manager from starting and is named`(key: String, value: String) {
        do {
            _ = try ResourceManagerDaemonSettings(self.configuration([key: value]))
            Issue.record("expected an error")
        } catch {
            #expect(error.problems.first?.key == key)
            #expect(error.problems.first?.value == value)
        }
    }

    @Test func `clients find each resource manager of a highly available cluster`() throws {
        let settings = try ClientSettings(
            self.configuration([
                "yarn.resourcemanager.ha.enabled": "true", "yarn.resourcemanager.ha.rm-ids": "rm1,rm2",
                "yarn.resourcemanager.hostname.rm1": "one", "yarn.resourcemanager.address.rm2": "two:9032",
            ])
        )
        #expect(settings.resourceManagers.map(\.client.description) == ["one:8032", "two:9032"])
        #expect(settings.resourceManagers[0].scheduler.description == "one:8030")
        #expect(settings.resourceManagers[1].clientKey == "yarn.resourcemanager.address.rm2")
    }

    @Test func `clients wait as configured, and for ever where the files say so`() throws {
        let settings = try ClientSettings(
            self.configuration([
                "yarn.resourcemanager.connect.max-wait.ms": "-1", "ipc.client.rpc-timeout.ms": "0",
                "yarn.resourcemanager.connect.retry-interval.ms": "500",
            ])
        )
        #expect(settings.resourceManagerWaitMaximum == nil)
        #expect(settings.common.rpc.callTimeout == nil)
        #expect(settings.resourceManagerRetryInterval == .milliseconds(500))
        #expect(settings.resourceManagers[0].client.description == "127.0.0.1:8032")
    }

    @Test func `impersonation rules are gathered by user`() throws {
        let settings = try ClientSettings(
            self.configuration([
                "hadoop.proxyuser.livy.hosts": "10.0.0.1, 10.0.0.2", "hadoop.proxyuser.livy.groups": "*",
                "hadoop.proxyuser.a.b.users": "c",
            ])
        )
        let rules = settings.common.security.impersonation
        #expect(rules.map(\.user) == ["livy", "a.b"])
        #expect(rules[0].hosts == ["10.0.0.1", "10.0.0.2"])
        #expect(rules[1].users == ["c"])
    }
}
