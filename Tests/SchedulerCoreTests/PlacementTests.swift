import ClusterModel
import Testing

@testable import SchedulerCore

@Suite struct Placement {
    @Test func `a whole ask is granted in the call that brings it, spread over the emptiest nodes`() {
        var bench = Bench()
        for name in ["b", "a", "c"] { bench.addNode(name) }
        let grants = bench.ask(bench.addApplication(1), row(6))
        #expect(grants.map(\.node.host) == ["a", "b", "c", "a", "b", "c"])
        #expect(grants.map(\.container.sequence) == [1, 2, 3, 4, 5, 6])
        #expect(Set(grants.map(\.locality)) == [.offSwitch])
    }

    @Test func `no node is filled beyond its capacity, in whichever component`() {
        var bench = Bench()
        bench.addNode("a", memoryMiB: 4096, vcores: 16)
        bench.addNode("b", memoryMiB: 65_536, vcores: 3)
        let grants = bench.ask(bench.addApplication(1), row(100))
        #expect(grants.filter { $0.node.host == "a" }.count == 4)
        #expect(grants.filter { $0.node.host == "b" }.count == 3)
    }

    @Test func `where only memory counts, vcores neither limit nor are kept`() {
        var bench = Bench { $0.resourceCalculator = .memoryOnly }
        bench.addNode("a", memoryMiB: 8192, vcores: 1)
        let grants = bench.ask(bench.addApplication(1), row(100, vcores: 7))
        #expect(grants.count == 8)
        #expect(Set(grants.map(\.capability)) == [ResourceVector(memoryMiB: 1024, vcores: 1)])
    }

    @Test(arguments: [(1, 1024), (1024, 1024), (1025, 2048), (0, 1024), (70_000, 65_536)])
    func `sizes are rounded up to whole minimum allocations within the maximum`(asked: Int64, granted: Int64) {
        let bench = Bench()
        let size = bench.scheduler.settings.normalised(ResourceVector(memoryMiB: asked, vcores: 0))
        #expect(size == ResourceVector(memoryMiB: granted, vcores: 1))
    }

    @Test func `a host is preferred to its rack and the rack to anywhere`() {
        var bench = Bench()
        bench.addNode("a1", memoryMiB: 1024, rack: "/a")
        bench.addNode("a2", memoryMiB: 1024, rack: "/a")
        bench.addNode("b1", rack: "/b")
        let grants = bench.ask(bench.addApplication(1), row(3, "a1"), row(3, "/a"), row(3))
        #expect(grants.map(\.node.host) == ["a1", "a2", "b1"])
        #expect(grants.map(\.locality) == [.nodeLocal, .rackLocal, .offSwitch])
    }

    @Test func `relax_locality false pins an ask to the places it names`() {
        var bench = Bench()
        bench.addNode("a1", memoryMiB: 1024, rack: "/a")
        bench.addNode("a2", rack: "/a")
        bench.addNode("b1", rack: "/b")
        let pinned = bench.addApplication(1)
        let toHost = bench.ask(
            pinned,
            row(2, "a1"),
            row(2, "/a", relax: false),
            row(2, relax: false)
        )
        #expect(toHost.map(\.node.host) == ["a1"])
        let toRack = bench.ask(bench.addApplication(2), row(9, "/b"), row(9, relax: false))
        #expect(toRack.map(\.node.host) == Array(repeating: "b1", count: 8))
        // Room on the named host serves what waits.
        #expect(bench.step(.containerFinished(toHost[0].container)).hosts == ["a1"])
    }

    @Test func `rows are absolute: a later one replaces an earlier one of its place`() {
        var bench = Bench()
        let one = bench.addApplication(1)
        #expect(bench.ask(one, row(5)).isEmpty)
        #expect(bench.ask(one, row(2)).isEmpty)
        bench.addNode("a")
        #expect(bench.outputs.grants.count == 2)
        // The ApplicationMaster counts down itself and repeats what is left: nothing more is wanted.
        #expect(bench.ask(one, row(0)).isEmpty)
        #expect(bench.ask(one, row(1)).count == 1)
    }

    @Test func `a grant that its ApplicationMaster has not seen counts against what it asks for next`() {
        var bench = Bench()
        let one = bench.addApplication(1)
        _ = bench.ask(one, row(2))
        bench.addNode("a")
        #expect(bench.outputs.grants.count == 2)
        // It repeats its two and wants a third; the reply to this call brings the two.
        #expect(bench.ask(one, row(3)).count == 1)
        #expect(bench.ask(one, row(1)).count == 1)
    }

