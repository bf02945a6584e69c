import HadoopConfig
import ResourceManagerCore
import Settings
import Testing

@Suite struct ListenAddressTests {
    static let environment = ConfigurationEnvironment(systemProperties: ["user.name": "ann"])

    private func resourceManager(
        _ properties: KeyValuePairs<String, String>
    ) throws -> ResourceManagerDaemonSettings {
        try ResourceManagerDaemonSettings(Configuration(properties, environment: Self.environment))
    }

    @Test func `unset addresses bind and advertise loopback`() throws {
        let settings = try self.resourceManager([:])
        #expect(settings.listenAddresses.allSatisfy { $0.bindHost == "127.0.0.1" && $0.isLoopback })
        #expect(settings.listenAddresses.map(\.port) == [8_032, 8_030, 8_031, 8_033, 8_088])
        #expect(settings.client.advertised.description == "127.0.0.1:8032")
        #expect(settings.core.webAddress == "http://127.0.0.1:8088")
        #expect(settings.startWarnings.isEmpty)
        let node = try NodeManagerDaemonSettings(Configuration(environment: Self.environment))
        #expect(node.containerManager.bindHost == "127.0.0.1")
        #expect(node.containerManager.port == 0)
        #expect(node.resourceTracker.description == "127.0.0.1:8031")
    }

    @Test(arguments: ["127.0.0.1", "127.0.0.5", "localhost", "[::1]", "a.localhost"])
    func `a loopback host is bound as it stands`(host: String) throws {
        let settings = try self.resourceManager(["yarn.resourcemanager.hostname": host])
        #expect(settings.client.advertised.description == "\(host):8032")
        #expect(settings.client.isLoopback)
    }

    @Test(arguments: [
        ("yarn.resourcemanager.hostname", "0.0.0.0"), ("yarn.resourcemanager.hostname", "10.0.0.1"),
        ("yarn.resourcemanager.webapp.address", "0.0.0.0:8088"), ("yarn.resourcemanager.bind-host", "0.0.0.0"),
        ("yarn.resourcemanager.bind-host", "::"), ("yarn.resourcemanager.hostname", "192.0.2.1"),
        ("yarn.resourcemanager.hostname", "no-such-host.invalid"),
        ("yarn.resourcemanager.hostname", "[::ffff:10.0.0.1]"),
        ("yarn.resourcemanager.hostname", "127.0.0.1.example.invalid"), ("yarn.resourcemanager.hostname", "0"),
    ])
    func `another address is refused, and the error says where it stands, why, and what to do`(
        key: String,
        value: String
    ) {
        do {
            _ = try self.resourceManager([key: value])
            Issue.record("expected a refusal")
        } catch let error as ConfigurationError {
            #expect(error.problems.first?.key == key)
            #expect(error.description.contains("run any command"))
            #expect(error.description.contains("heddle.security.allow-insecure-network"))
        } catch {
            Issue.record("another error: \(error)")
        }
    }

    @Test func `a node manager refuses as well`() {
        let configuration = Configuration(["yarn.nodemanager.hostname": "10.0.0.1"], environment: Self.environment)
        #expect(throws: ConfigurationError.self) { try NodeManagerDaemonSettings(configuration) }
    }

    @Test func `allowed, another address is bound with a warning at start`() throws {
        let settings = try self.resourceManager([
            "yarn.resourcemanager.hostname": "10.0.0.1", "heddle.security.allow-insecure-network": "true",
        ])
        #expect(settings.client.bindHost == "10.0.0.1")
        let warning = try #require(settings.startWarnings.first)
        #expect(warning.contains("10.0.0.1:8032"))
        #expect(warning.contains("cryptominers"))
    }

    @Test func `allowed, an unset address is Hadoop's, every address`() throws {
        let settings = try self.resourceManager(["heddle.security.allow-insecure-network": "true"])
        #expect(settings.client.bindHost == "0.0.0.0")
        #expect(settings.client.advertisedHost != "0.0.0.0")
    }

    @Test func `bind-host changes what is bound and not what others are told`() throws {
        let settings = try self.resourceManager([
            "yarn.resourcemanager.hostname": "rm.example.org", "yarn.resourcemanager.bind-host": "127.0.0.1",
        ])
        #expect(settings.client.bindHost == "127.0.0.1")
        #expect(settings.client.advertised.description == "rm.example.org:8032")
    }
}
