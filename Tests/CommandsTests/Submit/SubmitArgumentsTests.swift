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
        #expect(arguments.properties.values["spark.master"] == "yarn")
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
        let file = GivenProperties(
            in:
                "# comment\nspark.executor.memory 1g\nspark.executor.cores=1\n\nspark.yarn.queue : fast \nspark.empty\n",
            file: "f"
        )
        let properties = arguments.properties(over: file).values
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
            arguments.properties.values == [
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
            (["--jars"], "Missing argument for option --jars"),
            (["--jars", "a.jar", "./app"], "--jars is spark-submit's"),
            (["--supervise", "./app"], "--supervise is spark-submit's"),
            (["--py-files", "a.py"], "--py-files is spark-submit's"),
            (["--foo", "2", "./app", "x"], "Unrecognized option: --foo"),
        ] as [([String], String)]
    ) func `a wrong command line says what is wrong`(words: [String], text: String) {
        let error = #expect(throws: CommandFailure.self) { try SubmitArguments(words) }
        #expect(error?.description.contains(text) == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test(
        arguments: [
            (["--py-files", "a.py,b.zip", "job.py", "1"], "job.py"),
            (["--jars", "a.jar", "--packages=g:a:1", "--repositories", "http://h/r", "app.jar"], "app.jar"),
            (["--driver-class-path", "x.jar", "--driver-java-options", "-Dx=y -Dz", "job.py"], "job.py"),
            (["--driver-library-path", "/l", "--exclude-packages", "g:a", "--keytab", "k", "job.py"], "job.py"),
            (["--principal", "p@R", "--proxy-user", "u", "--total-executor-cores", "3", "job.py"], "job.py"),
            (["--remote", "sc://h", "--driver-default-class-path", "d", "job.py"], "job.py"),
            (["--supervise", "--load-spark-defaults", "job.py"], "job.py"),
            (["--master", "yarn", "--py-files", "./tool", "hdfs:///lib/app.jar", "out.py"], "hdfs:///lib/app.jar"),
            // Of a later Spark: with a value and without.
            (["--new", "5", "-x", "job.py", "5"], "job.py"), (["--new=5", "job.py"], "job.py"),
            (["--new", "job.py"], "job.py"),
        ] as [([String], String)]
    ) func `a script or a jar may have every option of Spark's`(words: [String], resource: String) throws {
        let arguments = try SubmitArguments(words)
        #expect(arguments.isForSpark && arguments.resource == resource)
        #expect(arguments.words == words)
        #expect(arguments.arguments == Array(words.drop { $0 != resource }.dropFirst()))
    }

    @Test func `a program may be given scripts and jars`() throws {
        let arguments = try self.read("--files", "a.py", "./app", "job.py", "--py-files")
        #expect(!arguments.isForSpark && arguments.resource == "./app")
    }

    @Test func `without Spark the option that nobody knows is told, else what is missing`() throws {
        let strange = try self.read("--exectuor-memory", "2g", "./app", "data.py")
        #expect(strange.withoutSpark().description.contains("Unrecognized option: --exectuor-memory"))
        let plain = try self.read("job.py")
        #expect(plain.withoutSpark().description == "job.py needs Spark: set SPARK_HOME to its folder")
    }

    @Test func `the help names every flag`() {
        for flag in SubmitArguments.flags {
            #expect(SubmitArguments.usage.contains("--\(flag.name) \(flag.placeholder)"))
        }
    }
}
