import Foundation
import HadoopConfig
import HadoopProtos
import Settings
import Testing

@testable import Commands

@Suite struct DoctorTests {
    private static let java = ConfigurationEnvironment(systemProperties: ["user.name": "ann"])

    private func findings(
        _ folder: TemporaryFolder?,
        variables: [String: String] = [:]
    ) async -> [Finding] {
        let environment = ConfigurationEnvironment(variables: variables, systemProperties: ["user.name": "ann"])
        return await DoctorCommand.findings(
            ConfigurationFolder(commandLine: folder?.path, environment: environment),
            environment
        )
    }

    @Test func `without a folder the first finding is how to set one`() async throws {
        let findings = await self.findings(nil)
        #expect(findings.first?.verdict == .problem)
        #expect(findings.first?.text.contains("export HADOOP_CONF_DIR=") == true)
        #expect(findings.result.exitCode == 1)
    }

    @Test func `an empty folder is a problem, and so is one that is not there`() async throws {
        let empty = await self.findings(try TemporaryFolder([:]))
        #expect(empty.contains { $0.verdict == .problem && $0.text.contains("holds no core-site.xml") })
        let missing = await self.findings(nil, variables: ["HADOOP_CONF_DIR": "/nonexistent/conf"])
        #expect(missing.contains { $0.verdict == .problem && $0.text.contains("/nonexistent/conf") })
    }

    @Test func `a cluster that is not there is one problem that names address, key, file and remedy`() async throws {
        // Nobody listens on ports this low, and no other test is handed one.
        let folder = try TemporaryFolder([
            "yarn-site.xml": TemporaryFolder.site([
                "yarn.nodemanager.vmem-check-enabled": "false",
                "yarn.resourcemanager.hostname": "127.0.0.1",
                "yarn.resourcemanager.address": "127.0.0.1:1",
                "yarn.resourcemanager.scheduler.address": "127.0.0.1:2",
                "yarn.resourcemanager.resource-tracker.address": "127.0.0.1:3",
                "yarn.resourcemanager.admin.address": "127.0.0.1:4",
                "yarn.resourcemanager.webapp.address": "127.0.0.1:5",
            ])
        ])
        let problems = await self.findings(folder).filter { $0.verdict == .problem }
        let problem = try #require(problems.first)
        #expect(problems.count == 1)
        #expect(problem.text.contains("connection refused"))
        #expect(problem.text.contains("yarn.resourcemanager.address, \(folder.path)/yarn-site.xml:4"))
        #expect(problem.remedy?.contains("start") == true)
    }

    @Test func `a name that cannot be resolved is said to be one`() async throws {
        let folder = try TemporaryFolder([
            "yarn-site.xml": TemporaryFolder.site(["yarn.resourcemanager.hostname": "no-such-host.invalid"])
        ])
        let findings = await self.findings(folder)
        #expect(findings.contains { $0.verdict == .problem && $0.text.contains("no ResourceManager answers") })
        #expect(findings.contains { $0.text.contains("yarn.resourcemanager.hostname, \(folder.path)/yarn-site.xml:2") })
    }

    @Test func `mistakes of the folder are findings with file and line`() async throws {
        let folder = try TemporaryFolder([
            "yarn-site.xml": TemporaryFolder.site([
                "yarn.resourcemanager.hostname": "10.0.0.1", "yarn.acl.enable": "si",
            ])
        ])
        let environment = ConfigurationEnvironment(systemProperties: ["user.name": "ann"])
        let (configuration, unread) = Configuration.survey(directory: folder.path, environment: environment)
        let findings = FolderDiagnosis.findings(
            ConfigurationFolder(path: folder.path, source: "--conf-dir"),
            configuration,
            unread: unread
        )
        #expect(
            findings.contains { $0.verdict == .problem && $0.text.contains("yarn-site.xml:3: error: yarn.acl.enable") }
        )
    }

    @Test func `two folders in the environment are a warning`() async throws {
        let folder = try TemporaryFolder([:])
        let findings = await self.findings(
            nil,
            variables: ["HADOOP_CONF_DIR": folder.path, "YARN_CONF_DIR": "/elsewhere"]
        )
        #expect(findings.contains { $0.verdict == .warning && $0.text.contains("YARN_CONF_DIR is /elsewhere") })
    }

    @Test func `JAVA_HOME is looked at`() throws {
        func findings(_ variables: [String: String]) -> [Finding] {
            JavaDiagnosis.findings(ConfigurationEnvironment(variables: variables))
        }
        #expect(findings([:]).map(\.verdict) == [.warning])
        #expect(findings(["JAVA_HOME": "/nonexistent"]).map(\.verdict) == [.problem])
        let home = try TemporaryFolder(["release": "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.9\"\n"])
        try FileManager.default.createDirectory(atPath: "\(home.path)/bin", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: "\(home.path)/bin/java", withDestinationPath: "/bin/true")
        #expect(findings(["JAVA_HOME": home.path]) == [.ok("JAVA_HOME is \(home.path), Java 17.0.9")])
    }

    @Test func `nodes that are unhealthy or lost are named with their reason`() {
        var healthy = NodeReportProto()
        healthy.nodeID.host = "127.0.0.1"
        healthy.nodeID.port = 8_041
        healthy.nodeState = .nsRunning
        healthy.capability.memory = 8_192
        healthy.capability.virtualCores = 8
        var full = healthy
        full.nodeState = .nsUnhealthy
        full.healthReport = "1/1 local-dirs usable space is below configured utilization percentage"
        var lost = healthy
        lost.nodeState = .nsLost
        #expect(
            NodeDiagnosis.findings([healthy]) == [.ok("NodeManagers running: 1, with 8192 MiB and 8 vcores together")]
        )
        let findings = NodeDiagnosis.findings([full, lost])
        #expect(findings.map(\.verdict) == [.problem, .problem, .warning])
        #expect(findings[0].text.contains("no NodeManager takes containers"))
        #expect(findings[1].text == "NodeManager 127.0.0.1:8041 is UNHEALTHY: \(full.healthReport)")
        #expect(findings[1].remedy?.contains("max-disk-utilization-per-disk-percentage") == true)
        #expect(findings[2].text.contains("LOST"))
    }

    @Test func `the exit code is 1 with a problem and 0 with warnings`() {
        #expect([Finding.ok("a"), .warning("b", remedy: "c")].result.exitCode == 0)
        #expect([Finding.problem("b")].result.exitCode == 1)
        #expect([Finding.ok("a")].result.output == "ok       a\nAll is well.\n")
        #expect(
            [Finding.warning("b", remedy: "c")].result.output
                == "warning  b\n         -> c\nProblems: 0. Warnings: 1.\n"
        )
    }
}
