import ClusterModel
import Testing

@testable import SchedulerCore

/// A random history of a cluster, and an auditor that keeps books of its own from the outputs alone.
struct Workload {
    private var generator: SeededGenerator
    private var bench = Bench { $0.containerAllocationExpiry = .seconds(30) }
    private var attempts: [ApplicationAttemptID] = []
    private var capacities: [NodeID: ResourceVector] = [:]
    private var live: [ContainerID: (node: NodeID, capability: ResourceVector)] = [:]
    private var everGranted: Set<ContainerID> = []
    private var launched: Set<ContainerID> = []
    private var leaving: [ContainerID: (node: NodeID, capability: ResourceVector)] = [:]
    private var nextApplication: Int32 = 1
    private(set) var history: [Scheduler.Output] = []

    init(seed: UInt64) {
        self.generator = SeededGenerator(seed: seed)
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps {
            self.bench.now.milliseconds += Int64.random(in: 0...2000, using: &self.generator)
            let input = self.input()
            self.before(input)
            let outputs = self.bench.step(input)
            self.history += outputs
            self.audit(outputs)
            #expect(self.bench.scheduler.brokenInvariant == nil)
            #expect(self.unmetDemand == nil)
        }
    }

    /// Demand that is left waiting although there is room for it.
    private var unmetDemand: ApplicationID? {
        self.bench.scheduler.hungry.map(\.application).first { id in
            guard let attempt = self.bench.scheduler.applications[id]?.attempt else { return true }
            let refused = self.bench.scheduler.ledger.slots(named: attempt.blacklist)
            return attempt.demand.groups.contains { group in
                group.wanted > 0 && self.bench.scheduler.place(for: group, refusing: refused) != nil
            }
        }
    }

    private mutating func input() -> Scheduler.Input {
        switch Int.random(in: 0..<100, using: &self.generator) {
        case 0..<6:
            let name = "n\(Int.random(in: 0..<12, using: &self.generator))"
            let capacity = ResourceVector(
                memoryMiB: Int64.random(in: 2...10, using: &self.generator) * 1024,
                vcores: Int64.random(in: 1...10, using: &self.generator)
            )
            return .nodeAdded(.init(id: node(name), rack: "/r\(name.last ?? "0")", capacity: capacity))
        case 6..<8: return .nodeLost(self.anyNode())
        case 8..<9: return .nodeDraining(self.anyNode())
        case 9..<14:
            self.nextApplication += 1
            let id = attempt(self.nextApplication)
            self.attempts.append(id)
            let priority = Int32.random(in: 0...2, using: &self.generator)
            return .applicationAdded(.init(id: id.application, user: "u\(id.number % 3)", priority: priority))
        case 14..<19:
            let master: Scheduler.Master = Bool.random(using: &self.generator) ? .unmanaged : .wanted([row(1)])
            return .attemptAdded(.init(id: self.newAttempt(), master: master))
        case 19..<22: return .applicationEnded(self.anyAttempt().application)
        case 22..<24:
            return .attemptEnded(self.anyAttempt(), keepsContainers: Bool.random(using: &self.generator))
        case 24..<60: return .allocate(self.allocation())
        case 60..<75: return .containerLaunched(self.anyContainer())
        case 75..<95: return .containerFinished(self.anyContainer())
        case 95..<97: return .release([self.anyContainer()], .releasedByApplication)
        default: return .timePassed
        }
    }

