import EngineCore
import Testing

@Suite struct IdentifierTests {
    @Test func `jobs are ordered as they were asked for`() {
        #expect(JobID(1) < JobID(2))
    }
}
