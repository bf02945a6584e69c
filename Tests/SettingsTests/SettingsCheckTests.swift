import HadoopConfig
import Settings
import Testing

@Suite struct SettingsCheckTests {
    private func problems(_ properties: KeyValuePairs<String, String>) -> [ConfigurationProblem] {
        var configuration = Configuration(
            ["yarn.resourcemanager.hostname": "127.0.0.1", "yarn.nodemanager.vmem-check-enabled": "false"],
            environment: ConfigurationEnvironment(systemProperties: ["user.name": "ann"])
        )
        for (key, value) in properties {
            configuration.set(key, value, source: "test")
        }
        return SettingsCheck.problems(in: configuration)
    }

    @Test func `a plain configuration has no problem`() {
        #expect(self.problems([:]) == [])
    }

    @Test func `every bad value is found, once`() {
        let found = self.problems([
            "yarn.nodemanager.local-dirs": "x", "yarn.acl.enable": "si", "yarn.resourcemanager.address": "h:h",
        ])
        #expect(
            found.map(\.key) == [
                "yarn.nodemanager.local-dirs", "yarn.acl.enable", "yarn.resourcemanager.address",
            ]
        )
        #expect(found.allSatisfy { $0.severity == .error })
    }

    @Test(arguments: [
        ("yarn.resourcemanager.hostname", "10.0.0.1", "yarn.resourcemanager.hostname", "refusing to listen"),
        ("yarn.nodemanager.resource.memory-mb", "512", "yarn.nodemanager.resource.memory-mb", "no container"),
        ("yarn.nodemanager.recovery.enabled", "true", "yarn.nodemanager.address", "fixed one"),
        ("yarn.nodemanager.vmem-check-enabled", "true", "yarn.nodemanager.vmem-check-enabled", "address space"),
        (
            "yarn.scheduler.capacity.root.dev.capacity", "10", "yarn.scheduler.capacity.root.dev.capacity",
            "no queue root.dev; queues are root.default"
        ),
    ])
    func `values that do not fit together are found`(key: String, value: String, at: String, message: String) {
        let found = self.problems([key: value])
        #expect(found.map(\.key) == [at])
        #expect(found.first?.message.contains(message) == true)
    }

    @Test(arguments: [
        ("hadoop.prometheus.endpoint.enabled", "true", "false"), ("yarn.node-labels.enabled", "TRUE", " false "),
        ("yarn.scheduler.capacity.queue-mappings", "u:ann:dev", " "), ("yarn.resource-types", "gpu", ""),
        ("yarn.resourcemanager.scheduler.monitor.enable", "true", "false"),
    ])
    func `what is asked for and not built is a warning`(key: String, on: String, off: String) {
        let found = self.problems([key: on])
        #expect(found.map(\.key) == [key])
        #expect(found.first?.severity == .warning)
        #expect(found.first?.message.hasPrefix("not built yet: ") == true)
        #expect(self.problems([key: off]) == [])
    }

    @Test func `an open network and an unset host are warnings`() {
        let found = self.problems([
            "heddle.security.allow-insecure-network": "true", "yarn.resourcemanager.bind-host": "0.0.0.0",
        ])
        #expect(found.first?.key == "heddle.security.allow-insecure-network")
        #expect(found.first?.severity == .warning)
        let unset = SettingsCheck.problems(
            in: Configuration(environment: ConfigurationEnvironment(systemProperties: ["user.name": "ann"]))
        )
        #expect(unset.contains { $0.key == "yarn.resourcemanager.hostname" && $0.message.contains("0.0.0.0:8032") })
    }

    @Test func `an address that leads each machine to itself is a warning`() {
        let (hostname, address) = ("yarn.resourcemanager.hostname", "yarn.resourcemanager.address")
        let open = "heddle.security.allow-insecure-network"
        func wildcards(_ properties: KeyValuePairs<String, String>) -> [String?] {
            self.problems(properties).filter { $0.message.contains("to its own machine") }.map(\.key)
        }
        #expect(wildcards([open: "true", hostname: "0.0.0.0"]) == [hostname])
        #expect(wildcards([open: "true", address: "0.0.0.0:8032"]) == [address])
        let available: KeyValuePairs = [
            open: "true", "yarn.resourcemanager.ha.enabled": "true", "yarn.resourcemanager.ha.rm-ids": "a,b",
            "\(hostname).a": "rm-a.example", "\(hostname).b": "0.0.0.0",
        ]
        #expect(wildcards(available) == ["\(hostname).b"])
        #expect(wildcards([hostname: "rm.example"]).isEmpty)
    }
}
