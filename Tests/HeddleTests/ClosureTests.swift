import Testing

@testable import Heddle

private func doubled<Element: Sendable>(_ set: RDD<Element>) -> RDD<[Element]> {
    set.filter { _ in true }.map { [$0, $0] }
}

private func distinctOnes<Element: Hashable & Comparable & Codable & Sendable>(_ set: RDD<Element>) -> RDD<Element> {
    set.filter { $0 == $0 }.map { Swift.max($0, $0) }.distinct()
}

private func isEven(_ number: Int) -> Bool { number % 2 == 0 }

@Suite struct ClosureTests {
    private let context: HeddleContext

    init() throws { self.context = try HeddleContext(master: "local[2]") }

    @Test func `a closure that captures is refused with its place and the remedy`() async throws {
        let factor = Int.random(in: 1...2)
        let numbers = self.context.parallelize([1, 2])
        let error = await #expect(throws: HeddleError.self) {
            try await numbers.map { $0 * factor }.collect()
        }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("ClosureTests.swift:\(#line - 4): the closure of map captures a value"))
        #expect(text.contains("map(with: value)"))
        await #expect(throws: HeddleError.self) { try await numbers.filter { $0 > factor }.count() }
        await #expect(throws: HeddleError.self) { try await numbers.map { $0 + 1 }.reduce { $0 + $1 * factor } }
    }

    @Test func `functions, generic functions and literals of every shape are found again`() async throws {
        let numbers = self.context.parallelize(1...4, partitions: 2)
        #expect(try await numbers.filter(isEven).collect() == [2, 4])
        #expect(try await doubled(numbers).collect() == [[1, 1], [2, 2], [3, 3], [4, 4]])
        #expect(try await distinctOnes(numbers.union(numbers)).count() == 4)
        #expect(try await distinctOnes(numbers.map { ["\($0)"] }.map { $0[0] }).count() == 4)
        try await numbers.foreach { _ in }
        #expect(try await numbers.map { number in (0..<number).map { $0 * number } }.map { $0.count }.sum() == 10)
    }

    @Test func `a reference leads back to its function, through the contexts of thunks`() throws {
        func check(_ function: @escaping @Sendable (Int) throws -> Bool) throws {
            let reference = try #require(try FunctionReference.of(function))
            let bytes = try Portable.encode(reference)
            let again = try FunctionWords(Portable.decode(FunctionReference.self, from: bytes))
            let found = again.function(as: (@Sendable (Int) throws -> Bool).self)
            #expect(try found(2) && !found(3))
        }
        try check { $0 % 2 == 0 }
        try check(isEven)
    }

    @Test func `a reference to code that the program has not is refused`() {
        #expect(throws: FunctionWords.UnreachableCode.self) {
            try FunctionWords(FunctionReference(code: UInt.max))
        }
    }

    @Test func `equal work has equal identities, wherever it is asked for`() {
        let numbers = self.context.parallelize([1, 2, 3])
        let sets = (0..<2).map { _ in numbers.map { $0 + 1 } }
        #expect(sets[0].node.identity == sets[1].node.identity)
        let scaled = (0..<2).map { factor in numbers.map(with: factor) { $0 * $1 } }
        #expect(scaled[0].node.identity != scaled[1].node.identity)
        #expect(numbers.map { $0 + 1 }.node.identity != sets[0].node.identity)
        #expect(self.context.parallelize([1, 2, 4]).node.identity != numbers.node.identity)
    }
}
