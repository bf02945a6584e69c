import Testing

@testable import ApplicationMaster

@Suite struct EnginePropertyTests {
    @Test(arguments: [
        ("500", Duration.milliseconds(500)), ("500ms", .milliseconds(500)), ("3s", .seconds(3)),
        ("2min", .seconds(120)),
        ("2m", .seconds(120)), ("1h", .seconds(3600)), ("1d", .seconds(86_400)), (" 7 S", .seconds(7)),
        ("5us", .microseconds(5)), ("0", .zero),
    ]) func `times are Spark's`(text: String, expected: Duration) throws {
        let properties = EngineProperties(["spark.locality.wait": text])
        #expect(try properties.time(.localityWait, default: .seconds(9)) == expected)
        #expect(try properties.time(.localityWaitNode, default: .seconds(9)) == .seconds(9))
    }

    @Test(arguments: ["", "s", "-1", "1.5s", "1 week", "99999999999999999999", "9999999999999d"])
    func `what is no time is refused by its name`(text: String) {
        let error = #expect(throws: EngineProperties.Unusable.self) {
            try EngineProperties(["spark.locality.wait": text]).time(.localityWait, default: .zero)
        }
        #expect(error?.description.hasPrefix("spark.locality.wait=\(text) is no time; accepted") == true)
    }

    @Test(arguments: ["0", "1.01", "-0.5", "half", "nan"]) func `what is no part of a whole is refused`(text: String) {
        #expect(throws: EngineProperties.Unusable.self) {
            try EngineProperties(["spark.memory.fraction": text]).share(.memoryFraction, default: 0.5)
        }
    }
}

/// What is checked before an application starts.
@Suite struct EnginePropertyCheckTests {
    /// For each form what is not of it.
    private static func wrong(_ form: PropertyForm) -> [String] {
        switch form {
        case .text: []
        case .word(let words): ["", "nonsense", words.map { "\($0)," }.joined()]
        case .flag: ["", "yes", "1"]
        case .count(let least, let most): ["", "four", "1.5", "\(least - 1)", "\(most + 1)", "99999999999999999999"]
        case .share: ["", "half", "0", "1.01", "nan"]
        case .factor(let range): ["", "much", "\(range.lowerBound - 0.001)", "\(range.upperBound + 1)", "nan"]
        case .time: ["", "soon", "-1s", "1.5s"]
        case .size(_, let least): ["", "much", "-1m", "1.5g", "9223372036854775807"] + (least > 0 ? ["0", "1k"] : [])
        case .url, .place: ["", "nowhere"]
        }
    }

    @Test(arguments: EngineProperty.allCases)
    func `each known property is refused when it is wrong, by its name and with what is accepted`(
        property: EngineProperty
    ) {
        for master in ["local[2]", "yarn"] {
            for value in Self.wrong(property.form) {
                let problems = EngineProperties([property.name: value]).problems(master: master)
                #expect(problems.map(\.properties) == [[property]], "\(property.name)=\(value)")
                let text = problems.first?.description ?? ""
                #expect(text.hasPrefix("\(property.name)=\(value) is ") && text.contains("accepted"), "\(text)")
            }
        }
        // What has no form is looked at by who knows the program, the cluster or the files.
        let free: [EngineProperty] = [
            .applicationClass, .applicationName, .archives, .files, .distributedArchives, .distributedFiles, .master,
            .queue, .tags, .historyServer, .driverHost, .localFolders, .poolsFile,
        ]
        #expect((property.form == .text) == free.contains(property))
    }

    @Test func `all wrong ones are told`() {
        let problems = EngineProperties(["spark.task.cpus": "two", "spark.rdd.compress": "no", "a.b": "c"])
            .problems(master: "yarn")
        #expect(Set(problems.flatMap(\.properties)) == [.taskCores, .compressesBlocks])
    }

    @Test(
        arguments: [
            (
                ["spark.network.timeout": "5s"],
                "spark.executor.heartbeatInterval (10.0 seconds) is not less than spark.network.timeout (5.0 seconds)"
            ),
            (["spark.task.cpus": "2"], "spark.task.cpus=2 is more than the 1 cores"),
            (["spark.executor.instances": "0"], "spark.executor.instances=0 leaves no executor"),
            (
                [
                    "spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.minExecutors": "3",
                    "spark.dynamicAllocation.maxExecutors": "2",
                ], "spark.dynamicAllocation.maxExecutors=2 is less than spark.dynamicAllocation.minExecutors (3)"
            ),
            (
                [
                    "spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.initialExecutors": "3",
                    "spark.dynamicAllocation.maxExecutors": "2",
                ], "or the executors to begin with (3)"
            ),
        ] as [([String: String], String)]
    ) func `what does not go together is refused`(values: [String: String], text: String) {
        let problems = EngineProperties(values).problems(master: "yarn")
        #expect(problems.count == 1 && problems.first?.description.contains(text) == true, "\(problems)")
    }

    @Test func `what goes together is not refused`() {
        let values = [
            "spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.minExecutors": "1",
            "spark.dynamicAllocation.initialExecutors": "2", "spark.dynamicAllocation.maxExecutors": "2",
            "spark.executor.instances": "0", "spark.executor.cores": "2", "spark.task.cpus": "2",
            "spark.executor.heartbeatInterval": "500ms", "spark.network.timeout": "3s", "spark.log.level": "warn",
            "spark.scheduler.mode": "fair", "spark.driver.maxResultSize": "0", "spark.eventLog.dir": "/logs",
            "spark.yarn.stagingDir": "s3a://bucket",
        ]
        #expect(EngineProperties(values).problems(master: "yarn") == [])
        #expect(EngineProperties().problems(master: "yarn") == [])
    }

    @Test func `a bare number counts MiB of memory and bytes of results`() throws {
        let values = EngineProperties(["spark.executor.memory": "2048", "spark.driver.maxResultSize": "2048"])
        #expect(try values.mebibytes(.executorMemory, default: 1) == 2048)
        #expect(try values.bytes(.resultSizeMaximum, default: 1) == 2048)
    }
}
