import AggregatedLogs
package import ArgumentParser
import Glibc
import HadoopConfig
import HadoopWire
import Settings
import Staging

/// `heddle fs`: the operations on files that jobs need, with the names and texts of `hadoop fs`.
package struct FileSystemCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "fs",
        abstract: "List, read, send, fetch and remove files of any file system that jobs use.",
        usage: "heddle fs [-config FOLDER] -OPERATION [OPTIONS] PATH..."
    )

    static let options: [DashedOptions.Option] = [
        .init("ls", help: "List folders and files: -ls [-R] [-h] PATH..."),
        .init("cat", help: "Write files to standard output: -cat PATH..."),
        .init("put", help: "Send files and folders of this machine: -put [-f] [-t COUNT] LOCAL... PATH"),
        .init("copyFromLocal", help: "The same as -put."),
        .init("get", help: "Fetch files and folders: -get [-f] [-t COUNT] PATH... LOCAL"),
        .init("copyToLocal", help: "The same as -get."),
        .init("mkdir", help: "Make folders: -mkdir [-p] PATH..."),
        .init("mv", help: "Rename, or move into a folder of the same file system: -mv PATH... PATH"),
        .init("rm", help: "Remove files, with -r folders and all below: -rm [-r] [-f] PATH..."),
        .init("R", help: "With -ls: what is below, too."),
        .init("h", help: "With -ls: sizes as people read them."),
        .init("f", help: "With -put and -get: in place of what is there. With -rm: what is missing is no error."),
        .init("t", .one, placeholder: "Count", help: "With -put and -get: how many files at a time (1)."),
        .init("p", help: "With -mkdir: those above it, too; no error if it is there."),
        .init("r", help: "With -rm: folders, too."),
        .init("skipTrash", help: "With -rm: accepted; there is no trash."),
        .init("fs", .one, placeholder: "URL", help: "The file system of paths without one, instead of fs.defaultFS."),
        .init("config", .one, placeholder: "Folder", help: "The configuration folder, instead of HADOOP_CONF_DIR."),
        .init("help", help: "This text."),
    ]
    private static let operations = [
        "ls", "cat", "put", "copyFromLocal", "get", "copyToLocal", "mkdir", "mv", "rm",
    ]

    private static let copying: Set = ["put", "copyFromLocal", "get", "copyToLocal"]

    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []

    package init() {}

    package func run() async throws {
        let usage = usageText("heddle fs", Self.options)
        do {
            let options = try DashedOptions(self.words, options: Self.options)
            if options.has("help") { return writeText(usage, to: STDOUT_FILENO) }
            let named = Self.operations.filter(options.has)
            guard named.count == 1, let operation = named.first else {
                throw CommandFailure(
                    "Name one operation: \(Self.operations.map { "-\($0)" }.joined(separator: ", "))",
                    exitCode: CommandResult.refused
                )
            }
            let shell = try Self.shell(options, operation)
            guard try await Self.run(shell, operation, options) else { throw ExitCode(1) }
        } catch let error as DashedOptions.ParseError {
            writeText("\(error)\n\(usage)", to: STDERR_FILENO)
            throw ExitCode(CommandResult.refused)
        } catch let error as CommandFailure {
            writeText("\(error)\n\(error.exitCode == CommandResult.refused ? usage : "")", to: STDERR_FILENO)
            throw ExitCode(error.exitCode)
        }
    }

    /// What copies files takes back what it has begun when a signal ends it.
    private static func run(_ shell: FileShell, _ operation: String, _ options: DashedOptions) async throws -> Bool {
        let words = options.rest
        guard Self.copying.contains(operation) else { return try await shell.run(operation, words, options) }
        return try await Interruption.run { try await shell.run(operation, words, options) }
    }

    private static let filesAtOnceMaximum = 64

    private static func filesAtOnce(_ options: DashedOptions) throws -> Int {
        guard let text = options.value("t") else { return 1 }
        guard let count = Int(text), (1...Self.filesAtOnceMaximum).contains(count) else {
            throw CommandFailure(
                "-t \(text): accepted: how many files at a time, from 1 to \(Self.filesAtOnceMaximum)",
                exitCode: CommandResult.refused
            )
        }
        return count
    }

    private static func shell(_ options: DashedOptions, _ operation: String) throws -> FileShell {
        let environment = ConfigurationEnvironment.process
        do {
            let configuration = try Configuration.load(
                commandLineDirectory: options.value("config"),
                environment: environment
            )
            var folder = [CChar](repeating: 0, count: Int(PATH_MAX))
            guard unsafe getcwd(&folder, folder.count) != nil else {
                throw CommandFailure("The working directory is gone: change to another one")
            }
            let path = String(decoding: folder.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let filesAtOnce = try Self.filesAtOnce(options)
            var limits = try TransferLimits(configuration)
            limits.hostConnectionsMaximum = max(limits.hostConnectionsMaximum, filesAtOnce)
            limits.connectionsMaximum = max(limits.connectionsMaximum, filesAtOnce)
            var transfers = Transfers(limits)
            transfers.tokens = DelegationTokens(try Credentials.shown(environment.variables))
            return FileShell(
                operation: operation,
                transfers: transfers,
                user: environment.hadoopUserName,
                arguments: try FileArguments(
                    defaultFileSystem: options.value("fs")
                        ?? configuration.value(of: CoreKeys.defaultFileSystem),
                    user: environment.hadoopUserName,
                    workingDirectory: path
                ),
                filesAtOnce: filesAtOnce,
                // Several bars would overwrite each other.
                display: TransferDisplay(mayDraw: filesAtOnce == 1)
            )
        } catch let error as ConfigurationError {
            throw CommandFailure("\(error)")
        }
    }
}
