import Testing

@testable import ApplicationMaster

@Suite struct EnginePropertyTests {
    @Test(arguments: [
        ("500", Duration.milliseconds(500)), ("500ms", .milliseconds(500)), ("3s", .seconds(3)),
        ("2min", .seconds(120)),
        ("2m", .seconds(120)), ("1h", .seconds(3600)), ("1d", .seconds(86_400)), (" 7 S", .seconds(7)),
        ("5us", .microseconds(5)), ("0", .zero),
    ]) func `times are Spark's`(text: String, expected: Duration) throws {
        let properties = EngineProperties(["a": text])
        #expect(try properties.time("a", default: .seconds(9), unit: .milliseconds(1)) == expected)
        #expect(try properties.time("b", default: .seconds(9), unit: .milliseconds(1)) == .seconds(9))
    }

    @Test(arguments: ["", "s", "-1", "1.5s", "1 week", "99999999999999999999", "9999999999999d"])
    func `what is no time is refused by its name`(text: String) {
        let error = #expect(throws: EngineProperties.Unusable.self) {
            try EngineProperties(["spark.locality.wait": text]).time(
                "spark.locality.wait",
                default: .zero,
                unit: .seconds(1)
            )
        }
        #expect(error?.description.hasPrefix("spark.locality.wait=\(text) is no time; accepted") == true)
    }

    @Test(arguments: ["0", "1.01", "-0.5", "half", "nan"]) func `what is no part of a whole is refused`(text: String) {
        #expect(throws: EngineProperties.Unusable.self) {
            try EngineProperties(["a": text]).share("a", default: 0.5)
        }
    }
}
