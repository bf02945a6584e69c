import Foundation
import HadoopConfig
import Testing

@Suite struct KnownKeyTests {
    @Test func `every default is of its key's form`() throws {
        let configuration = Configuration(
            environment: ConfigurationEnvironment(systemProperties: ["user.name": "ann"])
        )
        for key in KnownKeys.all {
            guard let text = try configuration.text(of: key.name) else { continue }
            #expect(key.accepts(text), "\(key.name) = \(text)")
        }
    }

    @Test func `no name stands twice, and every key of the source is listed`() throws {
        let names = KnownKeys.all.map(\.name)
        #expect(Set(names).count == names.count)
        let keys = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/System/HadoopConfig/Keys")
        var declarations = 0
        let groups = [
            "Core", "ResourceManager", "Scheduler", "NodeManager", "Client", "Heddle", "Staging", "Archive", "Transfer",
            "LogAggregation",
        ]
        for file in groups {
            let text = try String(contentsOf: keys.appendingPathComponent("\(file)Keys.swift"), encoding: .utf8)
            declarations += text.components(separatedBy: "= ConfigurationKey<").count - 1
        }
        #expect(declarations == names.count)
    }

    @Test(arguments: [
        ("yarn.resourcemanager.hostname", KnownKeys.Reader.heddle),
        ("yarn.scheduler.capacity.root.a.b.capacity", .heddle),
        ("hadoop.proxyuser.livy.hosts", .heddle),
        ("yarn.resourcemanager.address.rm1", .heddle),
        ("yarn.nodemanager.aux-services.spark_shuffle.class", .heddle),
        ("fs.trash.interval", .others),
        ("dfs.replication", .others),
        ("mapreduce.map.memory.mb", .others),
        ("yarn.resourcemanager.hostnmae", .nobody(nearest: "yarn.resourcemanager.hostname")),
        ("yarn.nodemanager.resource.memory.mb", .nobody(nearest: "yarn.nodemanager.resource.memory-mb")),
        ("yarn.scheduler.minimum-alocation-mb", .nobody(nearest: "yarn.scheduler.minimum-allocation-mb")),
        ("fs.defaultFs", .nobody(nearest: "fs.defaultFS")),
        ("heddle.cgroup.enabled", .nobody(nearest: "heddle.cgroups.enabled")),
        ("yarn.resourcemanager.address.rm9", .nobody(nearest: nil)),
        ("something.else.entirely", .nobody(nearest: nil)),
        ("k", .nobody(nearest: nil)),
    ])
    func `who reads a key is known, and a slip's nearest name found`(name: String, expected: KnownKeys.Reader) {
        #expect(KnownKeys.reader(of: name, members: ["rm1", "rm2"]) == expected)
    }

    @Test func `a check lists everything with its place, in the files' order`() throws {
        let folder = try ConfigurationFolder([
            "core-site.xml": site([
                "yarn.acl.enable": "true", "fs.default.name": "file:///", "hadoop.tmp.dir": "relative",
            ]),
            "yarn-site.xml": site([
                "yarn.nodemanager.log.retain-secs": "1", "yarn.nodemanager.vmem-pmem-ratio": "lots",
                "yarn.nodemanager.local-dirs": "/x/${nope}", "yarn.log-aggregation-enable": "${yarn.acl.enable}",
            ]),
        ])
        let found = try folder.load().check().map { problem in
            "\(problem.origin?.description.split(separator: "/").last ?? "") \(problem.severity) \(problem.key ?? "")"
        }
        #expect(
            found == [
                "core-site.xml:2 warning yarn.acl.enable",
                "core-site.xml:3 warning fs.default.name",
                "core-site.xml:4 error hadoop.tmp.dir",
                "yarn-site.xml:2 warning yarn.nodemanager.log.retain-secs",
                "yarn-site.xml:3 error yarn.nodemanager.vmem-pmem-ratio",
                "yarn-site.xml:4 warning yarn.nodemanager.local-dirs",
            ]
        )
    }
}