    @Test func `a grant lost before it was seen is made again elsewhere`() {
        var bench = Bench()
        let one = bench.addApplication(1)
        _ = bench.ask(one, row(1, "a", relax: true), row(1))
        bench.addNode("a")
        bench.addNode("b")
        #expect(bench.outputs.hosts == ["a"])
        #expect(bench.step(.nodeLost(node("a"))).hosts == ["b"])
        // Seen now: its loss is the ApplicationMaster's to mend.
        bench.step(.allocate(.init(attempt: one)))
        bench.addNode("c")
        #expect(bench.step(.nodeLost(node("b"))).grants.isEmpty)
    }

    @Test func `kinds of containers do not mix: priority, size and allocation request id`() {
        var bench = Bench()
        bench.addNode("a", memoryMiB: 65_536, vcores: 64)
        let grants = bench.ask(
            bench.addApplication(1),
            row(1, memoryMiB: 2048, priority: 5, id: 7),
            row(2, memoryMiB: 1024, priority: 3, id: 9),
            row(1, memoryMiB: 1024, priority: 5, id: 7)
        )
        #expect(grants.map(\.priority) == [3, 3, 5, 5])
        #expect(grants.map(\.allocationRequestID) == [9, 9, 7, 7])
        #expect(grants.map(\.capability.memoryMiB) == [1024, 1024, 1024, 2048])
    }

    @Test func `a blacklisted host or rack takes nothing new until it is taken off the list`() {
        var bench = Bench()
        bench.addNode("a1", rack: "/a")
        bench.addNode("b1", rack: "/b")
        let one = bench.addApplication(1)
        bench.step(.allocate(.init(attempt: one, blacklistAdditions: ["a1", "/b"])))
        #expect(bench.ask(one, row(2)).isEmpty)
        let freed = bench.step(.allocate(.init(attempt: one, blacklistRemovals: ["/b"])))
        #expect(freed.hosts == ["b1", "b1"])
    }

    @Test func `a blacklisted rack does not shut out the node that takes the slot of one it had`() {
        var bench = Bench()
        bench.addNode("a1", rack: "/a")
        bench.step(.nodeLost(node("a1")))
        bench.addNode("b1", rack: "/b")
        let one = bench.addApplication(1)
        bench.step(.allocate(.init(attempt: one, blacklistAdditions: ["/a"])))
        #expect(bench.ask(one, row(1)).map(\.node.host) == ["b1"])
    }

    @Test func `a draining node keeps what it has and takes nothing new`() {
        var bench = Bench()
        bench.addNode("a")
        let one = bench.addApplication(1)
        let before = bench.ask(one, row(2))
        bench.step(.nodeDraining(node("a")))
        #expect(bench.scheduler.total == ResourceVector(memoryMiB: 2048, vcores: 2))
        #expect(bench.ask(one, row(1)).isEmpty)
        bench.step(.containerFinished(before[0].container))
        #expect(bench.scheduler.total == ResourceVector(memoryMiB: 1024, vcores: 1))
        bench.addNode("a")
        #expect(bench.outputs.grants.count == 3)
    }

    @Test func `a lost node ends what it had and room elsewhere is not affected`() {
        var bench = Bench()
        bench.addNode("a", memoryMiB: 2048)
        bench.addNode("b", memoryMiB: 2048)
        let one = bench.addApplication(1)
        let grants = bench.ask(one, row(4))
        let lost = bench.step(.nodeLost(node("a")))
        #expect(Set(lost.ends) == Set(grants.filter { $0.node.host == "a" }.map(\.container)))
        #expect(bench.scheduler.used == ResourceVector(memoryMiB: 2048, vcores: 2))
        #expect(bench.ask(one, row(1)).isEmpty)
    }

    @Test func `a lowered capacity takes nothing away and admits nothing until there is room again`() {
        var bench = Bench()
        bench.addNode("a", memoryMiB: 4096)
        let one = bench.addApplication(1)
        let grants = bench.ask(one, row(4))
        bench.step(.nodeUpdated(node("a"), capacity: ResourceVector(memoryMiB: 2048, vcores: 8)))
        #expect(bench.ask(one, row(1)).isEmpty)
        for grant in grants.prefix(2) { bench.step(.containerFinished(grant.container)) }
        #expect(bench.outputs.grants.count == 4)
        bench.step(.containerFinished(grants[2].container))
        #expect(bench.outputs.grants.count == 5)
    }

    @Test func `headroom is what the cluster has free`() {
        var bench = Bench()
        bench.addNode("a", memoryMiB: 4096, vcores: 4)
        let one = bench.addApplication(1)
        let outputs = bench.step(.allocate(.init(attempt: one, asks: [row(1)])))
        #expect(outputs.last == .headroom(one, ResourceVector(memoryMiB: 3072, vcores: 3)))
    }

