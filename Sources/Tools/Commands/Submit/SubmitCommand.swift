import ApplicationMaster
import ArgumentParser
import ClusterModel
import Glibc
import HadoopConfig
import Logging

/// `heddle submit`.
struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Run a program on a cluster or on this machine, with spark-submit's flags."
    )

    @Argument(parsing: .captureForPassthrough) var words: [String] = []

    func run() async throws {
        let exitCode: Int32
        do {
            exitCode = try await Submitter(SubmitArguments(self.words)).run()
        } catch {
            writeText("\(error)\n", to: STDERR_FILENO)
            exitCode = 1
        }
        guard exitCode == 0 else { throw ExitCode(exitCode) }
    }
}

/// Carries out one `heddle submit`.
struct Submitter: Sendable {
    private let arguments: SubmitArguments
    private let environment = ConfigurationEnvironment.process

    /// How often the cluster is asked how an application does.
    private static let interval = Duration.milliseconds(250)

    init(_ arguments: SubmitArguments) { self.arguments = arguments }

    /// - Returns: the exit code of the command.
    func run() async throws -> Int32 {
        switch self.arguments.action {
        case .help: writeText(SubmitArguments.usage, to: STDOUT_FILENO)
        case .version: writeText("Heddle \(HeddleVersion.current)\n", to: STDOUT_FILENO)
        case .kill(let text):
            let id = try Self.identifier(text)
            return try await self.perform { try await ApplicationOperations.kill($0, [id]) }
        case .status(let text):
            let id = try Self.identifier(text)
            return try await self.perform { try await ApplicationOperations.status($0, id, json: false) }
        case .submit: return try await self.submit()
        }
        return 0
    }

    private func submit() async throws -> Int32 {
        if self.arguments.isForSpark { throw self.executeSpark() }
        let given = try self.properties()
        var properties = EngineProperties(given.values)
        let master = properties[.master] ?? "local[*]"
        try given.check(master: master)
        let mode = try properties.word(.deployMode) ?? "client"
        try Self.check(master, isCluster: mode == "cluster")
        let program = try Self.program(self.arguments.resource ?? "")
        for list in [EngineProperty.files, .archives] { properties[list] = properties[list].map(Self.absolute) }
        if self.arguments.isVerbose { self.describe(properties, master, mode, program) }
        if mode == "client" { throw self.execute(program, properties, master) }
        return try await self.submitToCluster(program, properties)
    }

    // MARK: - Checks

    private static func check(_ master: String, isCluster: Bool) throws(CommandFailure) {
        for prefix in ["spark://", "mesos://", "k8s://"] where master.hasPrefix(prefix) {
            throw CommandFailure(
                "--master \(master): \(prefix) is not built yet; accepted now: yarn, local[...] and local-cluster[n,c,m]"
            )
        }
        guard master == "yarn" || master.hasPrefix("local") else {
            throw CommandFailure(
                "--master is \(master); accepted: yarn, local, local[N], local[*], local[N,F] and local-cluster[n,c,m]"
            )
        }
        guard !isCluster || master == "yarn" else {
            throw CommandFailure("Cluster deploy mode is not compatible with master \"\(master)\"")
        }
    }

    private static func program(_ word: String) throws(CommandFailure) -> String {
        let path = Self.absolutePath(word)
        guard unsafe access(path, F_OK) == 0 else { throw CommandFailure("The program \(path) does not exist") }
        guard unsafe access(path, X_OK) == 0 else {
            throw CommandFailure("\(path) is not executable: build the program, and name the file in .build/release")
        }
        return path
    }

    private static func absolutePath(_ word: String) -> String {
        if word.hasPrefix("/") { return word }
        return "\(ConfigurationEnvironment.process.systemProperties["user.dir"] ?? ".")/\(word)"
    }

    /// Paths of a list by commas, from the working folder; URLs as they are.
    private static func absolute(_ list: String) -> String {
        list.split(separator: ",").map(String.init).map { $0.contains(":/") ? $0 : Self.absolutePath($0) }
            .joined(separator: ",")
    }

    // MARK: - Properties

    private func properties() throws -> GivenProperties {
        var file = GivenProperties()
        if let path = self.arguments.propertiesFile {
            guard let text = Self.text(of: path) else {
                throw CommandFailure("The properties file \(path) cannot be read")
            }
            file = GivenProperties(in: text, file: path)
        } else {
            for variable in ["SPARK_CONF_DIR", "HADOOP_CONF_DIR"] {
                guard let folder = self.environment.variables[variable],
                    case let path = "\(folder)/spark-defaults.conf", let text = Self.text(of: path)
                else { continue }
                file = GivenProperties(in: text, file: "\(path), which \(variable) leads to")
                break
            }
        }
        return self.arguments.properties(over: file)
    }

