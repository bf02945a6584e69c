/// Cuts the graph of one action into stages at its shuffles, and writes each stage's plan.
struct StageBuilder {
    /// One stage: its plan, and what the scheduler has to know of it.
    struct Stage: Sendable {
        var plan: StagePlan
        /// The shuffle whose map tasks these are; nil for the stage of the action itself.
        var shuffle: Node?
        /// The dataset whose partitions the tasks go through.
        var subject: Node
        /// Stages that must be complete before this one, by their places in `stages`.
        var parents: [Int]
        /// The plan's sources: the place of each in the plan. Datasets that were made twice in the same way are one.
        var sources: [(node: Node, step: Int)]
        /// Values that did not fit into the plan.
        var values: [Parameter]
        /// Values that are always sent beside it.
        var broadcasts: [BroadcastOrigin]

        /// The last operation of the program's that the stage does, and where it stands.
        var name: String {
            let step = self.plan.steps.last
            return step.map { "\($0.operation) at \($0.site)" } ?? ""
        }

        /// What the stage computes, as pages draw it: all but the last step, which is the action's or writes a shuffle.
        var datasets: [DatasetInfo] {
            self.plan.steps.dropLast().map { step in
                DatasetInfo(
                    identity: step.identity,
                    operation: step.operation,
                    site: "\(step.site)",
                    parents: step.parents.map { self.plan.steps[$0].identity },
                    partitions: self.taskCount,
                    storage: step.storage
                )
            }
        }

        /// How many tasks the stage has.
        var taskCount: Int { self.subject.partitionCount }

        /// What a task needs of the sources.
        func slices(for partition: Int) -> [TaskOrder.Slice] {
            if self.sources.isEmpty { return [] }
            var found: [TaskOrder.Slice] = []
            var seen: Set<Place> = []
            self.collect(self.subject, partition, &seen, &found)
            return found
        }

        /// A partition of a dataset, which may be reached on many ways: as many as two to the power of a graph's depth.
        private struct Place: Hashable {
            var node: ObjectIdentifier
            var partition: Int

            init(_ node: Node, _ partition: Int) {
                self.node = ObjectIdentifier(node)
                self.partition = partition
            }
        }

        struct KeptDataset {
            var identity: Digest
            var level: StorageLevel
            var partitions: Int
            var read: [Int]
        }

        /// Datasets that executors keep and that tasks read, the nearest to the stage's end first; for each task the partition
        /// that it reads, -1 where that is none or several.
        func keptDatasets(of tasks: Range<Int>) -> [KeptDataset] {
            var found: [KeptDataset] = []
            for (place, task) in tasks.enumerated() {
                var met: Set<Digest> = []
                var seen: Set<Place> = []
                self.visit(self.subject, task, &seen) { node, partition in
                    let isFirst = met.insert(node.identity).inserted
                    if let known = found.firstIndex(where: { $0.identity == node.identity }) {
                        found[known].read[place] = isFirst ? partition : -1
                    } else {
                        var read = Array(repeating: -1, count: tasks.count)
                        read[place] = partition
                        found.append(
                            KeptDataset(
                                identity: node.identity,
                                level: node.storage ?? .memoryOnly,
                                partitions: node.partitionCount,
                                read: read
                            )
                        )
                    }
                }
            }
            return found
        }

        /// Calls a closure with every kept partition that a task reads, and does not look behind it.
        private func visit(_ node: Node, _ partition: Int, _ seen: inout Set<Place>, _ body: (Node, Int) -> Void) {
            if node.isShuffle || !seen.insert(Place(node, partition)).inserted { return }
            if node.storage != nil { return body(node, partition) }
            for origin in node.mapping.origins(of: partition) {
                self.visit(node.parents[origin.parent], origin.partition, &seen, body)
            }
        }

        /// For each task the machines that hold what its sources are read from, of the first source that knows some; empty where
        /// none knows any.
        func hosts(of tasks: Range<Int>) -> [[String]] {
            guard self.sources.contains(where: { !$0.node.hosts.isEmpty }) else { return [] }
            return tasks.map { task in
                var seen: Set<Place> = []
                return self.hosts(self.subject, task, &seen)
            }
        }