    private mutating func allocation() -> Scheduler.Allocation {
        let places = ["*", "*", "*", "/r1", "/r2", "n1", "n2", "n3"]
        let rows = (0..<Int.random(in: 0...3, using: &self.generator)).map { _ in
            row(
                Int32.random(in: 0...6, using: &self.generator),
                places[Int.random(in: 0..<places.count, using: &self.generator)],
                memoryMiB: Int64.random(in: 1...4, using: &self.generator) * 700,
                vcores: Int64.random(in: 1...3, using: &self.generator),
                priority: Int32.random(in: 0...2, using: &self.generator),
                relax: Int.random(in: 0..<4, using: &self.generator) > 0
            )
        }
        let releases = Bool.random(using: &self.generator) ? [] : [self.anyContainer()]
        let blacklist = Int.random(in: 0..<9, using: &self.generator) == 0 ? ["n1"] : []
        return .init(attempt: self.anyAttempt(), asks: rows, releases: releases, blacklistAdditions: blacklist)
    }

    private mutating func anyNode() -> NodeID { node("n\(Int.random(in: 0..<12, using: &self.generator))") }

    private mutating func anyAttempt() -> ApplicationAttemptID {
        self.attempts.suffix(8).randomElement(using: &self.generator) ?? attempt(1)
    }

    /// The next attempt of some application: no attempt's id is used twice.
    private mutating func newAttempt() -> ApplicationAttemptID {
        guard let index = self.attempts.indices.suffix(8).randomElement(using: &self.generator) else {
            return attempt(1)
        }
        self.attempts[index].number += 1
        return self.attempts[index]
    }

    private mutating func anyContainer() -> ContainerID {
        let known = (Array(self.live.keys) + Array(self.leaving.keys)).sorted()
        return known.randomElement(using: &self.generator) ?? ContainerID(attempt: attempt(1), packed: 1)
    }

    /// What an input itself changes in the auditor's books.
    private mutating func before(_ input: Scheduler.Input) {
        switch input {
        case .nodeAdded(let node): self.capacities[node.id] = node.capacity
        case .nodeLost(let node):
            self.capacities[node] = nil
            self.leaving = self.leaving.filter { $0.value.node != node }
        case .containerLaunched(let id): if self.live[id] != nil { self.launched.insert(id) }
        case .containerFinished(let id): self.leaving[id] = nil
        default: break
        }
    }

    private mutating func audit(_ outputs: [Scheduler.Output]) {
        for output in outputs {
            switch output {
            case .granted(let grant):
                #expect(self.everGranted.insert(grant.container).inserted, "granted twice")
                self.live[grant.container] = (grant.node, grant.capability)
                let used = self.used(grant.node)
                let capacity = self.capacities[grant.node] ?? .zero
                #expect(used.fits(in: capacity), "\(grant.node) is granted \(used) of \(capacity)")
            case .ended(let id, let node, let reason):
                guard let container = self.live.removeValue(forKey: id) else {
                    Issue.record("\(id) ends without having been granted, or twice")
                    continue
                }
                #expect(container.node == node)
                let staysTaken = self.launched.contains(id) && reason != .finished && reason != .nodeLost
                if staysTaken { self.leaving[id] = container }
            case .refused, .preempt, .headroom: break
            }
        }
        let used = self.live.values.reduce(ResourceVector.zero) { $0 + $1.capability }
        let queue = self.bench.scheduler.queueReports[0]
        #expect(queue.used == used, "the queue's use is the sum of its containers")
        #expect(queue.containers == Int64(self.live.count))
    }

    private func used(_ node: NodeID) -> ResourceVector {
        let here = Array(self.live.values) + Array(self.leaving.values)
        return here.filter { $0.node == node }.reduce(.zero) { $0 + $1.capability }
    }
}

@Suite struct `Random histories` {
    @Test(arguments: [UInt64(11), 12, 13, 14, 15, 16, 17, 18])
    func `no node is ever granted beyond its capacity, each grant is made once, and all sums agree`(seed: UInt64) {
        var workload = Workload(seed: seed)
        workload.run(steps: 4000)
        #expect(workload.history.grants.count > 100)
    }

    @Test func `the same history gives the same decisions in the same order`() {
        var one = Workload(seed: 99)
        var other = Workload(seed: 99)
        one.run(steps: 1000)
        other.run(steps: 1000)
        #expect(one.history == other.history)
    }
}
