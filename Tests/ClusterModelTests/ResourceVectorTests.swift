import ClusterModel
import Testing

@Suite struct ResourceVectorTests {
    @Test func `amounts add, subtract and compare by component`() {
        let node = ResourceVector(memoryMiB: 8192, vcores: 8)
        let container = ResourceVector(memoryMiB: 1024, vcores: 1)
        #expect(container.fits(in: node))
        #expect((container * 8).fits(in: node))
        #expect(!(container * 9).fits(in: node))
        #expect(!ResourceVector(memoryMiB: 1, vcores: 9).fits(in: node))
        #expect(node - container * 8 == .zero)
        #expect(!(node - container * 9).isNonNegative)
    }

    @Test func `rounding goes up to the next step and leaves a step of zero alone`() {
        let asked = ResourceVector(memoryMiB: 1025, vcores: 3)
        #expect(asked.roundedUp(toMultipleOf: .init(memoryMiB: 1024, vcores: 1)) == .init(memoryMiB: 2048, vcores: 3))
        #expect(asked.roundedUp(toMultipleOf: .init(memoryMiB: 0, vcores: 2)) == .init(memoryMiB: 1025, vcores: 4))
        #expect(asked.description == "<memory:1025, vCores:3>")
    }
}
