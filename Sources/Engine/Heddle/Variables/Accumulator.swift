internal import Synchronization

/// A total that tasks add to and the driver reads. Spark's accumulator.
///
/// The handle is handed over as data, and what tasks add comes back with the report of their end:
///
/// ```swift
/// let bad = context.longAccumulator("bad lines")
/// let numbers = lines.flatMap(with: bad) { bad, line in
///     guard let number = Int(line) else {
///         bad.add(1)
///         return [Int]()
///     }
///     return [number]
/// }
/// ```
///
/// Each partition of a stage counts once, however often it is run. A dataset that two actions compute counts in both, as in
/// Spark; in an action's own closure (`foreach(with:)`) everything counts once.
public struct Accumulator<Kind: Accumulable>: Sendable {
    @usableFromInline let id: Int
    /// At the driver; tasks know the number alone.
    private let total: AccumulatorTotal<Kind>?

    init(_ total: AccumulatorTotal<Kind>) {
        self.id = total.id
        self.total = total
    }

    /// What it is called on pages and in logs; nil in tasks.
    public var name: String? { self.total?.name }

    /// Adds a value, in a task or at the driver.
    @inlinable public func add(_ input: Kind.Input) {
        guard let task = TaskScope.current else { return self.addAtDriver(input) }
        let part = task.accumulation(self.id) { Accumulation<Kind>() }
        unsafe unsafeDowncast(part, to: Accumulation<Kind>.self).gathered.add(input)
    }

    @usableFromInline func addAtDriver(_ input: Kind.Input) { self.requireTotal("added to").add(input) }

    /// What was gathered until now: by tasks that have ended, and at the driver.
    /// - Precondition: not called by a task, which knows nothing of the others.
    public var value: Kind.Output { self.requireTotal("read").gathered.output }

    /// Begins again with nothing.
    /// - Precondition: as `value`.
    public func reset() { self.requireTotal("reset").reset() }

    private func requireTotal(_ done: String) -> AccumulatorTotal<Kind> {
        guard TaskScope.current == nil, let total = self.total else {
            preconditionFailure(
                "accumulator \(self.id) was \(done) where its total is not: tasks only add, on the thread they run on"
            )
        }
        return total
    }
}

extension Accumulator: Codable {
    public init(from decoder: any Decoder) throws {
        self.id = try decoder.singleValueContainer().decode(Int.self)
        self.total = nil
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.id)
    }
}

/// What one task has added to one accumulator.
protocol TaskAccumulation: AnyObject, Sendable {
    func bytes() throws -> [UInt8]
}

/// Used by its task's thread alone.
@usableFromInline final class Accumulation<Kind: Accumulable>: TaskAccumulation, @unchecked Sendable {
    @usableFromInline var gathered: Kind

    @inlinable init() { self.gathered = Kind() }

    func bytes() throws -> [UInt8] { try Portable.encode(self.gathered) }
}

/// What a task added to one accumulator, as it travels in the report of the task's end.
struct AccumulatorUpdate: Codable, Hashable, Sendable {
    var accumulator: Int
    var bytes: [UInt8]
}

/// The total of one accumulator, at the driver.
final class AccumulatorTotal<Kind: Accumulable>: Sendable {
    let id: Int
    let name: String?
    private let state = Mutex(Kind())

    init(id: Int, name: String?) {
        self.id = id
        self.name = name
    }

    var gathered: Kind { self.state.withLock { $0 } }

    func add(_ input: Kind.Input) {
        // Not under the lock's own closure alone: an input need not be sendable.
        var part = Kind()
        part.add(input)
        self.merge(part)
    }

    func merge(_ part: Kind) { self.state.withLock { $0.merge(part) } }

    func reset() { self.state.withLock { $0 = Kind() } }
}
