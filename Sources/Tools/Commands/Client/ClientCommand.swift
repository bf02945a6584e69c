import ArgumentParser
import Glibc
import HadoopConfig
import HadoopRPC
import Settings

/// A command that talks to the ResourceManager in Hadoop's dialect: options with one dash, results on standard output,
/// Hadoop's exit codes.
protocol ClientCommand: AsyncParsableCommand {
    /// The command line as it stands behind the command's name.
    var words: [String] { get }
    static var options: [DashedOptions.Option] { get }
    /// What `-help` answers with: Hadoop's `application -help` ends with -1.
    static var helpExitCode: Int32 { get }
    /// What is said when the options name no operation.
    static var wrongUsage: String { get }
    /// Carries the command out; nil when the options name no operation.
    func perform(_ options: DashedOptions, _ session: ClientSession) async throws -> CommandResult?
}

extension ClientCommand {
    static var helpExitCode: Int32 { 0 }
    static var wrongUsage: String { "Invalid Command Usage : " }

    func run() async throws {
        let result = await self.result()
        writeText(result.output, to: STDOUT_FILENO)
        writeText(result.errors, to: STDERR_FILENO)
        guard result.exitCode == 0 else { throw ExitCode(result.exitCode) }
    }

    private func result() async -> CommandResult {
        let name = Self.configuration.commandName ?? ""
        let known =
            Self.options + [
                .init(
                    "config",
                    .one,
                    placeholder: "Folder",
                    help: "The configuration folder, instead of HADOOP_CONF_DIR."
                )
            ]
        let usage = usageText(name, known)
        do {
            let options = try DashedOptions(self.words, options: known)
            if options.has("help") { return CommandResult(output: usage, exitCode: Self.helpExitCode) }
            guard options.rest.isEmpty else {
                return .usage("Invalid Command Usage : \(options.rest.joined(separator: " "))", usage)
            }
            let session = try ClientSession(directory: options.value("config"))
            if let result = try await self.perform(options, session) { return result }
            return .usage(Self.wrongUsage, usage)
        } catch let error as DashedOptions.ParseError {
            return .usage("\(error)", usage)
        } catch let error as CommandFailure {
            // Hadoop prints what it refuses on standard output.
            return error.exitCode == CommandResult.refused
                ? CommandResult(output: "\(error)\n", exitCode: error.exitCode)
                : CommandResult(errors: "\(error)\n", exitCode: error.exitCode)
        } catch let failure as RPCFailure {
            return CommandResult(errors: "\(failure.exceptionName): \(failure.firstLine)\n", exitCode: 1)
        } catch {
            return CommandResult(errors: "\(error)\n", exitCode: 1)
        }
    }
}

extension RPCFailure {
    /// The message without the Java stack trace that Hadoop's servers append.
    fileprivate var firstLine: String {
        self.message.split(separator: "\n").prefix { !$0.hasPrefix("\tat ") }.joined(separator: "\n")
    }
}

/// Writes all of a text; a reader that went away is no error.
func writeText(_ text: String, to descriptor: Int32) {
    writeBytes(Array(text.utf8), to: descriptor)
}

