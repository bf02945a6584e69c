import ArgumentParser
import Logging
import NodeManager
import NodeManagerCore
import Settings

/// `heddle nodemanager`: runs a NodeManager until a signal or its ResourceManager ends it.
struct NodeManagerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodemanager",
        abstract: "Run a NodeManager.",
        discussion: """
            Reads the configuration folder named by --config or HADOOP_CONF_DIR and runs containers until SIGTERM or SIGINT, \
            or until the ResourceManager excludes the node. Writes its log to standard error.
            """
    )

    @OptionGroup var options: DaemonOptions

    /// Loops that serve connections; the core has a thread of its own beside them.
    private static let loopsMaximum = 2

    func run() async throws {
        try await self.options.run(
            "nodemanager",
            title: "NodeManager",
            loopsMaximum: Self.loopsMaximum,
            serve: self.serve
        )
    }

    private func serve(_ base: DaemonOptions.Base) async throws -> String {
        let settings = try NodeManagerDaemonSettings(base.configuration)
        let daemon = try await NodeManagerDaemon.start(
            settings,
            configuration: base.configuration,
            group: base.group,
            logger: base.logger
        )
        base.logger.info("Serving containers as \(daemon.node.id), pages at port \(daemon.node.httpPort)")
        let expulsion = Task {
            let reason = await daemon.whenStopped()
            if let reason { base.signals.end(reason) }
            return reason
        }
        let reason = await base.signals.first()
        base.logger.info("Ending: \(reason)")
        await daemon.stop()
        // Also when a signal came first: scripts and service managers see that the node went against their will.
        return await expulsion.value ?? reason
    }
}
