package import HadoopProtos

/// `rmadmin -refreshNodes -g [seconds] -client|-server`: lets excluded nodes drain before they go.
///
/// With `-server` the ResourceManager counts the time and the command ends at once. With `-client` the command waits, and
/// ends the draining itself when the ResourceManager has not.
package struct GracefulDecommission: Sendable {
    /// Who counts the time.
    package enum Tracking: Sendable {
        case client
        case server
    }

    /// Seconds that nodes may drain; -1 is for ever.
    package var timeout: Int32
    package var tracking: Tracking

    /// - Parameter timeout: as on the command line; nil where it has none.
    /// - Throws: Hadoop's texts for what is no timeout.
    package init(timeout: String?, tracking: Tracking) throws(CommandFailure) {
        self.tracking = tracking
        guard let timeout else {
            self.timeout = -1
            return
        }
        guard let seconds = Int32(timeout) else {
            throw CommandFailure("Invalid timeout value, must be integer: \(timeout)", exitCode: CommandResult.refused)
        }
        guard seconds >= -1 else {
            throw CommandFailure("Invalid timeout -> \(timeout)", exitCode: CommandResult.refused)
        }
        self.timeout = seconds
    }

    /// What is asked of the ResourceManager.
    package struct Calls: Sendable {
        package var refresh: @Sendable (RefreshNodesRequestProto) async throws -> Void
        package var draining: @Sendable () async throws -> [NodeIdProto]
        /// Waits for a second.
        package var pause: @Sendable () async throws -> Void
        package var say: @Sendable (String) -> Void

        package init(
            refresh: @escaping @Sendable (RefreshNodesRequestProto) async throws -> Void,
            draining: @escaping @Sendable () async throws -> [NodeIdProto],
            pause: @escaping @Sendable () async throws -> Void,
            say: @escaping @Sendable (String) -> Void
        ) {
            self.refresh = refresh
            self.draining = draining
            self.pause = pause
            self.say = say
        }
    }

    /// The ResourceManager ends the draining by itself; a client that counts along gives it these seconds more.
    private static let gracePeriod = 5

    package func run(_ calls: Calls) async throws {
        var request = RefreshNodesRequestProto()
        request.decommissionType = .graceful
        request.decommissionTimeout = self.timeout
        try await calls.refresh(request)
        guard self.tracking == .client else { return }
        var waited = 0
        while self.timeout < 0 || waited < Int(self.timeout) + Self.gracePeriod {
            try await calls.pause()
            let nodes = try await calls.draining()
            guard !nodes.isEmpty else {
                calls.say("Graceful decommissioning completed in \(waited) seconds.\n")
                return
            }
            let names = nodes.map { "\($0.host):\($0.port)" }.joined(separator: ",")
            calls.say("Nodes '\(names)' are still decommissioning.\n")
            waited += 1
        }
        calls.say(
            "Graceful decommissioning not completed in \(self.timeout) seconds, issueing forceful decommissioning "
                + "command.\n"
        )
        var forceful = RefreshNodesRequestProto()
        forceful.decommissionType = .forceful
        try await calls.refresh(forceful)
    }
}
