import ClusterModel
import HadoopConfig
import SchedulerCore
import Settings
import Testing

@Suite struct QueueSettingsTests {
    private static let base = "yarn.scheduler.capacity.root"

    private func queues(_ properties: KeyValuePairs<String, String>) throws(ConfigurationError) -> [QueueSettings] {
        var configuration = Configuration(environment: ConfigurationEnvironment())
        for (key, value) in properties {
            configuration.set("\(Self.base).\(key)", value, source: "test")
        }
        return try SchedulerSettings(configuration).queues
    }

    @Test func `without queues there is root.default with everything`() throws {
        #expect(try self.queues([:]) == [QueueSettings()])
    }

    @Test func `shares multiply down the tree`() throws {
        let queues = try self.queues([
            "queues": "prod, dev", "prod.capacity": "75", "dev.capacity": "25", "dev.maximum-capacity": "50",
            "dev.queues": "a,b", "dev.a.capacity": "60", "dev.b.capacity": "40", "dev.a.maximum-capacity": "80",
            "dev.b.state": "STOPPED", "dev.b.user-limit-factor": "2.5", "dev.a.maximum-am-resource-percent": "0.3",
        ])
        #expect(queues.map(\.path) == ["root.prod", "root.dev.a", "root.dev.b"])
        #expect(queues.map(\.capacityPartsPerMillion) == [750_000, 150_000, 100_000])
        #expect(queues.map(\.maximumCapacityPartsPerMillion) == [1_000_000, 400_000, 500_000])
        #expect(queues.map(\.state) == [.running, .running, .stopped])
        #expect(queues[2].userLimitFactorPartsPerMillion == 2_500_000)
        #expect(queues[1].maximumMasterResourcePartsPerMillion == 300_000)
        #expect(queues[0].maximumMasterResourcePartsPerMillion == nil)
    }

    @Test func `whoever may use a queue may use those below it`() throws {
        let queues = try self.queues([
            "queues": "a", "a.capacity": "100", "acl_submit_applications": " ", "a.acl_submit_applications": "ann ops",
            "acl_administer_queue": "root",
        ])
        #expect(queues[0].submitAccessControl == "ann ops")
        #expect(queues[0].administerAccessControl == "root ")
        // Root lets everybody in unless it is told otherwise, and then the queue's own list changes nothing.
        let open = try self.queues(["queues": "a", "a.capacity": "100", "a.acl_submit_applications": "ann"])
        #expect(open[0].submitAccessControl == "*")
    }

    @Test(
        arguments: [
            (["queues": "a,b", "a.capacity": "50", "b.capacity": "40"], "queues", "add up to 90.0"),
            (["queues": "a,a", "a.capacity": "50"], "queues", "names queue a twice"),
            (["queues": "a,b", "a.capacity": "100"], "b.capacity", "must be set"),
            (["queues": "a.b", "a.b.capacity": "100"], "queues", "no queue name"),
            (["queues": "a", "a.capacity": "200"], "a.capacity", "accepted"),
            (["queues": "a", "a.capacity": "[memory=1,vcores=1]"], "a.capacity", "accepted"),
            (["queues": "a", "a.capacity": "100", "a.maximum-capacity": "50"], "a.maximum-capacity", "below"),
            (["queues": "a", "a.capacity": "100", "a.state": "OPEN"], "a.state", "RUNNING, STOPPED"),
        ] as [([String: String], String, String)]
    )
    func `queues that make no sense are refused by key`(
        properties: [String: String],
        key: String,
        message: String
    ) {
        var configuration = Configuration(environment: ConfigurationEnvironment())
        for (name, value) in properties {
            configuration.set("\(Self.base).\(name)", value, source: "test")
        }
        do {
            _ = try SchedulerSettings(configuration)
            Issue.record("expected an error")
        } catch {
            #expect(error.problems.first?.key == "\(Self.base).\(key)")
            #expect(error.description.contains(message))
        }
    }
}
