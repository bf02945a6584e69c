import EngineCore
import Testing

@Suite struct IdentifierTests {
    @Test func `jobs are ordered as they were asked for`() {
        #expect(JobID(1) < JobID(2))
    }

    @Test func `the driver's own executor is written as Spark writes it`() {
        #expect(ExecutorID.driver.description == "driver")
        #expect(ExecutorID(7).description == "7")
    }
}