    @Test func `the largest container is bounded by the largest node`() {
        var bench = Bench()
        #expect(bench.scheduler.maximumAllocation.memoryMiB == 65_536)
        bench.addNode("a", memoryMiB: 4096)
        bench.addNode("b", memoryMiB: 16_384, vcores: 2)
        #expect(bench.scheduler.maximumAllocation == ResourceVector(memoryMiB: 16_384, vcores: 8))
        bench.step(.nodeLost(node("b")))
        #expect(bench.scheduler.maximumAllocation == ResourceVector(memoryMiB: 4096, vcores: 8))
    }
}

@Suite struct `Order of service` {
    @Test func `higher application priority first, then the order of submission`() {
        var bench = Bench()
        let attempts = [(1, 0), (2, 5), (3, 5), (4, 0)].map { number, priority in
            bench.addApplication(Int32(number), priority: Int32(priority))
        }
        for attempt in attempts { _ = bench.ask(attempt, row(1)) }
        bench.addNode("a", memoryMiB: 3072)
        #expect(bench.outputs.grants.map(\.container.application.number) == [2, 3, 1])
    }

    @Test func `a changed priority changes the order of those that wait`() {
        var bench = Bench()
        let one = bench.addApplication(1)
        let two = bench.addApplication(2)
        _ = bench.ask(one, row(1))
        _ = bench.ask(two, row(1))
        bench.step(.applicationPriorityChanged(two.application, 3))
        bench.addNode("a", memoryMiB: 1024)
        #expect(bench.outputs.grants.map(\.container.application.number) == [2])
    }

    @Test func `room that appears goes to what waits at once`() {
        var bench = Bench()
        bench.addNode("a", memoryMiB: 1024)
        let one = bench.addApplication(1)
        let two = bench.addApplication(2)
        let held = bench.ask(one, row(1))
        #expect(bench.ask(two, row(1)).isEmpty)
        let outputs = bench.step(.containerFinished(held[0].container))
        #expect(outputs.grants.map(\.container.attempt) == [two])
    }

    @Test func `a queue admits no more applications than it may`() {
        var bench = Bench { $0.maximumApplications = 1 }
        bench.addApplication(1)
        let second = bench.step(.applicationAdded(.init(id: attempt(2).application, user: "bob")))
        #expect(
            second == [
                .refused(attempt(2).application, .applicationLimitReached(queue: "root.default", limit: 1))
            ]
        )
        bench.step(.applicationEnded(attempt(1).application))
        #expect(bench.step(.applicationAdded(.init(id: attempt(2).application, user: "bob"))).isEmpty)
    }

    @Test(arguments: ["default", "root.default"])
    func `a queue is known by its name and by its path`(name: String) {
        var bench = Bench()
        let outputs = bench.step(.applicationAdded(.init(id: attempt(1).application, user: "ann", queue: name)))
        #expect(outputs.isEmpty)
    }

    @Test(arguments: ["nosuch", "root", "", "DEFAULT"])
    func `an unknown queue is refused`(name: String) {
        var bench = Bench()
        let outputs = bench.step(.applicationAdded(.init(id: attempt(1).application, user: "ann", queue: name)))
        #expect(outputs == [.refused(attempt(1).application, .unknownQueue(name))])
    }
}

@Suite struct `The limit for ApplicationMasters` {
    private func bench() -> Bench {
        var bench = Bench { $0.maximumMasterResourcePartsPerMillion = 250_000 }
        bench.addNode("a", memoryMiB: 8192, vcores: 8)
        return bench
    }

    private func submit(_ number: Int32, _ bench: inout Bench) -> [Scheduler.Output] {
        let id = attempt(number)
        bench.step(.applicationAdded(.init(id: id.application, user: "ann")))
        return bench.step(.attemptAdded(.init(id: id, master: .wanted([row(1, priority: 0)]))))
    }

    @Test func `a quarter of eight lets in two, and the third when one of them ends`() {
        var bench = self.bench()
        #expect(self.submit(1, &bench).grants.count == 1)
        #expect(self.submit(2, &bench).grants.map(\.isMaster) == [true])
        #expect(self.submit(3, &bench).grants.isEmpty)
        guard case .notActivated(let limit) = bench.scheduler.masterWait(of: attempt(3)) else {
            Issue.record("the third does not wait for the limit")
            return
        }
        #expect(limit.limit == ResourceVector(memoryMiB: 2048, vcores: 2))
        #expect(limit.used == ResourceVector(memoryMiB: 2048, vcores: 2))
        let outputs = bench.step(.applicationEnded(attempt(1).application))
        #expect(outputs.grants.map(\.container.attempt) == [attempt(3)])
    }

