import ApplicationMaster
import EngineCore
import Logging
import Testing

@testable import Heddle

@Suite struct EngineSettingsTests {
    private func settings(_ values: [String: String]) throws -> EngineSettings {
        var settings = EngineSettings()
        let properties = EngineProperties(values)
        try settings.apply(properties, hasProcesses: true)
        try settings.allocation.apply(properties, try EngineSizes(properties, isCluster: true))
        return settings
    }

    @Test func `without properties settings are Spark's defaults`() throws {
        let settings = try self.settings([:])
        var expected = EngineSettings()
        expected.executorTimeout = .seconds(120)
        expected.allocation.fixedExecutors = 2
        #expect(settings == expected)
    }

    @Test func `properties of tasks and of placement are taken`() throws {
        let settings = try self.settings([
            "spark.task.maxFailures": "7", "spark.task.cpus": "2", "spark.locality.wait": "1s",
            "spark.locality.wait.node": "0", "spark.speculation": "true", "spark.speculation.multiplier": "3",
            "spark.speculation.quantile": "0.9", "spark.speculation.task.duration.threshold": "1min",
            "spark.excludeOnFailure.enabled": "true", "spark.excludeOnFailure.timeout": "5s",
            "spark.excludeOnFailure.task.maxTaskAttemptsPerNode": "5", "spark.network.timeout": "30",
        ])
        #expect(settings.maximumTaskFailures == 7 && settings.coresPerTask == 2)
        #expect(settings.locality.processWait == .seconds(1) && settings.locality.nodeWait == .zero)
        #expect(settings.speculation.isEnabled && settings.speculation.multiplierPerMille == 3000)
        #expect(settings.speculation.quantilePerMille == 900)
        #expect(settings.speculation.durationThreshold == .seconds(60))
        #expect(settings.exclusion.isEnabled && settings.exclusion.timeout == .seconds(5))
        #expect(settings.exclusion.taskAttemptsPerHost == 5)
        #expect(settings.executorTimeout == .seconds(30))
    }

    @Test func `dynamic allocation begins with what is asked for, and between its bounds`() throws {
        let settings = try self.settings([
            "spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.minExecutors": "1",
            "spark.dynamicAllocation.maxExecutors": "8", "spark.executor.instances": "3", "spark.executor.cores": "4",
            "spark.dynamicAllocation.executorIdleTimeout": "5s",
        ])
        let allocation = settings.allocation
        #expect(allocation.isDynamic && allocation.fixedExecutors == nil)
        #expect(allocation.minimumExecutors == 1 && allocation.maximumExecutors == 8)
        #expect(allocation.initialExecutors == 3 && allocation.coresPerExecutor == 4)
        #expect(allocation.idleTimeout == .seconds(5))
    }

    @Test(arguments: [
        [
            "spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.maxExecutors": "1",
            "spark.dynamicAllocation.minExecutors": "2",
        ],
        ["spark.speculation.quantile": "1.5"], ["spark.locality.wait": "soon"], ["spark.scheduler.mode": "LOTTERY"],
    ]) func `what cannot be is refused by its name`(values: [String: String]) {
        let error = #expect(throws: EngineProperties.Unusable.self) { try self.settings(values) }
        #expect(values.keys.contains { error?.description.contains($0) == true }, "\(error?.description ?? "")")
    }
}

/// Programs that are started by themselves, or set properties themselves, are checked when their context is made.
@Suite struct StartingPropertyTests {
    private func refusal(_ values: [String: String]) -> String {
        do {
            try HeddleContext(master: "local[1]", properties: values).stop()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: EngineProperty.allCases.filter { $0.form != .text })
    func `a property that only executors or clusters read is refused in local mode too`(property: EngineProperty) {
        let text = self.refusal([property.name: "nonsense"])
        #expect(text.hasPrefix("\(property.name)=nonsense is ") && text.contains("accepted"), "\(text)")
    }

    @Test func `a wrong level is refused with Spark's levels, each of which is taken`() {
        let text = self.refusal(["spark.log.level": "LOUD"])
        #expect(text.hasSuffix("accepted: ALL, DEBUG, ERROR, FATAL, INFO, OFF, TRACE, WARN"), "\(text)")
        for level in ["ALL", "DEBUG", "ERROR", "FATAL", "INFO", "OFF", "TRACE", "WARN", "warn"] {
            #expect(self.refusal(["spark.log.level": level]) == "")
        }
    }

    @Test func `levels are those of the log`() throws {
        func level(_ word: String) throws -> Logger.Level {
            try EngineLog.logger("test", EngineProperties(["spark.log.level": word])).logLevel
        }
        #expect(try level("ALL") == .trace && level("TRACE") == .trace && level("DEBUG") == .debug)
        #expect(try level("INFO") == .info && level("Warn") == .warning && level("ERROR") == .error)
        #expect(try level("FATAL") == .critical)
    }

    @Test func `a task that no executor has the cores for is refused`() {
        let text = self.refusal(["spark.task.cpus": "2"])
        #expect(text.contains("spark.task.cpus=2 is more than the 1 cores that tasks have together"), "\(text)")
    }
}
