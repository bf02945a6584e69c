/// One dataset of the program's graph. Nothing is computed before an action asks.
///
/// Its identity says what it holds: operator, place in the source, functions, values and parents. Two datasets with equal
/// identities hold the same elements, wherever in a loop they were made; caches and shuffle files are found by it.
@usableFromInline final class Node: Sendable {
    enum Kind: Sendable {
        /// Computed from partitions of its parents in the same task, or from its slices.
        case narrow(PartitionMapping)
        /// Its kernel runs in map tasks on the parent's partitions and writes for each of its own partitions.
        case shuffle
    }

    let step: Step
    let parents: [Node]
    let kind: Kind
    let partitionCount: Int
    /// What each partition of a source is made from; empty for all others.
    let slices: [[UInt8]]
    /// Machines that hold what the partitions of a source are made from; empty where nothing is known of any. Where something lies
    /// is no part of what it is, so nor of the identity.
    let hosts: [[String]]
    let storage: StorageLevel?
    /// How keys are spread over partitions, where that is known.
    let partitioning: Partitioning?
    let identity: Digest
    let fault: GraphFault?

    init(
        _ step: Step,
        parents: [Node],
        kind: Kind,
        partitionCount: Int,
        slices: [[UInt8]] = [],
        hosts: [[String]] = [],
        storage: StorageLevel? = nil,
        partitioning: Partitioning? = nil
    ) {
        self.step = step
        self.parents = parents
        self.kind = kind
        self.partitionCount = partitionCount
        self.slices = slices
        self.hosts = hosts
        self.storage = storage
        self.partitioning = partitioning
        self.fault = step.fault ?? parents.lazy.compactMap(\.fault).first
        var writer = IdentityWriter(step)
        writer.add(parents.map(\.identity))
        writer.add(kind, partitionCount)
        for slice in slices { writer.add(slice) }
        self.identity = writer.digest
    }

    var isShuffle: Bool {
        if case .shuffle = self.kind { true } else { false }
    }

    var mapping: PartitionMapping {
        if case .narrow(let mapping) = self.kind { mapping } else { .same(parents: self.parents.count) }
    }
}

/// A value that travels as data; large ones once to each executor.
struct Parameter: Sendable {
    var bytes: [UInt8]
    var digest: Digest

    init(bytes: [UInt8]) {
        self.bytes = bytes
        self.digest = Digest(of: bytes)
    }
}

/// An operator with what it was given, before it has a place in the graph.
@usableFromInline struct Step: Sendable {
    @usableFromInline var operation: String
    @usableFromInline var site: SourceSite
    var kernel: KernelReference
    var functions: [FunctionReference] = []
    var parameters: [Parameter] = []
    /// Broadcasts whose handles the parameters hold.
    var broadcasts: [BroadcastOrigin] = []
    var fault: GraphFault?

    /// - Parameters:
    ///   - type: the operator, by whose name it is found where the kernel has no code of its own.
    ///   - kernel: `{ try type.open($0) }`, written where the operator's types are known.
    @inlinable init(_ operation: String, at site: SourceSite, _ type: any Operator.Type, _ kernel: @escaping Kernel) {
        // Here, where the literal is seen: a function that is only passed on gets a context from the compiler.
        self.init(operation, at: site, type, FunctionWords(kernel))
    }

    @usableFromInline init(
        _ operation: String,
        at site: SourceSite,
        _ type: any Operator.Type,
        _ words: FunctionWords
    ) {
        self.operation = operation
        self.site = site
        if words.capturesNothing, let offset = ProgramImage.offset(of: words.code) {
            self.kernel = .code(offset)
        } else if let name = OperatorTypes.name(of: type) {
            self.kernel = .operation(name)
        } else {
            self.kernel = .operation("")
            self.fault = .namelessType("\(type)", operation: operation, site: site)
        }
        if let key = type.keyType, let part = KeyShape.unstablePartName(of: key) {
            self.fault = .unstableKey("\(key)", part: part, operation: operation, site: site)
        }
    }

    /// Another step of the same operation.
    @inlinable init(_ other: Step, _ type: any Operator.Type, _ kernel: @escaping Kernel) {
        self.init(other.operation, at: other.site, type, FunctionWords(kernel))
    }

    /// The same, handed a number of partitions.
    @usableFromInline func passingCount(_ count: Int) -> Step { self.passing(count) }

    /// The same with one more function.
    @inlinable func calling<Function>(_ function: Function) -> Step {
        // A thunk's context lives no longer than the value that holds it.
        withExtendedLifetime(function) { self.calling(FunctionWords(function)) }
    }

    @usableFromInline func calling(_ words: FunctionWords) -> Step {
        var step = self
        do {
            if let reference = try words.reference() {
                step.functions.append(reference)
            } else {
                step.fault = step.fault ?? .capturingClosure(operation: self.operation, site: self.site)
            }
        } catch {
            step.fault = step.fault ?? .unreachableCode(operation: self.operation, site: self.site)
        }
        return step
    }

    /// The same with one more value.
    @inlinable func passing<Value: Codable & Sendable>(_ value: Value) -> Step {
        do {
            return try self.passing { try Portable.encode(value) }
        } catch {
            return self.refusing("the value cannot be sent to executors: \(error)")
        }
    }

    @usableFromInline func passing(_ encode: () throws -> [UInt8]) rethrows -> Step {
        var step = self
        let (bytes, broadcasts) = try HandedBroadcasts.collecting(encode)
        step.parameters.append(Parameter(bytes: bytes))
        step.broadcasts += broadcasts
        return step
    }

    /// The same, refused for the reason for which another step is.
    func refusing(_ fault: GraphFault?) -> Step {
        var step = self
        step.fault = step.fault ?? fault
        return step
    }

    @usableFromInline func refusing(_ reason: String) -> Step {
        var step = self
        step.fault =
            step.fault ?? .impossible(operation: self.operation, site: self.site, reason: reason)
        return step
    }
}

/// Operators by the names of their types.
enum OperatorTypes {
    /// - Returns: nil where the name would not lead back to the type.
    static func name(of type: any Operator.Type) -> String? {
        guard let name = _mangledTypeName(type), Self.type(named: name) != nil else { return nil }
        return name
    }

    static func type(named name: String) -> (any Operator.Type)? { _typeByName(name) as? any Operator.Type }
}
