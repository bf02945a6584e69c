import ApplicationMaster
import EngineCore
import Synchronization
import TestSupport
import Testing

@testable import Heddle

private enum Pooled {
    static let quickIsSubmitted = Atomic(false)
    static let quickHasRun = Atomic(false)
    static let late = Atomic(0)

    /// What a task of the slow job does: those that have the cores at first wait until the other job is there, all others until
    /// it has run.
    static func wait(_ number: Int, cores: Int) -> Int {
        let deadline = ContinuousClock.now + patience
        func mayGoOn() -> Bool {
            number < cores
                ? self.quickIsSubmitted.load(ordering: .relaxed) : self.quickHasRun.load(ordering: .relaxed)
        }
        while !mayGoOn() {
            guard ContinuousClock.now < deadline else {
                self.late.wrappingAdd(1, ordering: .relaxed)
                break
            }
        }
        return number
    }
}

@Suite(.timeLimit(.minutes(5))) struct PoolsFileTests {
    private static func pools(_ text: String) throws -> [String: PoolSettings] {
        let folder = try Folder()
        let path = try folder.write("pools.xml", text)
        let properties = EngineProperties(["spark.scheduler.mode": "FAIR", "spark.scheduler.allocation.file": path])
        var settings = EngineSettings()
        try settings.apply(properties, hasProcesses: false)
        #expect(settings.pools.mode == .fair)
        return settings.pools.pools
    }

    @Test func `a file of pools is Spark's`() throws {
        let pools = try Self.pools(
            """
            <?xml version="1.0"?>
            <!-- Licensed -->
            <allocations>
              <pool name="production">
                <schedulingMode>FAIR</schedulingMode>
                <weight> 1 </weight>
                <minShare>2</minShare>
              </pool>
              <pool name='a &amp; b'><schedulingMode>fifo</schedulingMode><weight>2</weight></pool>
              <pool name="bare"/>
            </allocations>
            """
        )
        #expect(
            pools == [
                "production": PoolSettings(mode: .fair, weight: 1, minimumShare: 2),
                "a & b": PoolSettings(weight: 2), "bare": PoolSettings(),
            ]
        )
    }

    @Test(arguments: [
        ("<allocations><pool><weight>1</weight></pool></allocations>", "has a pool without a name"),
        ("<a><pool name='p'/><pool name='p'/></a>", "has two pools of the name p"),
        (
            "<a><pool name='p'><weight>0</weight></pool></a>",
            "says weight 0 of pool p; accepted are whole numbers from 1"
        ),
        ("<a><pool name='p'><minShare>x</minShare></pool></a>", "says minShare x of pool p"),
        ("<a><pool name='p'><schedulingMode>NONE</schedulingMode></pool></a>", "says schedulingMode NONE of pool p"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "is not well-formed"), ("", "is not well-formed"),
    ])
    func `what is wrong in it is told`(_ text: String, _ expected: String) {
        let error = #expect(throws: EngineProperties.Unusable.self) { try Self.pools(text) }
        #expect(error?.description.contains("pools.xml \(expected)") == true, "\(error?.description ?? "")")
    }

    @Test func `a file that is named must be there`() throws {
        var settings = EngineSettings()
        let properties = EngineProperties([
            "spark.scheduler.mode": "fair", "spark.scheduler.allocation.file": "/nowhere/pools.xml",
        ])
        let error = #expect(throws: EngineProperties.Unusable.self) {
            try settings.apply(properties, hasProcesses: false)
        }
        #expect(
            error?.description
                == "The file of pools /nowhere/pools.xml does not exist; spark.scheduler.allocation.file names it"
        )
        // Where jobs queue nobody asks for pools.
        try settings.apply(
            EngineProperties(["spark.scheduler.allocation.file": "/nowhere/pools.xml"]),
            hasProcesses: false
        )
    }

    @Test func `a job in a pool of its own does not wait for one that has more tasks than there are cores`()
        async throws
    {
        let cores = 3
        let context = try HeddleContext(master: "local[\(cores)]", properties: ["spark.scheduler.mode": "FAIR"])
        let slow = Task {
            try await context.withSchedulerPool("slow") {
                try await context.parallelize(0..<8, partitions: 8).map(with: cores) { Pooled.wait($1, cores: $0) }
                    .count()
            }
        }
        let quick = Task {
            try await eventually("the slow job") { context.hasJob(in: "slow") }
            context.setSchedulerPool("quick")
            return try await context.parallelize([1], partitions: 1).map { number in
                Pooled.quickHasRun.store(true, ordering: .relaxed)
                return number
            }.count()
        }
        try await eventually("the quick job") { context.hasJob(in: "quick") }
        Pooled.quickIsSubmitted.store(true, ordering: .relaxed)
        #expect(try await quick.value == 1)
        #expect(try await slow.value == 8)
        #expect(Pooled.late.load(ordering: .relaxed) == 0)
    }
}

extension HeddleContext {
    fileprivate func hasJob(in pool: String) -> Bool {
        let application = EventLog.Application(id: "test", name: "test", user: "test", properties: [:])
        return self.driver.status(of: application, startedAt: 0).jobs.contains { $0.pool == pool }
    }
}
