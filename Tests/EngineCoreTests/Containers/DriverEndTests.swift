import EngineCore
import Testing

@Suite struct DriverEndTests {
    @Test func `a job's failure and the last words are told, once`() {
        let plain = "the driver ended with exit code 3"
        #expect(DriverEnd.diagnostics(exitCode: 3, failure: nil) == plain)
        #expect(DriverEnd.diagnostics(exitCode: 3, failure: "job 1 failed") == "\(plain): job 1 failed")
        let words = "\(plain)\nThe end of its standard error:\n"
        #expect(DriverEnd.diagnostics(exitCode: 3, failure: nil, lastWords: "a\nb") == "\(words)a\nb")
        #expect(
            DriverEnd.diagnostics(exitCode: 3, failure: "it failed", lastWords: "so it failed")
                == "\(words)so it failed"
        )
        #expect(
            DriverEnd.diagnostics(exitCode: 3, failure: "it failed", lastWords: "no")
                == "\(plain): it failed\nThe end of its standard error:\nno"
        )
    }
}
