import Testing

@testable import Heddle

struct Tags: Codable, Hashable, Sendable {
    var names: Set<String>
}

enum Choice: Codable, Hashable, Sendable {
    case none
    case some([Tags])
}

struct Nested: Codable, Hashable, Sendable {
    var number: Int
    var choice: Choice?
}

indirect enum Tree: Codable, Hashable, Sendable {
    case leaf(Int)
    case fork(Tree, Tree)
}

struct Plain: Codable, Hashable, Sendable {
    enum Kind: String, Codable {
        case one
        case two
    }

    var number: Int
    var text: String
    var lists: [[Double?]]
    var kind: Kind
    var tree: Tree
}

struct StableTags: Codable, StablyHashable, Sendable {
    var names: Set<Int>

    var stableHash: UInt64 { self.names.stableHash }
}

@Suite struct KeyShapeTests {
    private let context: HeddleContext

    init() throws { self.context = try HeddleContext(master: "local[2]") }

    @Test func `what hashes differently in each process is found wherever it is`() {
        #expect(KeyShape.unstablePart(of: Tags.self) == Set<String>.self)
        #expect(KeyShape.unstablePart(of: Choice.self) == Set<String>.self)
        #expect(KeyShape.unstablePart(of: Nested.self) == Set<String>.self)
        #expect(KeyShape.unstablePart(of: Pair<Int, AnyHashable>.self) == AnyHashable.self)
        #expect(KeyShape.unstablePart(of: [[Int: Plain]].self) == [Int: Plain].self)
        #expect(KeyShape.unstablePart(of: Set<Plain>.self) == Set<Plain>.self)
    }

    @Test func `all other keys pass`() {
        let types: [Any.Type] = [
            Int.self, String.self, Text.self, Int?.self, [String].self, Pair<String, Plain>.self, Plain.self, Tree.self,
            Set<Int>.self, [Int: Text].self, StableTags.self, Character.self, Never.self,
        ]
        for type in types { #expect(KeyShape.unstablePart(of: type) == nil, "\(type)") }
    }

    @Test func `a shuffle by such keys is refused with its place and the remedy`() async throws {
        let pairs = self.context.parallelize([1, 2], partitions: 2).map { Pair(Tags(names: ["\($0)"]), $0) }
        #expect(try await pairs.count() == 2)
        let error = await #expect(throws: HeddleError.self) { try await pairs.reduceByKey { $0 + $1 }.count() }
        let text = error?.description ?? ""
        #expect(
            text.hasPrefix("KeyShapeTests.swift:\(#line - 2): reduceByKey spreads elements by keys of type Tags"),
            "\(text)"
        )
        #expect(text.contains("holds a Set<String>") && text.contains("conform to StablyHashable"))
        await #expect(throws: HeddleError.self) { try await pairs.groupByKey().count() }
        await #expect(throws: HeddleError.self) { try await pairs.join(pairs).count() }
        await #expect(throws: HeddleError.self) { try await pairs.keys().distinct().count() }
        await #expect(throws: HeddleError.self) { try await pairs.keys().subtract(pairs.keys()).count() }
        let stable = self.context.parallelize([1, 2, 1], partitions: 2).map { Pair(StableTags(names: [$0, 7]), 1) }
        #expect(try await stable.reduceByKey { $0 + $1 }.values().collect().sorted() == [1, 2])
    }
}
