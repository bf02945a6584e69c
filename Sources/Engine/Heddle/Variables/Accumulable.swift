/// What an accumulator gathers: begins empty, takes in one value after the other, and puts together what tasks gathered.
///
/// The order in which tasks' parts meet is that in which they end, so `merge` should not depend on it.
public protocol Accumulable: Codable, Sendable, SendableMetatype {
    /// What is added.
    associatedtype Input
    /// What is read at the driver.
    associatedtype Output = Self

    /// Nothing gathered.
    init()

    /// What was gathered.
    var output: Output { get }

    /// Takes in one value.
    mutating func add(_ input: Input)

    /// Takes in what another task gathered.
    mutating func merge(_ other: Self)
}

extension Accumulable where Output == Self {
    @inlinable public var output: Self { self }
}

/// A sum of numbers.
public struct Sum<Number: Numeric & Codable & Sendable & SendableMetatype>: Accumulable {
    public private(set) var output: Number

    public init() { self.output = 0 }

    public mutating func add(_ input: Number) { self.output += input }

    public mutating func merge(_ other: Sum) { self.output += other.output }
}

/// All values that were added, those of one task in their order.
public struct Collected<Element: Codable & Sendable & SendableMetatype>: Accumulable {
    public private(set) var output: [Element]

    public init() { self.output = [] }

    public mutating func add(_ input: Element) { self.output.append(input) }

    public mutating func merge(_ other: Collected) { self.output += other.output }
}

extension Statistics: Accumulable {}
