import ClusterModel
import Testing

@testable import NodeManagerCore

@Suite struct ResourceManagerTests {
    @Test func `a start registers, the answer brings the first heartbeat at once`() {
        var node = Fixture(isRegistered: false)
        node.step(.started)
        guard case .register(let report) = node.actions.first else {
            Issue.record("did \(node.actions)")
            return
        }
        #expect(report.containers.isEmpty && report.runningApplications.isEmpty)
        node.step(
            .registrationAnswered(
                RegistrationAnswer(action: .normal, resourceManagerIdentifier: Fixture.resourceManager)
            )
        )
        #expect(node.heartbeats.map(\.responseID) == [0])
        #expect(node.core.view.isRegistered)
    }

    @Test func `a ResourceManager that is away is tried again, ever more slowly up to a limit`() {
        var node = Fixture(isRegistered: false)
        node.step(.started)
        var waits: [Int64] = []
        for _ in 0..<6 {
            node.step(.registrationFailed("connection refused"))
            let deadline = node.core.nextDeadline ?? .distantFuture
            waits.append(deadline.milliseconds(since: node.now))
            node.now = deadline
            node.step(.timePassed)
            #expect(node.actions.contains { if case .register = $0 { true } else { false } })
        }
        #expect(waits == [250, 500, 1_000, 2_000, 2_000, 2_000])
    }

    @Test func `a heartbeat follows every interval that the ResourceManager names`() {
        var node = Fixture()
        node.wait(milliseconds: 1_000)
        #expect(node.heartbeats.map(\.responseID) == [1])
        node.answerHeartbeat {
            $0.responseID = 2
            $0.nextInterval = 3_000
        }
        node.wait(milliseconds: 2_999)
        #expect(node.heartbeats.isEmpty)
        node.wait(milliseconds: 1)
        #expect(node.heartbeats.map(\.responseID) == [2])
    }