/// Writes all bytes; a reader that went away is no error.
func writeBytes(_ all: [UInt8], to descriptor: Int32) {
    var bytes = all[...]
    while !bytes.isEmpty {
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}

/// Where a command's calls go, and as whom.
struct ClientSession: Sendable {
    private let settings: ClientSettings
    let user: String
    private let directory: String?
    private var patience: ClientPatience { ClientPatience(self.settings) }

    /// - Parameter directory: nil reads HADOOP_CONF_DIR.
    init(directory: String?) throws {
        let environment = ConfigurationEnvironment.process
        let configuration = try Configuration.load(commandLineDirectory: directory, environment: environment)
        self.settings = try ClientSettings(configuration)
        self.user = environment.hadoopUserName
        self.directory = directory ?? environment.configurationDirectory?.path
    }

    /// For a daemon, which calls as its own user.
    init(_ settings: ClientSettings) {
        self.settings = settings
        self.user = settings.common.processUserName
        self.directory = nil
    }

    var isHighlyAvailable: Bool { self.settings.resourceManagers.count > 1 }

    /// Runs `body` against the client port of the first ResourceManager that answers as the active one.
    func withClient<R>(_ body: (ClusterClient) async throws -> R) async throws -> R {
        try await self.withFirst {
            $0.client
        } protocolName: {
            ClusterClient.applicationProtocol
        } body: { client in
            try await body(client)
        }
    }

    /// The same in one round over all ResourceManagers, without waiting for one that does not answer.
    func withClientAtOnce<R>(_ body: (ClusterClient) async throws -> R) async throws -> R {
        switch try await self.tryEach({ $0.client }, ClusterClient.applicationProtocol, patience: .none, body) {
        case .done(let result): return result
        case .nobodyAnswers(let reasons): throw CommandFailure("No ResourceManager answers (\(reasons))")
        }
    }

    /// Runs `body` against the admin port of the named ResourceManager, or of the first that answers.
    func withAdministration<R>(
        protocolName: String = ClusterClient.administrationProtocol,
        id: String? = nil,
        _ body: (ClusterClient) async throws -> R
    ) async throws -> R {
        if let id, self.isHighlyAvailable {
            let ids = self.settings.resourceManagers.compactMap(\.id)
            guard let chosen = self.settings.resourceManagers.first(where: { $0.id == id }) else {
                throw CommandFailure(
                    "\(id) is not a valid serviceId. It should be one of \(ids.joined(separator: " "))"
                )
            }
            let address = ClusterAddress(host: chosen.admin.host, port: chosen.admin.port)
            return try await ClusterClient.with(
                address,
                protocolName: protocolName,
                user: self.user,
                patience: self.patience,
                body
            )
        }
        return try await self.withFirst {
            $0.admin
        } protocolName: {
            protocolName
        } body: { client in
            try await body(client)
        }
    }

    private func withFirst<R>(
        _ door: (ClientSettings.ResourceManagerAddresses) -> NetworkAddress,
        protocolName: () -> String,
        body: (ClusterClient) async throws -> R
    ) async throws -> R {
        let giveUp = self.settings.resourceManagerWaitMaximum.map { ContinuousClock.now + $0 }
        let pause = self.settings.resourceManagerRetryInterval
        var hasSaidSo = false
        while true {
            let tried: String
            switch try await self.tryEach(door, protocolName(), patience: self.patience, body) {
            case .done(let result): return result
            case .nobodyAnswers(let reasons): tried = reasons
            }
            if let giveUp, ContinuousClock.now + pause > giveUp {
                throw CommandFailure("No ResourceManager answers (\(tried)). \(self.source)")
            }
            if !hasSaidSo {
                hasSaidSo = true
                let limit = self.settings.resourceManagerWaitMaximum.map { "for \($0)" } ?? "for ever"
                writeText(
                    "No ResourceManager answers (\(tried)); trying again \(limit), every \(pause) "
                        + "(yarn.resourcemanager.connect.max-wait.ms, .retry-interval.ms).\n",
                    to: STDERR_FILENO
                )
            }
            try await Task.sleep(for: pause)
        }
    }

    private enum Outcome<R> {
        case done(R)
        case nobodyAnswers(String)
    }

    /// One round over all ResourceManagers. What was not sent to any may be sent again.
    private func tryEach<R>(
        _ door: (ClientSettings.ResourceManagerAddresses) -> NetworkAddress,
        _ protocolName: String,
        patience: ClientPatience,
        _ body: (ClusterClient) async throws -> R
    ) async throws -> Outcome<R> {
        var tried: [String] = []
        for manager in self.settings.resourceManagers {
            let address = ClusterAddress(host: door(manager).host, port: door(manager).port)
            do {
                return .done(
                    try await ClusterClient.with(
                        address,
                        protocolName: protocolName,
                        user: self.user,
                        patience: patience,
                        body
                    )
                )
            } catch let failure as RPCFailure where failure.exceptionName == "StandbyException" {
                tried.append("\(address.host):\(address.port) is a standby")
            } catch let error as RPCConnectionError where error.kind == .notConnected {
                tried.append("\(address.host):\(address.port): \(error.reason)")
            }
        }
        return .nobodyAnswers(tried.joined(separator: "; "))
    }

    /// Where the addresses come from, for messages.
    private var source: String {
        let manager = self.settings.resourceManagers[0]
        guard let directory = self.directory else {
            return "No configuration was read: set HADOOP_CONF_DIR, or give -config FOLDER."
        }
        return "The address is from \(directory) (\(manager.clientKey), \(manager.clientOrigin))."
    }
}
