/// What the tasks of one stage do, as it travels to executors: the operators from the last shuffles up to the stage's end.
struct StagePlan: Codable, Sendable {
    /// Parents before children; the last is what the tasks are for.
    var steps: [PlannedStep]
}

/// One operator of a plan.
struct PlannedStep: Codable, Sendable {
    enum Kind: Codable, Sendable {
        case narrow(PartitionMapping)
        /// Written by an earlier stage, with so many map tasks: read, not computed.
        case shuffled(mapTasks: Int)
    }

    var operation: String
    var file: String
    var line: Int
    var kernel: KernelText
    var functions: [FunctionReference]
    var values: [PlannedValue]
    /// Broadcasts whose handles the values hold.
    var broadcasts: [Digest]
    var parents: [Int]
    var kind: Kind
    var identity: Digest
    var storage: StorageLevel?

    /// A kernel's reference without payloads that a decoder must guess about.
    struct KernelText: Codable, Sendable {
        var offset: UInt?
        var operation: String?
    }

    var site: SourceSite { SourceSite(file: self.file, line: self.line) }

    var mapping: PartitionMapping {
        if case .narrow(let mapping) = self.kind { mapping } else { .same(parents: 1) }
    }

    init(_ step: Step, parents: [Int], kind: Kind, identity: Digest, storage: StorageLevel?) {
        self.operation = step.operation
        (self.file, self.line) = (step.site.file, step.site.line)
        switch step.kernel {
        case .code(let offset): self.kernel = KernelText(offset: offset)
        case .operation(let name): self.kernel = KernelText(operation: name)
        }
        self.functions = step.functions
        self.values = step.parameters.map { PlannedValue($0) }
        self.broadcasts = step.broadcasts.map(\.digest)
        self.parents = parents
        self.kind = kind
        self.identity = identity
        self.storage = storage
    }

    var isShuffled: Bool {
        if case .shuffled = self.kind { true } else { false }
    }
}

/// A value of a plan: small ones travel inside it, large ones are asked for by their digest, once by each executor.
struct PlannedValue: Codable, Sendable {
    var digest: Digest
    var bytes: [UInt8]?

    /// Up to this many bytes a value travels with every plan that uses it.
    static let inlineMaximum = 16 << 10

    init(_ parameter: Parameter) {
        self.digest = parameter.digest
        self.bytes = parameter.bytes.count <= Self.inlineMaximum ? parameter.bytes : nil
    }

    /// A broadcast, which always travels beside the plan.
    init(digest: Digest) {
        self.digest = digest
        self.bytes = nil
    }
}
