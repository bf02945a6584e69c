import ApplicationMaster
import Testing

@testable import Commands

/// spark-submit's command line, as `heddle submit` reads it.
@Suite struct SubmitArgumentsTests {
    private func read(_ words: String...) throws -> SubmitArguments { try SubmitArguments(words) }

    @Test func `what comes after the program is the program's`() throws {
        let arguments = try self.read("--master", "yarn", "./app", "--master", "local", "-x", "y")
        #expect(arguments.resource == "./app")
        #expect(arguments.arguments == ["--master", "local", "-x", "y"])
        #expect(arguments.properties["spark.master"] == "yarn")
    }

    @Test func `a flag wins over --conf, and both over the file`() throws {
        let arguments = try self.read(
            "--executor-memory",
            "2g",
            "--conf",
            "spark.executor.memory=3g",
            "-c",
            "spark.executor.cores=4",
            "app"
        )
        let file = SubmitArguments.properties(
            in: "# comment\nspark.executor.memory 1g\nspark.executor.cores=1\n\nspark.yarn.queue : fast \nspark.empty\n"
        )
        let properties = arguments.properties(over: file)
        #expect(properties["spark.executor.memory"] == "2g")
        #expect(properties["spark.executor.cores"] == "4")
        #expect(properties["spark.yarn.queue"] == "fast")
        #expect(properties["spark.empty"] == "")
    }

    @Test func `each flag has its property`() throws {
        let arguments = try self.read(
            "--deploy-mode=cluster",
            "--class",
            "C",
            "--name",
            "N",
            "--files",
            "f",
            "--archives",
            "a",
            "--driver-memory",
            "1g",
            "--driver-cores",
            "2",
            "--executor-cores",
            "3",
            "--num-executors",
            "4",
            "--queue",
            "q",
            "--verbose",
            "--properties-file",
            "p",
            "app"
        )
        #expect(
            arguments.properties == [
                "spark.submit.deployMode": "cluster", "heddle.submit.class": "C", "spark.app.name": "N",
                "spark.files": "f",
                "spark.archives": "a", "spark.driver.memory": "1g", "spark.driver.cores": "2",
                "spark.executor.cores": "3",
                "spark.executor.instances": "4", "spark.yarn.queue": "q",
            ]
        )
        #expect(arguments.isVerbose && arguments.propertiesFile == "p")
    }

    @Test func `kill, status, version and help need no program`() throws {
        #expect(try self.read("--kill", "application_1_0001").action == .kill("application_1_0001"))
        #expect(try self.read("--status", "application_1_0001").action == .status("application_1_0001"))
        #expect(try self.read("--version").action == .version)
        #expect(try self.read("-h").action == .help)
    }

    @Test(
        arguments: [
            ([], "Missing application"), (["--master", "yarn"], "Missing application"),
            (["--foo", "app"], "Unrecognized option: --foo"),
            (["-master", "yarn", "app"], "Unrecognized option: -master"),
            (["--conf", "x", "app"], "--conf x is not PROPERTY=VALUE"),
            (["--conf", "=x", "app"], "--conf =x is not PROPERTY=VALUE"),
            (["--master"], "Missing argument for option --master"),
        ] as [([String], String)]
    ) func `a wrong command line says what is wrong`(words: [String], text: String) {
        let error = #expect(throws: CommandFailure.self) { try SubmitArguments(words) }
        #expect(error?.description.contains(text) == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test func `the help names every flag`() {
        for flag in SubmitArguments.flags {
            #expect(SubmitArguments.usage.contains("--\(flag.name) \(flag.placeholder)"))
        }
    }
}