    @Test func `one is always let in, even before there is a node`() {
        var bench = Bench { $0.maximumMasterResourcePartsPerMillion = 0 }
        #expect(self.submit(1, &bench).grants.isEmpty)
        guard case .forRoom(let shortage) = bench.scheduler.masterWait(of: attempt(1)) else {
            Issue.record("the first is not let in")
            return
        }
        #expect(shortage.nodes == 0)
        bench.addNode("a")
        #expect(bench.outputs.grants.count == 1)
        #expect(bench.scheduler.masterWait(of: attempt(1)) == nil)
    }

    @Test func `a higher limit lets in those who wait`() {
        var bench = self.bench()
        for number in 1...3 { _ = self.submit(Int32(number), &bench) }
        var settings = bench.scheduler.settings
        settings.maximumMasterResourcePartsPerMillion = 500_000
        #expect(bench.step(.settingsChanged(settings)).grants.map(\.container.attempt) == [attempt(3)])
    }
}

@Suite struct `Containers' ends` {
    @Test func `a container its node has not seen frees its room when it is released`() {
        var bench = Bench()
        bench.addNode("a", memoryMiB: 1024)
        let one = bench.addApplication(1)
        let grant = bench.ask(one, row(1))[0]
        let outputs = bench.step(.allocate(.init(attempt: one, releases: [grant.container])))
        #expect(outputs.first == .ended(grant.container, on: node("a"), .releasedByApplication))
        #expect(bench.scheduler.used.isZero)
    }

    @Test func `a running one frees the application's use at once and its room when its node says it is gone`() {
        var bench = Bench()
        bench.addNode("a", memoryMiB: 1024)
        let one = bench.addApplication(1)
        let grant = bench.ask(one, row(1))[0]
        bench.step(.containerLaunched(grant.container))
        let outputs = bench.step(.allocate(.init(attempt: one, asks: [row(1)], releases: [grant.container])))
        #expect(outputs.ends == [grant.container])
        #expect(outputs.grants.isEmpty)
        #expect(bench.scheduler.report(on: one.application)?.used == .zero)
        let gone = bench.step(.containerFinished(grant.container))
        #expect(gone.ends.isEmpty)
        #expect(gone.grants.count == 1)
    }

    @Test func `an application cannot release what is not its own`() {
        var bench = Bench()
        bench.addNode("a")
        let grant = bench.ask(bench.addApplication(1), row(1))[0]
        let other = bench.addApplication(2)
        #expect(bench.step(.allocate(.init(attempt: other, releases: [grant.container]))).ends.isEmpty)
    }

    @Test func `a grant that is not launched in time is taken back`() {
        var bench = Bench { $0.containerAllocationExpiry = .seconds(60) }
        bench.addNode("a")
        let grants = bench.ask(bench.addApplication(1), row(2))
        bench.step(.containerLaunched(grants[0].container))
        #expect(bench.scheduler.nextDeadline == bench.now.adding(milliseconds: 60_000))
        bench.now.milliseconds += 59_999
        #expect(bench.step(.timePassed).isEmpty)
        bench.now.milliseconds += 1
        #expect(bench.step(.timePassed) == [.ended(grants[1].container, on: node("a"), .expiredUnused)])
        #expect(bench.scheduler.nextDeadline == nil)
    }

    @Test func `an attempt's end ends its containers, or leaves them to the next attempt`() {
        var bench = Bench()
        bench.addNode("a")
        let one = bench.addApplication(1)
        let grants = bench.ask(one, row(2))
        #expect(bench.step(.attemptEnded(one, keepsContainers: true)).ends.isEmpty)
        bench.step(.attemptAdded(.init(id: attempt(1, 2), master: .unmanaged)))
        #expect(bench.scheduler.containers(of: one.application) == grants.map(\.container))
        #expect(
            bench.step(.attemptEnded(attempt(1, 2), keepsContainers: false)).ends == grants.map(\.container)
        )
    }

    @Test func `recovered containers are booked as they are reported, even beyond a node's capacity`() {
        var bench = Bench()
        bench.addNode("a", memoryMiB: 2048)
        let one = bench.addApplication(1)
        for sequence in 1...3 {
            let recovered = Scheduler.RecoveredContainer(
                id: ContainerID(attempt: one, epoch: 0, sequence: Int64(sequence)),
                node: node("a"),
                capability: ResourceVector(memoryMiB: 1024, vcores: 1)
            )
            bench.step(.containerRecovered(recovered))
            bench.step(.containerRecovered(recovered))
        }
        #expect(bench.scheduler.used == ResourceVector(memoryMiB: 3072, vcores: 3))
        #expect(bench.ask(one, row(1)).isEmpty)
    }
}