        private func hosts(_ node: Node, _ partition: Int, _ seen: inout Set<Place>) -> [String] {
            if node.isShuffle || !seen.insert(Place(node, partition)).inserted { return [] }
            if !node.hosts.isEmpty { return node.hosts[partition] }
            for origin in node.mapping.origins(of: partition) {
                let found = self.hosts(node.parents[origin.parent], origin.partition, &seen)
                if !found.isEmpty { return found }
            }
            return []
        }

        private func collect(
            _ node: Node,
            _ partition: Int,
            _ seen: inout Set<Place>,
            _ found: inout [TaskOrder.Slice]
        ) {
            if node.isShuffle || !seen.insert(Place(node, partition)).inserted { return }
            if !node.slices.isEmpty, let step = self.sources.first(where: { $0.node.identity == node.identity })?.step {
                if found.contains(where: { $0.step == step && $0.partition == partition }) { return }
                found.append(TaskOrder.Slice(step: step, partition: partition, bytes: node.slices[partition]))
            }
            for origin in node.mapping.origins(of: partition) {
                self.collect(node.parents[origin.parent], origin.partition, &seen, &found)
            }
        }
    }

    private(set) var stages: [Stage] = []
    private var stageOfShuffle: [Digest: Int] = [:]

    /// - Parameter action: the last step, which makes each partition's result.
    init(action: Step, on node: Node) {
        self.add(action, subject: node, shuffle: nil)
    }

    @discardableResult
    private mutating func add(_ last: Step, subject: Node, shuffle: Node?) -> Int {
        var draft = PlanDraft()
        let root = draft.place(subject)
        draft.append(last, parents: [root], kind: .narrow(.same(parents: 1)), identity: shuffle?.identity)
        var parents: [Int] = []
        for boundary in draft.boundaries {
            let stage = self.stageOfShuffle[boundary.identity] ?? self.add(shuffle: boundary)
            if !parents.contains(stage) { parents.append(stage) }
        }
        self.stages.append(
            Stage(
                plan: StagePlan(steps: draft.steps),
                shuffle: shuffle,
                subject: subject,
                parents: parents,
                sources: draft.sources,
                values: draft.values,
                broadcasts: draft.broadcasts
            )
        )
        return self.stages.count - 1
    }

    private mutating func add(shuffle: Node) -> Int {
        let stage = self.add(shuffle.step, subject: shuffle.parents[0], shuffle: shuffle)
        self.stageOfShuffle[shuffle.identity] = stage
        return stage
    }
}

/// A plan while it is written.
private struct PlanDraft {
    var steps: [PlannedStep] = []
    var boundaries: [Node] = []
    var sources: [(node: Node, step: Int)] = []
    var values: [Parameter] = []
    var broadcasts: [BroadcastOrigin] = []
    private var places: [Digest: Int] = [:]

    /// Writes a dataset and what it is made from, once, and says where.
    mutating func place(_ node: Node) -> Int {
        if let place = self.places[node.identity] { return place }
        if node.isShuffle {
            self.boundaries.append(node)
            let kind = PlannedStep.Kind.shuffled(mapTasks: node.parents[0].partitionCount)
            return self.append(node.step, parents: [], kind: kind, identity: node.identity)
        }
        let parents = node.parents.map { self.place($0) }
        let kind = PlannedStep.Kind.narrow(node.mapping)
        let place = self.append(node.step, parents: parents, kind: kind, identity: node.identity, node.storage)
        if !node.slices.isEmpty { self.sources.append((node, place)) }
        return place
    }

    @discardableResult
    mutating func append(
        _ step: Step,
        parents: [Int],
        kind: PlannedStep.Kind,
        identity: Digest?,
        _ storage: StorageLevel? = nil
    ) -> Int {
        let identity = identity ?? Digest(of: Array("\(step.operation) \(step.site)".utf8))
        self.steps.append(PlannedStep(step, parents: parents, kind: kind, identity: identity, storage: storage))
        // What is read from a shuffle needs nothing of what wrote it.
        if case .narrow = kind {
            self.values += step.parameters.filter { $0.bytes.count > PlannedValue.inlineMaximum }
            self.broadcasts += step.broadcasts
        }
        self.places[identity] = self.steps.count - 1
        return self.steps.count - 1
    }
}
