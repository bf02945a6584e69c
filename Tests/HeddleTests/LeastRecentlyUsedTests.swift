import Testing

@testable import Heddle

@Suite struct LeastRecentlyUsedTests {
    @Test func `what was not used for the longest time goes first`() {
        var cache = LeastRecentlyUsed<Int, String>(limit: 8)
        for key in 0..<8 { #expect(cache.insert("\(key)", for: key).isEmpty) }
        #expect(cache.use(0) == "0")
        let gone = cache.insert("8", for: 8)
        #expect(gone.map(\.key) == [1, 2])
        #expect(cache.use(1) == nil && cache.use(0) == "0" && cache.use(8) == "8")
        #expect(cache.count == 7 && cache.weight == 7)
    }

    @Test func `weights count, and what alone is too heavy is not taken`() {
        var cache = LeastRecentlyUsed<String, Int>(limit: 100)
        cache.insert(1, weight: 60, for: "a")
        #expect(cache.insert(2, weight: 101, for: "b").map(\.key) == ["b"])
        #expect(cache.insert(3, weight: 50, for: "c").map(\.value) == [1])
        #expect(cache.weight == 50)
        cache.insert(4, weight: 10, for: "c")
        #expect(cache.weight == 10 && cache.use("c") == 4)
        #expect(cache.remove("c") == 4 && cache.weight == 0)
        cache.insert(5, weight: 1, for: "d")
        cache.removeAll { $0 == "d" }
        #expect(cache.count == 0)
    }
}
