import ClusterModel
import NodeManagerCore
import Testing

struct LogAggregationPolicyTests {
    private static let package = "org.apache.hadoop.yarn.server.nodemanager.containermanager.logaggregation."

    private func policy(_ name: String, _ parameters: String = "") throws -> LogAggregationPolicy {
        try #require(LogAggregationPolicy(className: Self.package + name, parameters: parameters))
    }

    /// What a policy takes of: a master that succeeded, then others that ended with 0, 1, 143, -105 and -109.
    private func taken(_ policy: LogAggregationPolicy) -> [Bool] {
        [policy.takes(Fixture.container(1), isMaster: true, status: .success)]
            + [0, 1, 143, -105, -109].map {
                policy.takes(Fixture.container(2), isMaster: false, status: ContainerExitStatus(code: $0))
            }
    }

    @Test(arguments: [
        ("AllContainerLogAggregationPolicy", [true, true, true, true, true, true]),
        ("NoneContainerLogAggregationPolicy", [false, false, false, false, false, false]),
        ("AMOnlyLogAggregationPolicy", [true, false, false, false, false, false]),
        ("AMOrFailedContainerLogAggregationPolicy", [true, false, true, false, false, true]),
        ("FailedContainerLogAggregationPolicy", [false, false, true, false, false, true]),
        ("FailedOrKilledContainerLogAggregationPolicy", [false, false, true, true, true, true]),
        ("LimitSizeContainerLogAggregationPolicy", [true, true, true, true, true, false]),
        ("SampleContainerLogAggregationPolicy", [true, true, true, true, true, true]),
    ])
    func `Hadoop's policies take what their names say`(name: String, expected: [Bool]) throws {
        #expect(self.taken(try self.policy(name)) == expected)
    }

    private func sampled(_ parameters: String, of count: Int64) throws -> [Int64] {
        let policy = try self.policy("SampleContainerLogAggregationPolicy", parameters)
        return (2..<count + 2).filter { policy.takes(Fixture.container($0), isMaster: false, status: .success) }
    }

    @Test
    func `A sample has the first containers and a share of the rest`() throws {
        #expect(try self.sampled("", of: 100).count == 36)
        #expect(try self.sampled("SR:0.2,MIN:20", of: 100).prefix(20) == (2...21).map { $0 }[...])
        #expect(try self.sampled("SR:0.5,MIN:50", of: 100).count == 75)
        #expect(try self.sampled("SR:0,MIN:3", of: 100).count == 3)
        #expect(try self.sampled("MIN:0, SR:1", of: 100).count == 100)
        // What cannot be read leaves Hadoop's own.
        for parameters in ["SR:2,MIN:-1", "SR:x", "SR", "SR:nan"] {
            #expect(try self.sampled(parameters, of: 100).count == 36)
        }
        #expect(try self.sampled("SR:0.000001,MIN:0", of: 1_000).isEmpty)
    }

    @Test
    func `A container's number never makes the sample overflow`() throws {
        let policy = try self.policy("SampleContainerLogAggregationPolicy", "SR:0.999999,MIN:0")
        _ = policy.takes(Fixture.container((1 << 40) - 1), isMaster: false, status: .success)
    }

    @Test(arguments: ["", "com.example.Own", "org.apache.hadoop.Other.AllContainerLogAggregationPolicy"])
    func `Another class is none`(name: String) {
        #expect(LogAggregationPolicy(className: name, parameters: "") == nil)
    }

    // MARK: - In force

    private static func start(_ number: Int64, _ change: (inout LogAggregationContext) -> Void) -> ContainerStart {
        var context = LogAggregationContext()
        change(&context)
        return Fixture.containerStart(number) {
            $0.isApplicationMaster = number == 1
            $0.logAggregation = context
        }
    }

    private static func orders(_ fixture: Fixture) -> [LogAggregationOrder] {
        fixture.actions.compactMap { if case .aggregateLogs(let order) = $0 { order } else { nil } }
    }

    @Test
    func `The application's policy outranks the cluster's and leaves containers out`() throws {
        var fixture = Fixture {
            $0.aggregatesLogs = true
            $0.logPolicy = .noContainers
        }
        for number in 1...3 as ClosedRange<Int64> {
            fixture.running(
                Self.start(number) { $0.policyClass = Self.package + "AMOrFailedContainerLogAggregationPolicy" }
            )
        }
        for (number, code) in [(1, 0), (2, 0), (3, 7)] as [(Int64, Int32)] {
            fixture.step(.containerEnded(Fixture.container(number), ContainerEnd(exitCode: code)))
        }
        fixture.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
        let order = try #require(Self.orders(fixture).first)
        #expect(order.skipped == [Fixture.container(2)])
        #expect(order.running == nil)
        #expect(order.stamp == nil)
    }

    @Test
    func `Parameters of the cluster hold for a policy that comes without its own`() throws {
        var fixture = Fixture {
            $0.aggregatesLogs = true
            $0.logPolicyParameters = "SR:0,MIN:0"
        }
        fixture.running(Self.start(2) { $0.policyClass = Self.package + "SampleContainerLogAggregationPolicy" })
        fixture.step(.containerEnded(Fixture.container(2), ContainerEnd(exitCode: 0)))
        fixture.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
        #expect(Self.orders(fixture).first?.skipped == [Fixture.container(2)])
    }

    @Test
    func `A class that is not built in is named once, and the cluster's policy holds`() throws {
        var fixture = Fixture {
            $0.aggregatesLogs = true
            $0.logPolicy = .noContainers
        }
        func notes() -> [String] {
            fixture.actions.compactMap { if case .note(let text) = $0 { text } else { nil } }
        }
        _ = fixture.start([Self.start(1) { $0.policyClass = "com.example.Own" }])
        #expect(notes().count == 1)
        #expect(notes().first?.contains("com.example.Own is not built in") == true)
        #expect(notes().first?.contains("SampleContainerLogAggregationPolicy") == true)
        _ = fixture.start([Self.start(2) { $0.policyClass = "com.example.Own" }])
        #expect(notes().isEmpty)
        fixture.step(.containerLaunchFailed(Fixture.container(1), .failed("x")))
        fixture.step(.containerLaunchFailed(Fixture.container(2), .failed("x")))
        fixture.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
        #expect(Self.orders(fixture).first?.skipped == [Fixture.container(1), Fixture.container(2)])
        #expect(fixture.core.heartbeatReport.logs.last?.diagnostics.contains("com.example.Own") == true)
    }
}
