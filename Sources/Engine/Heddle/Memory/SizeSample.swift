/// How much memory elements hold outside of the arrays that they stand in, estimated from the binary form of some.
@usableFromInline final class SizeSample<Element: Codable & Sendable> {
    /// Whether elements have nothing outside.
    @usableFromInline let isPlain = _isPOD(Element.self)
    private let codec = Codec<Element>()
    private var scratch = ByteWriter()
    private var count = 0
    private var bytes = 0

    /// An object of its own for each element's bytes, by the C library's and Swift's measure.
    private static var overhead: Int { 48 }

    @usableFromInline init() {}

    /// Looks at one of some elements.
    @inlinable func look(at elements: [Element]) throws {
        if !self.isPlain, !elements.isEmpty { try self.measure(elements[elements.count / 2]) }
    }

    /// Looks at one element.
    @usableFromInline func measure(_ element: Element) throws {
        self.scratch.removeAll()
        try self.codec.store(element, to: &self.scratch)
        self.count += 1
        self.bytes += self.scratch.count
    }

    /// What so many elements hold, the place that each has in an array included.
    @usableFromInline func bytes(of elements: Int) -> Int {
        elements * MemoryLayout<Element>.stride + self.outside(of: elements)
    }

    /// What so many elements hold besides their places.
    @usableFromInline func outside(of elements: Int) -> Int {
        self.count == 0 ? 0 : elements * (self.bytes / self.count + Self.overhead)
    }
}
