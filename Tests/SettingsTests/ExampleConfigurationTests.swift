import ClusterModel
import Foundation
import HadoopConfig
import NodeManagerCore
import ResourceManagerCore
import SchedulerCore
import Settings
import Testing

/// etc-hadoop, the example that people start from.
@Suite struct ExampleConfigurationTests {
    private func load() throws -> Configuration {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../etc-hadoop").standardizedFileURL.path
        return try Configuration.load(
            directory: folder,
            environment: ConfigurationEnvironment(systemProperties: ["user.name": "ann"])
        )
    }

    @Test func `nothing is wrong or odd about it`() throws {
        let configuration = try self.load()
        #expect(SettingsCheck.problems(in: configuration) == [])
    }

    @Test func `its daemons listen on loopback only and do what its comments say`() throws {
        let configuration = try self.load()
        let resourceManager = try ResourceManagerDaemonSettings(configuration)
        let nodeManager = try NodeManagerDaemonSettings(configuration)
        #expect((resourceManager.listenAddresses + nodeManager.listenAddresses).allSatisfy { $0.isLoopback })
        #expect(resourceManager.core.scheduler.minimumAllocation.memoryMiB == 1)
        #expect(resourceManager.core.scheduler.resourceCalculator == .dominant)
        #expect(resourceManager.recoveryEnabled)
        #expect(!nodeManager.core.checksVirtualMemory)
        #expect(nodeManager.core.logRetention == .seconds(86_400))
        #expect(nodeManager.containerManager.port == 8_041)
        #expect(nodeManager.shufflePort == 7_447)
        #expect(nodeManager.client.resourceManagerWaitMaximum == .seconds(10))
    }
}
