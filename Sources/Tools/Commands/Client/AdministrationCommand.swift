import ArgumentParser
import Glibc
import HadoopProtos

/// `heddle rmadmin`: what an operator tells a running ResourceManager.
struct AdministrationCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "rmadmin",
        abstract: "Refresh the ResourceManager's node lists and settings, ask for its state."
    )

    private static let refreshes = [
        ("refreshQueues", "Reload the queues."),
        ("refreshNodesResources", "Refresh resources of NodeManagers."),
        ("refreshSuperUserGroupsConfiguration", "Refresh superuser proxy groups mappings."),
        ("refreshUserToGroupsMappings", "Refresh user-to-groups mappings."),
        ("refreshAdminAcls", "Refresh acls for administration of ResourceManager."),
        ("refreshServiceAcl", "Reload the service-level authorization policy file."),
        ("refreshClusterMaxPriority", "Refresh cluster max priority."),
    ]

    static let options: [DashedOptions.Option] =
        [
            .init("getGroups", .one, placeholder: "username", help: "Get the groups which given user belongs to."),
            .init("getServiceState", .one, placeholder: "serviceId", help: "Print the state of a ResourceManager."),
            .init("help", help: "Displays help for all commands."),
            .init("refreshNodes", help: "Read the include and exclude files again; excluded nodes are shut down."),
            .init(
                "g",
                .optional,
                placeholder: "seconds",
                help:
                    "Works with -refreshNodes, and -client or -server: excluded nodes first drain, for so long at most."
            ),
            .init("graceful", .optional, placeholder: "seconds", help: "The same as -g."),
            .init("client", help: "Works with -g: this command counts the time and waits."),
            .init("server", help: "Works with -g: the ResourceManager counts the time."),
        ] + refreshes.map { .init($0.0, help: $0.1) }

    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []

    func perform(_ options: DashedOptions, _ session: ClientSession) async throws -> CommandResult? {
        if options.has("refreshNodes"), options.has("g") || options.has("graceful") {
            return try await self.decommissionGracefully(options, session)
        }
        if options.has("refreshNodes") {
            var request = RefreshNodesRequestProto()
            request.decommissionType = .normal
            return try await session.withAdministration { client in
                _ = try await client.call("refreshNodes", request, returning: RefreshNodesResponseProto.self)
                return CommandResult()
            }
        }
        if let id = options.value("getServiceState") {
            return try await self.serviceState(id, session)
        }
        if let user = options.value("getGroups") {
            var request = GetGroupsForUserRequestProto()
            request.user = user
            return try await session.withAdministration { client in
                let response = try await client.call(
                    "getGroupsForUser",
                    request,
                    returning: GetGroupsForUserResponseProto.self
                )
                return CommandResult(output: "\(user) : \(response.groups.joined(separator: " "))\n")
            }
        }
        guard let refresh = Self.refreshes.first(where: { options.has($0.0) }) else { return nil }
        // Requests and responses of these calls have no fields: one type stands for all.
        return try await session.withAdministration { client in
            _ = try await client.call(
                refresh.0,
                RefreshQueuesRequestProto(),
                returning: RefreshQueuesResponseProto.self
            )
            return CommandResult()
        }
    }

    private func decommissionGracefully(
        _ options: DashedOptions,
        _ session: ClientSession
    ) async throws -> CommandResult? {
        guard options.has("client") != options.has("server") else { return nil }
        let decommission = try GracefulDecommission(
            timeout: options.value("g") ?? options.value("graceful"),
            tracking: options.has("client") ? .client : .server
        )
        return try await session.withAdministration { client in
            try await decommission.run(
                GracefulDecommission.Calls(
                    refresh: { request in
                        _ = try await client.call("refreshNodes", request, returning: RefreshNodesResponseProto.self)
                    },
                    draining: {
                        try await client.call(
                            "checkForDecommissioningNodes",
                            CheckForDecommissioningNodesRequestProto(),
                            returning: CheckForDecommissioningNodesResponseProto.self
                        ).decommissioningNodes
                    },
                    pause: { try await Task.sleep(for: .seconds(1)) },
                    say: { writeText($0, to: STDOUT_FILENO) }
                )
            )
            return CommandResult()
        }
    }

    /// Hadoop refuses the question without high availability; here it is answered, since scripts ask it.
    private func serviceState(_ id: String, _ session: ClientSession) async throws -> CommandResult {
        try await session.withAdministration(protocolName: ClusterClient.highAvailabilityProtocol, id: id) { client in
            let status = try await client.call(
                "getServiceStatus",
                GetServiceStatusRequestProto(),
                returning: GetServiceStatusResponseProto.self
            )
            let name =
                switch status.state {
                case .initializing: "initializing"
                case .active: "active"
                case .standby: "standby"
                case .observer: "observer"
                }
            return CommandResult(output: name + "\n")
        }
    }
}
