import ClusterModel

/// What the command line of `heddle logs` asks for.
struct LogRequest: Sendable {
    enum Wish: Sendable, Equatable {
        case nodes
        case containers
        case files
        case contents
        /// Goes on while the containers write.
        case follow
    }

    var application: ApplicationID
    var owner: String?
    var wish: Wish
    var selection: LogSelection
    /// nil: no ApplicationMasters are asked for.
    var masters: MasterChoice?
    /// Where files go instead of standard output.
    var folder: String?
    var sizeLimit: LogSizeLimit
    var retries: NodeRetries

    /// - Returns: nil when neither an application nor a container is named.
    /// - Throws: `LogRefusal` in Hadoop's words.
    init?(_ options: DashedOptions) throws(LogRefusal) {
        var container: ContainerID?
        var application: ApplicationID?
        if let text = options.value("applicationId") {
            application = ApplicationID(text)
            guard application != nil else { throw LogRefusal("Invalid ApplicationId specified") }
        }
        if let text = options.value("containerId") {
            container = ContainerID(text)
            guard container != nil else { throw LogRefusal("Invalid ContainerId specified") }
        }
        guard let id = application ?? container?.application else { return nil }
        if let container, container.application != id {
            throw LogRefusal("The Application:\(id) does not have the container:\(container)")
        }
        self.application = id
        self.owner = options.value("appOwner")
        self.wish = try Self.wish(options)
        self.selection = try LogSelection(options)
        self.selection.containers = container.map { [$0.description] }
        if let text = options.value("am") { self.masters = try MasterChoice(text) }
        self.folder = options.value("out")
        self.sizeLimit = LogSizeLimit(mebibytes: try Self.number(options, "size_limit_mb") ?? LogSizeLimit.standard)
        self.retries = NodeRetries(
            maximum: try Self.number(options, "client_max_retries") ?? NodeRetries.standard.maximum,
            pause: .milliseconds(
                max(0, try Self.number(options, "client_retry_interval_ms") ?? NodeRetries.standardPause)
            )
        )
        guard self.wish == .follow else { return }
        if self.folder != nil { throw LogRefusal("Invalid options. -follow writes to standard output, not into -out.") }
        if self.selection.size >= 0, self.selection.size != .max {
            throw LogRefusal("Invalid options. -follow takes a negative -size, for the last bytes, or none.")
        }
    }

    private static func wish(_ options: DashedOptions) throws(LogRefusal) -> Wish {
        if options.has("show_application_log_info"), options.has("show_container_log_info") {
            throw LogRefusal(
                "Invalid options. Can only accept one of show_application_log_info/show_container_log_info."
            )
        }
        if options.has("show_container_log_info") { return .files }
        if options.has("list_nodes") { return .nodes }
        if options.has("show_application_log_info") { return .containers }
        return options.has("follow") ? .follow : .contents
    }

    static func number(_ options: DashedOptions, _ name: String) throws(LogRefusal) -> Int64? {
        guard let text = options.value(name) else { return nil }
        guard let number = Int64(text) else { throw LogRefusal("Not a number for -\(name): \(text)") }
        return number
    }
}

/// Which ApplicationMasters' logs: `-am`.
struct MasterChoice: Sendable, Equatable {
    /// nil: all.
    private var numbers: [Int]?

    init(_ text: String) throws(LogRefusal) {
        var numbers: [Int] = []
        for word in text.split(separator: ",") {
            let word = word.filter { !$0.isWhitespace }
            if word.uppercased() == "ALL" { return }
            guard let number = Int(word), number != 0 else {
                throw LogRefusal(
                    "Invalid input for option -am. Valid inputs are 'ALL', -1 and any other integer which is larger than 0."
                )
            }
            numbers.append(number)
        }
        self.numbers = numbers
    }

    /// - Parameter all: the attempts' first containers, in the order of the attempts.
    func containers(of all: [String]) throws(LogRefusal) -> Set<String> {
        guard let numbers else { return Set(all) }
        var found: Set<String> = []
        for number in numbers {
            guard number.magnitude <= UInt(all.count) else {
                throw LogRefusal(
                    "ERROR: Specified AM containerId (\(number)) exceeds the number of AM containers (\(all.count))."
                )
            }
            found.insert(all[number > 0 ? number - 1 : all.count + number])
        }
        return found
    }
}

/// How much is fetched before the command asks for a plainer wish: `-size_limit_mb`.
struct LogSizeLimit: Sendable, Equatable {
    /// Hadoop's, in MiB.
    static let standard: Int64 = 10_240

    private let mebibytes: Int64
    private var used: Int64 = 0

    init(mebibytes: Int64) {
        self.mebibytes = mebibytes
    }

    /// - Throws: when all together is more than the limit.
    mutating func add(_ bytes: Int64) throws(LogRefusal) {
        guard self.mebibytes >= 0 else { return }
        self.used = self.used.addingReportingOverflow(bytes).partialValue
        guard
            self.used < 0 || self.used >> 20 > self.mebibytes
                || (self.used >> 20 == self.mebibytes && self.used & 0xFFFFF != 0)
        else { return }
        throw LogRefusal(
            "The total log size is too large. The log size limit is \(self.mebibytes)MB. Please specify a proper value "
                + "--size option or if you really want to fetch all, please specify -1 for --size_limit_mb option."
        )
    }
}

/// How long a NodeManager that does not answer is asked: `-client_max_retries`, `-client_retry_interval_ms`.
struct NodeRetries: Sendable, Equatable {
    /// Negative: for ever.
    var maximum: Int64
    var pause: Duration

    static let standardPause: Int64 = 1_000
    static let standard = NodeRetries(maximum: 30, pause: .milliseconds(standardPause))
}