    private static func text(of path: String) -> String? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while case let count = unsafe fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk.prefix(count) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func describe(_ properties: EngineProperties, _ master: String, _ mode: String, _ program: String) {
        var text = "master      \(master)\ndeploy mode \(mode)\nprogram     \(program)\n"
        text += "arguments   \(self.arguments.arguments.joined(separator: " "))\n"
        for (name, value) in properties.values.sorted(by: { $0.key < $1.key }) {
            text += "  \(name)=\(SensitiveKeys.contains(name) ? SensitiveKeys.redaction : value)\n"
        }
        writeText(text, to: STDERR_FILENO)
    }

    // MARK: - Client mode

    /// Makes this process the program's driver.
    /// - Returns: why that cannot be.
    private func execute(_ program: String, _ properties: EngineProperties, _ master: String) -> CommandFailure {
        var variables = self.environment.variables
        variables[Submission.Variable.master] = master
        variables[EngineProperties.variable] = properties.text
        return Self.execute(program, [program] + self.arguments.arguments, variables)
    }

    /// Makes this process SPARK_HOME's spark-submit, with the same words.
    /// - Returns: why that cannot be.
    private func executeSpark() -> CommandFailure {
        guard let home = self.environment.variables["SPARK_HOME"], !home.isEmpty else {
            return self.arguments.withoutSpark()
        }
        let program = "\(home)/bin/spark-submit"
        return Self.execute(program, [program] + self.arguments.words, self.environment.variables)
    }

    private static func execute(
        _ program: String,
        _ arguments: [String],
        _ variables: [String: String]
    ) -> CommandFailure {
        var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var envp = unsafe variables.sorted { $0.key < $1.key }.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        unsafe execve(program, &argv, &envp)
        return CommandFailure(systemError("start", program))
    }

    // MARK: - Cluster mode

    private static var logger: Logger { Logger(label: "heddle.submit") { _ in SwiftLogNoOpLogHandler() } }

    private func submission(_ properties: EngineProperties) throws -> Submission {
        guard self.environment.configurationDirectory != nil else {
            throw CommandFailure(ConfigurationFolder.missingAdvice)
        }
        return try Submission(
            try Configuration.load(commandLineDirectory: nil, environment: self.environment),
            properties,
            role: .driver,
            logger: Self.logger
        )
    }

    private func submitToCluster(_ program: String, _ properties: EngineProperties) async throws -> Int32 {
        let submission = try self.submission(properties)
        let waits = try properties.flag(.waitsForEnd, default: true)
        let submitted = try await submission.submit(
            try await submission.reserve(for: program),
            arguments: self.arguments.arguments,
            environment: [:],
            secret: nil
        )
        Self.say("Submitted application \(submitted.id)")
        let end = try await self.follow(submitted.id, submission, waits: waits)
        // Where nobody waits, the driver removes what was copied.
        if end != nil { submission.clean(submitted) }
        await submission.close()
        guard let end, !end.isGood else { return 0 }
        Self.say(
            "Application \(submitted.id) finished with failed status (\(end.state.name), \(end.finalStatus)):\n"
                + "\(end.diagnostics)\nIts logs: heddle logs -applicationId \(submitted.id)"
        )
        return 1
    }

    /// Says where an application is, and its states until it ends.
    /// - Returns: its end; nil where nobody waits for that.
    private func follow(
        _ id: ApplicationID,
        _ submission: Submission,
        waits: Bool
    ) async throws -> Submission.Report? {
        var last: Submission.Report?
        while true {
            let report = try await submission.report(id)
            if last?.trackingURL == nil, let url = report.trackingURL { Self.say("Tracking URL: \(url)") }
            guard waits else { return nil }
            if report.state != last?.state {
                Self.say("Application report for \(id) (state: \(report.state.name))")
            }
            if report.state.isFinal { return report }
            last = report
            try await Task.sleep(for: Self.interval)
        }
    }

    private static func say(_ line: String) { writeText("\(line)\n", to: STDERR_FILENO) }

    // MARK: - Other applications

    private static func identifier(_ text: String) throws(CommandFailure) -> ApplicationID {
        guard let id = ApplicationID(text) else {
            throw CommandFailure("\(text) is no application's id, which is of the form application_1234567890123_0001")
        }
        return id
    }

    private func perform(_ work: (ClusterClient) async throws -> CommandResult) async throws -> Int32 {
        let result = try await ClientSession(directory: nil).withClient(work)
        writeText(result.output, to: STDOUT_FILENO)
        writeText(result.errors, to: STDERR_FILENO)
        return result.exitCode
    }
}