    @Test func `a lost answer is asked for again with the same response id, and containers go on`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.wait(milliseconds: 1_000)
        #expect(node.heartbeats.map(\.responseID) == [1])
        node.step(.heartbeatFailed("connection reset"))
        node.wait(milliseconds: 250)
        #expect(node.heartbeats.map(\.responseID) == [1])
        #expect(node.status(1)?.state == .running)
    }

    @Test func `RESYNC registers again with all containers, ended ones too, and accepts the new ResourceManager`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.running(Fixture.containerStart(2))
        node.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 9)))
        node.answerHeartbeat { $0.action = .resync }
        guard case .register(let report) = node.actions.last else {
            Issue.record("did \(node.actions)")
            return
        }
        #expect(report.containers.map(\.status.container) == [Fixture.container(1), Fixture.container(2)])
        #expect(report.containers.map(\.status.state) == [.complete, .running])
        #expect(node.actions.contains { if case .signal = $0 { true } else { false } } == false)
        #expect(report.runningApplications == [Fixture.application])
        node.step(.registrationAnswered(RegistrationAnswer(action: .normal, resourceManagerIdentifier: 5)))
        #expect(node.heartbeats.map(\.responseID) == [0])
        #expect(node.effects.records == [.resourceManagerIdentified(5)])
        node.answerHeartbeat()
        #expect(node.start([Fixture.containerStart(3)]).failed.count == 1)
        #expect(node.start([Fixture.containerStart(3) { $0.resourceManagerIdentifier = 5 }]).failed.isEmpty)
    }

    @Test func `without work-preserving recovery RESYNC ends the containers`() {
        var node = Fixture { $0.keepsContainersOnResync = false }
        node.running(Fixture.containerStart(1))
        node.wait(milliseconds: 1_000)
        node.answerHeartbeat { $0.action = .resync }
        #expect(node.actions.contains(.signal(Fixture.container(1), .terminate)))
    }

    @Test func `SHUTDOWN ends all containers, then the daemon`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.wait(milliseconds: 1_000)
        node.answerHeartbeat {
            $0.action = .shutdown
            $0.diagnostics = "Disallowed"
        }
        #expect(node.actions.contains(.signal(Fixture.container(1), .terminate)))
        #expect(!node.actions.contains { if case .stop = $0 { true } else { false } })
        node.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 143)))
        #expect(
            node.actions.contains {
                if case .stop(let reason?) = $0 { reason.contains("Disallowed") } else { false }
            }
        )
    }

    @Test func `a refused registration ends the daemon`() {
        var node = Fixture(isRegistered: false)
        node.step(.started)
        node.step(
            .registrationAnswered(
                RegistrationAnswer(action: .shutdown, resourceManagerIdentifier: 0, diagnostics: "too small")
            )
        )
        #expect(node.actions.contains { if case .stop(_?) = $0 { true } else { false } })
    }

    @Test func `containers to clean up are ended as killed by the ResourceManager`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.wait(milliseconds: 1_000)
        node.answerHeartbeat { $0.containersToCleanUp = [Fixture.container(1), Fixture.container(99)] }
        #expect(node.actions.contains(.signal(Fixture.container(1), .terminate)))
        node.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 143)))
        #expect(node.status(1)?.exitStatus == .killedByResourceManager)
        #expect(node.status(1)?.diagnostics.contains("Container Killed by ResourceManager") == true)
    }

    @Test func `an ended application's containers are forgotten once their end was told`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.wait(milliseconds: 1_000)
        node.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
        node.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 143)))
        #expect(node.heartbeats.first?.containers.first?.state == .complete)
        node.answerHeartbeat()
        node.wait(milliseconds: 1_000)
        node.answerHeartbeat()
        #expect(node.status(1) == nil)
    }

    @Test func `bad news of the node's health are told at once`() {
        var node = Fixture()
        let health = NodeHealth(
            isHealthy: false,
            report: "disk full",
            checkedAt: node.now,
            goodLocalDirectories: [],
            goodLogDirectories: ["/logs"]
        )
        node.step(.healthReported(health))
        #expect(node.heartbeats.map(\.health.report) == ["disk full"])
        node.answerHeartbeat()
        node.step(.healthReported(health))
        #expect(node.heartbeats.isEmpty)
        _ = node.start([Fixture.containerStart(1)])
        #expect(node.status(1)?.exitStatus == .disksFailed)
    }

    @Test func `an orderly stop unregisters, ends the containers and then the daemon`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.step(.daemonStopRequested)
        #expect(node.actions == [.unregister, .signal(Fixture.container(1), .terminate)])
        node.wait(milliseconds: 250)
        node.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 143)))
        #expect(node.actions.contains(.stop(reason: nil)))
        #expect(node.core.nextDeadline == nil)
    }

    @Test func `a supervised stop leaves containers to the next start`() {
        var node = Fixture {
            $0.recoversContainers = true
            $0.isSupervised = true
        }
        node.running(Fixture.containerStart(1))
        node.step(.daemonStopRequested)
        #expect(node.actions == [.stop(reason: nil)])
    }

    @Test func `a successor adopts what runs, reports what ended and launches what never got to it`() {
        var node = Fixture(isRegistered: false) { $0.recoversContainers = true }
        func recovered(_ number: Int64, _ change: (inout RecoveredContainer) -> Void) -> RecoveredContainer {
            var container = RecoveredContainer(
                start: Fixture.containerStart(number, resources: [Fixture.resource("/a", .application)]),
                directories: ContainerDirectories(work: "/w\(number)", log: "/l\(number)", private: "/p\(number)"),
                acceptedAt: node.now,
                wasLaunched: true
            )
            change(&container)
            return container
        }
        var state = RecoveredState()
        state.resourceManagerIdentifier = Fixture.resourceManager
        let key = ResourceKey(
            source: ResourceSource(scheme: "file", path: "/a"),
            timestamp: 5,
            kind: .file,
            pattern: "",
            owner: .application(Fixture.application, user: "alice")
        )
        state.resources = [
            CachedResource(ticket: ResourceTicket(7), key: key, directory: "/c/7", path: "/c/7/a", sizeBytes: 1)
        ]
        state.containers = [
            recovered(1) { _ in },
            recovered(2) {
                $0.completed = ContainerStatus(
                    container: Fixture.container(2),
                    state: .complete,
                    diagnostics: "why",
                    exitStatus: ContainerExitStatus(code: 3),
                    resource: .zero,
                    executionType: .guaranteed,
                    isStarting: false
                )
            },
            recovered(3) { $0.wasLaunched = false },
            recovered(4) { $0.stopping = StopReason(exitStatus: .killedByApplicationMaster, text: "stop") },
        ]
        state.logs = [
            LeftoverLogs(application: ApplicationID(clusterTimestamp: 1, number: 1), lastChange: .unset)
        ]
        node.step(.recovered(state))
        #expect(
            node.actions.contains(
                .adopt(AdoptionOrder(container: Fixture.container(1), privateDirectory: "/p1", logDirectory: "/l1"))
            )
        )
        #expect(node.launches.map(\.container) == [Fixture.container(3)])
        #expect(node.launches.first?.links.map(\.target) == ["/c/7/a"])
        #expect(node.downloads.isEmpty)
        node.step(.containerLaunched(Fixture.container(4), process: 5))
        #expect(node.status(1)?.state == .running)
        #expect(node.status(2)?.exitStatus == ContainerExitStatus(code: 3))
        #expect(node.status(2)?.diagnostics == "why")
        node.step(.timePassed)
        #expect(node.deleted.contains("/logs/application_1_0001"))
    }
}
