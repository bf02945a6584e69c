/// One step of a computation on one partition, as the engine finds it again in another process.
///
/// An operator is a generic struct whose `open` is the step's kernel. In a release build the compiler specialises the kernel
/// literal at the user's call site and it travels as an offset in the program; where it could not, the operator travels by
/// its type's name and its generic code runs.
@usableFromInline protocol Operator: SendableMetatype {
    /// Opens the step for one partition: a `Stream`, or whatever its reader expects.
    static func open(_ input: OperatorInput) throws -> AnyObject
    /// The type of what is spread over partitions by its hash; nil where nothing is.
    static var keyType: Any.Type? { get }
}

extension Operator {
    @inlinable static var keyType: Any.Type? { nil }
}

@usableFromInline typealias Kernel = @Sendable (OperatorInput) throws -> AnyObject

/// Where the code of a kernel is.
enum KernelReference: Hashable, Sendable {
    /// An offset in the program.
    case code(UInt)
    /// The mangled name of an `Operator`.
    case operation(String)
}

/// What stands in the way of running a dataset's operator in another process.
enum GraphFault: Error, Hashable, Sendable {
    case capturingClosure(operation: String, site: SourceSite)
    case unreachableCode(operation: String, site: SourceSite)
    /// A closure reads a variable of `main.swift`, or another whose value only this process has.
    case programVariable(String, operation: String, site: SourceSite)
    case namelessType(String, operation: String, site: SourceSite)
    case unstableKey(String, part: String, operation: String, site: SourceSite)
    case impossible(operation: String, site: SourceSite, reason: String)
}

extension GraphFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .capturingClosure(let operation, let site):
            """
            \(site): the closure of \(operation) captures a value. Closures run in other processes and only data travels: \
            hand the value over with \(operation)(with: value) { value, element in ... }. (A key path given as a function is \
            captured too in a debug build: write { $0.name }.)
            """
        case .unreachableCode(let operation, let site):
            """
            \(site): the function given to \(operation) is not part of this program but of a shared library: wrap it in a \
            closure, as in { $0.name }.
            """
        case .programVariable(let name, let operation, let site):
            """
            \(site): the closure of \(operation) reads \(name), a variable outside of it that was set while the program ran. \
            Closures run in other processes, where it was not: hand the value over with \(operation)(with: \(name)) { \(name), \
            element in ... }.
            """
        case .namelessType(let type, let operation, let site):
            """
            \(site): \(operation) uses \(type), which is private or declared inside a function, so that a debug build cannot \
            find it in another process: make it internal or public, or build with -c release.
            """
        case .unstableKey(let key, let part, let operation, let site):
            """
            \(site): \(operation) spreads elements by keys of type \(key), which holds a \(part). Its hash differs from process \
            to process, so that equal keys would not meet: let \(key) conform to StablyHashable.
            """
        case .impossible(let operation, let site, let reason): "\(site): \(operation): \(reason)"
        }
    }
}

/// What a kernel is handed: its operator's functions and values, its parents, and the task it runs in.
@usableFromInline final class OperatorInput {
    private let index: Int
    private let step: OpenedPlan.Step
    /// The partition of this step's dataset that is wanted.
    @usableFromInline let partition: Int
    @usableFromInline let task: TaskScope
    private let open: (_ parent: Int, _ partition: Int) throws -> AnyObject

    init(
        index: Int,
        step: OpenedPlan.Step,
        isLast: Bool,
        partition: Int,
        task: TaskScope,
        open: @escaping (_ parent: Int, _ partition: Int) throws -> AnyObject
    ) {
        self.index = index
        self.isLast = isLast
        self.step = step
        self.partition = partition
        self.task = task
        self.open = open
    }

    /// Whether this is the step that the others work for.
    @usableFromInline let isLast: Bool

    var planned: PlannedStep { self.step.planned }

    /// The dataset whose partition this is.
    var identity: Digest { self.planned.identity }

    @usableFromInline func words(_ index: Int) -> FunctionWords { self.step.functions[index] }

    /// The function that was given as argument `index`.
    @inlinable func function<Function>(_ index: Int = 0, as type: Function.Type) -> Function {
        self.words(index).function(as: type)
    }

    /// The value that was given as argument `index`; decoded once in an executor, however many tasks use it.
    @inlinable func value<Value: Codable & Sendable>(_ index: Int = 0, as type: Value.Type) throws -> Value {
        let box = try self.decoded(index, ObjectIdentifier(type)) { try Decoded(Portable.decode(type, from: $0)) }
        return unsafe unsafeDowncast(box, to: Decoded<Value>.self).value
    }

    @usableFromInline func decoded(
        _ index: Int,
        _ type: ObjectIdentifier,
        _ decode: ([UInt8]) throws -> any AnyObject & Sendable
    ) throws -> AnyObject {
        try self.task.value(self.step.planned.values[index].digest).decoded(as: type, decode)
    }

    /// What is particular to this partition of a source.
    @inlinable func slice<Value: Codable & Sendable>(as type: Value.Type) throws -> Value {
        try Portable.decode(type, from: self.sliceBytes())
    }

    @usableFromInline func sliceBytes() throws -> [UInt8] {
        try self.task.slice(of: self.index, partition: self.partition)
    }

    /// The partition of the (first) parent that belongs to this one.
    @inlinable func stream<Element>(of type: Element.Type) throws -> Stream<Element> {
        try self.stream(of: type, parent: 0, partition: self.partition)
    }

    @inlinable func stream<Element>(of type: Element.Type, parent: Int, partition: Int) throws -> Stream<Element> {
        let stream = unsafe unsafeDowncast(try self.openParent(parent, partition), to: Stream<Element>.self)
        if !self.isLast { return stream }
        // The step that pulls asks whether the task is still wanted, once for each batch.
        return Stream<Element> { batch in
            try self.task.checkCancellation()
            return try stream.next(into: &batch)
        }
    }

    @usableFromInline func openParent(_ parent: Int, _ partition: Int) throws -> AnyObject {
        try self.open(parent, partition)
    }

    /// The partitions of parents that this one is made of, in order.
    @usableFromInline var origins: [PartitionOrigin] { self.step.planned.mapping.origins(of: self.partition) }

    /// What executors' map tasks wrote for this partition.
    @usableFromInline func shuffled(parent: Int) throws -> ShuffleInput {
        unsafe unsafeDowncast(try self.open(parent, self.partition), to: ShuffleInput.self)
    }
}

/// A value of a generic type behind a class, to be kept where types are not known.
@usableFromInline final class Decoded<Value: Sendable>: Sendable {
    @usableFromInline let value: Value

    @inlinable init(_ value: Value) { self.value = value }
}
