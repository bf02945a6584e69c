import ArgumentParser
import CLinux
import HadoopConfig
import HadoopRPC
import Logging
import NIOCore
import NIOPosix

/// What every daemon is told on its command line, and the frame that it runs in.
struct DaemonOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "The configuration folder (default: HADOOP_CONF_DIR).")
    var configurationDirectory: String?
    @Option(help: "How much is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel: String = "info"

    /// What a daemon is built on.
    struct Base {
        var configuration: Configuration
        var group: any EventLoopGroup
        var logger: Logger
        var signals: DaemonSignals
    }

    /// Reads the configuration and serves until there is a reason to end.
    /// - Parameters:
    ///   - name: of the subcommand, and of the log.
    ///   - title: how messages name the daemon.
    ///   - loopsMaximum: loops that serve connections, never more than there are cores.
    ///   - serve: starts the daemon, ends it, and returns why.
    /// - Throws: `ExitCode.failure` for an end that nobody asked for, so that whoever watches over the daemon sees it.
    func run(
        _ name: String,
        title: String,
        loopsMaximum: Int,
        serve: (Base) async throws -> String
    ) async throws {
        // glibc makes eight for each core, and threads that wait for files leave one behind full of holes.
        heddle_limit_memory_places(CInt(max(2, System.coreCount)))
        let signals = DaemonSignals()
        OpenFileLimit.raise()
        let logger = try self.logger(name)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(System.coreCount, loopsMaximum))
        let reason: String
        do {
            let configuration = try self.readConfiguration()
            for warning in configuration.warnings { logger.warning("\(warning)") }
            reason = try await serve(
                Base(configuration: configuration, group: group, logger: logger, signals: signals)
            )
        } catch {
            logger.critical("The \(title) cannot start: \(error)")
            try? await group.shutdownGracefully()
            throw ExitCode.failure
        }
        try await group.shutdownGracefully()
        guard DaemonSignals.isSignal(reason) else { throw ExitCode.failure }
    }

    func readConfiguration() throws -> Configuration {
        try Configuration.load(commandLineDirectory: self.configurationDirectory)
    }

    private func logger(_ name: String) throws -> Logger {
        guard let level = Logger.Level(rawValue: self.logLevel.lowercased()) else {
            let accepted = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--log-level is \(self.logLevel); accepted: \(accepted)")
        }
        var logger = Logger(label: name)
        logger.logLevel = level
        return logger
    }
}
