/// The shuffles that jobs have run, and the datasets of the program that can still ask for what they wrote. When the last of
/// these is gone, so may the files be.
struct ShuffleRoster {
    private struct Reference {
        weak var node: Node?
    }

    private var references: [Digest: [Reference]] = [:]
    /// How many references there may be before it is worth looking which are dead.
    private var limit = 64

    /// Notes the shuffles of a job.
    mutating func add(_ stages: [StageBuilder.Stage]) {
        for case let node? in stages.map(\.shuffle) {
            if self.references[node.identity]?.contains(where: { $0.node === node }) == true { continue }
            self.references[node.identity, default: []].append(Reference(node: node))
        }
    }

    /// - Returns: shuffles that nobody can ask for any more, in the order of their identities; they are forgotten here.
    mutating func abandoned() -> [Digest] {
        guard self.references.values.reduce(0, { $0 + $1.count }) > self.limit else { return [] }
        var dead: [Digest] = []
        for (identity, references) in self.references {
            let alive = references.filter { $0.node != nil }
            self.references[identity] = alive.isEmpty ? nil : alive
            if alive.isEmpty { dead.append(identity) }
        }
        self.limit = max(64, 2 * self.references.count)
        return dead.sorted()
    }
}
