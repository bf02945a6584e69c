package import ApplicationMaster

/// The command line of `heddle submit`: spark-submit's flags and their precedence.
package struct SubmitArguments: Sendable, Equatable {
    package enum Action: Sendable, Equatable {
        case submit
        case kill(String)
        case status(String)
        case version
        case help
    }

    /// A flag and the property that it is short for.
    package struct Flag: Sendable {
        package var name: String
        package var property: EngineProperty?
        package var placeholder: String
        package var help: String
    }

    package static let flags: [Flag] = [
        Flag(
            name: "master",
            property: .master,
            placeholder: "MASTER_URL",
            help: "yarn, local, local[N], local[*], local[N,F] or local-cluster[n,c,m] (default: local[*])"
        ),
        Flag(
            name: "deploy-mode",
            property: .deployMode,
            placeholder: "DEPLOY_MODE",
            help:
                "client: the driver is this process; cluster: it runs in the ApplicationMaster's container (default: client)"
        ),
        Flag(
            name: "class",
            property: .applicationClass,
            placeholder: "CLASS_NAME",
            help: "which Application of the program; its first one where it is not said"
        ),
        Flag(
            name: "name",
            property: .applicationName,
            placeholder: "NAME",
            help: "the application's name (default: the program's)"
        ),
        Flag(
            name: "files",
            property: .files,
            placeholder: "FILES",
            help: "files for the executors' working folders, by commas; path#name gives one another name"
        ),
        Flag(
            name: "archives",
            property: .archives,
            placeholder: "ARCHIVES",
            help: "archives that are unpacked there"
        ),
        Flag(name: "conf", property: nil, placeholder: "PROP=VALUE", help: "a property; may be given often"),
        Flag(
            name: "properties-file",
            property: nil,
            placeholder: "FILE",
            help: "properties, one a line (default: spark-defaults.conf in SPARK_CONF_DIR or HADOOP_CONF_DIR)"
        ),
        Flag(
            name: "driver-memory",
            property: .driverMemory,
            placeholder: "MEM",
            help: "memory of the driver, as in 512m or 2g (default: 1g)"
        ),
        Flag(
            name: "driver-cores",
            property: .driverCores,
            placeholder: "NUM",
            help: "cores of the driver in cluster mode (default: 1)"
        ),
        Flag(
            name: "executor-memory",
            property: .executorMemory,
            placeholder: "MEM",
            help: "memory of each executor, as in 512m or 15g (default: 1g)"
        ),
        Flag(
            name: "executor-cores",
            property: .executorCores,
            placeholder: "NUM",
            help: "tasks that an executor runs at a time (default: 1)"
        ),
        Flag(
            name: "num-executors",
            property: .executorInstances,
            placeholder: "NUM",
            help: "how many executors (default: 2)"
        ),
        Flag(name: "queue", property: .queue, placeholder: "QUEUE", help: "the queue (default: default)"),
        Flag(name: "kill", property: nil, placeholder: "APPLICATION_ID", help: "end an application"),
        Flag(name: "status", property: nil, placeholder: "APPLICATION_ID", help: "print an application's state"),
    ]

    package var action = Action.submit
    /// By flags and `--conf`, flags winning.
    package private(set) var properties = GivenProperties()
    package private(set) var propertiesFile: String?
    package private(set) var isVerbose = false
    /// The program, script or jar.
    package private(set) var resource: String?
    package private(set) var arguments: [String] = []

    /// As they came.
    package let words: [String]
    /// The first option that nobody knows, and the first that only spark-submit does.
    private var stranger: String?
    private var sparksOption: String?

    /// - Throws: `CommandFailure` for a wrong command line.
    package init(_ words: [String]) throws(CommandFailure) {
        self.words = words
        var byFlag = GivenProperties()
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word.count > 1 else {
                self.resource = word
                self.arguments = Array(rest)
                break
            }
            switch word {
            case "--verbose", "-v": self.isVerbose = true
            case "--version": self.action = .version
            case "--help", "-h": self.action = .help
            default: try self.take(Option(word), &rest, &byFlag)
            }
        }
        self.properties.merge(byFlag)
        guard self.action == .submit else { return }
        if self.isForSpark { return }
        if let stranger { throw Self.unknown(stranger) }
        if let sparksOption {
            throw CommandFailure(
                "\(sparksOption) is spark-submit's, for scripts and jars; heddle submit --help lists what programs have"
            )
        }
        if self.resource == nil {
            throw CommandFailure(
                "Missing application: name the program, as in heddle submit --master yarn ./wordcount book.txt"
            )
        }
    }

    /// Whether spark-submit is to run this, and to judge what Heddle does not know.
    package var isForSpark: Bool { self.resource.map(SparkOptions.run) == true }

    /// Why nothing can be run where there is no Spark.
    package func withoutSpark() -> CommandFailure {
        self.stranger.map(Self.unknown)
            ?? CommandFailure("\(self.resource ?? "") needs Spark: set SPARK_HOME to its folder")
    }

    /// A word that begins with a dash: `--name`, `--name=value`, or `-c` for `--conf`.
    private struct Option {
        var word: String
        var name: String
        var value: String?
        var isLong: Bool

        init(_ word: String) {
            self.word = word
            self.isLong = word == "-c" || word.hasPrefix("--")
            self.name = word == "-c" ? "conf" : String(word.drop { $0 == "-" })
            if let equals = self.name.firstIndex(of: "=") {
                self.value = String(self.name[self.name.index(after: equals)...])
                self.name = String(self.name[..<equals])
            }
        }

        func value(_ rest: inout ArraySlice<String>) throws(CommandFailure) -> String {
            guard let found = self.value ?? rest.popFirst() else {
                throw CommandFailure("Missing argument for option --\(self.name)")
            }
            return found
        }
    }

    private mutating func take(
        _ option: Option,
        _ rest: inout ArraySlice<String>,
        _ byFlag: inout GivenProperties
    ) throws(CommandFailure) {
        if option.isLong, Self.flags.contains(where: { $0.name == option.name }) {
            return try self.take(option.name, option.value(&rest), &byFlag)
        }
        if option.isLong, SparkOptions.withValue.contains(option.name) || SparkOptions.switches.contains(option.name) {
            if SparkOptions.withValue.contains(option.name) { _ = try option.value(&rest) }
            self.sparksOption = self.sparksOption ?? option.word
            return
        }
        self.stranger = self.stranger ?? option.word
        // A later Spark may know it, and whether a value follows.
        if let place = rest.firstIndex(where: SparkOptions.run) { rest = rest[place...] }
    }

    private static func unknown(_ word: String) -> CommandFailure {
        CommandFailure(
            "Unrecognized option: \(word); heddle submit --help lists them. Options of the program itself come after it"
        )
    }

    private mutating func take(
        _ name: String,
        _ value: String,
        _ byFlag: inout GivenProperties
    ) throws(CommandFailure) {
        switch name {
        case "conf":
            guard let equals = value.firstIndex(of: "="), equals != value.startIndex else {
                throw CommandFailure("--conf \(value) is not PROPERTY=VALUE")
            }
            let text = String(value[value.index(after: equals)...])
            self.properties.set(String(value[..<equals]), text, origin: "--conf")
        case "properties-file": self.propertiesFile = value
        case "kill": self.action = .kill(value)
        case "status": self.action = .status(value)
        default:
            guard let property = Self.flags.first(where: { $0.name == name })?.property else { return }
            byFlag.set(property.name, value, origin: "--\(name)")
        }
    }

    /// Everything together, the file's properties last.
    /// - Parameter file: of the properties file.
    package func properties(over file: GivenProperties) -> GivenProperties {
        var all = file
        all.merge(self.properties)
        return all
    }

    package static var usage: String {
        var lines = [
            "Usage: heddle submit [options] <program | app.py | app.jar> [arguments of the program]",
            "       heddle submit --kill APPLICATION_ID | --status APPLICATION_ID",
            "",
            "Runs a program that is written with the library Heddle. A .py or .jar goes to spark-submit of SPARK_HOME, with all",
            "options, also those that only Spark has.",
            "",
        ]
        for flag in Self.flags {
            let left = "  --\(flag.name) \(flag.placeholder)"
            let padding = String(repeating: " ", count: max(1, 32 - left.count))
            lines.append("\(left)\(padding)\(flag.help)")
        }
        lines += [
            "  --verbose, -v                 Print what the command line came to",
            "  --version                     Print the version", "",
        ]
        return lines.joined(separator: "\n")
    }
}
