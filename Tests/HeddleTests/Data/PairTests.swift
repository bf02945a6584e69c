import Heddle
import Testing

@Suite struct PairTests {
    @Test func `pairs of equal parts are equal`() {
        #expect(Pair("a", 1) == Pair("a", 1))
        #expect(Pair("a", 1) != Pair("a", 2))
    }
}
