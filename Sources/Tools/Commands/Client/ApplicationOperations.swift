package import ClusterModel
import HadoopProtos
import HadoopRPC
import ModelConversion

/// `application`: one operation a call, on one ResourceManager.
package enum ApplicationOperations {
    package static let options: [DashedOptions.Option] = [
        .init("appId", .one, placeholder: "Application ID", help: "Specify Application Id to be operated"),
        .init(
            "appStates",
            .one,
            placeholder: "States",
            help: "Works with -list to filter applications based on input comma-separated list of application states. "
                + ApplicationFilter.validStates
        ),
        .init(
            "appTags",
            .one,
            placeholder: "Tags",
            help: "Works with -list to filter applications based on input comma-separated list of application tags."
        ),
        .init(
            "appTypes",
            .one,
            placeholder: "Types",
            help: "Works with -list to filter applications based on input comma-separated list of application types."
        ),
        .init("changeQueue", .one, placeholder: "Queue Name", help: "Moves the application of -appId to a new queue."),
        .init("help", help: "Displays help for all commands."),
        .init("json", help: "Prints JSON instead of a table."),
        .init(
            "kill",
            .many,
            placeholder: "Application ID",
            help: "Kills the application. Set of applications can be provided separated with space"
        ),
        .init("list", help: "List applications that live, or those that -appStates, -appTypes and -appTags choose."),
        .init(
            "movetoqueue",
            .one,
            placeholder: "Application ID",
            help: "Moves the application to the queue of -queue. Deprecated: use 'changeQueue' instead."
        ),
        .init("queue", .one, placeholder: "Queue Name", help: "Works with -movetoqueue."),
        .init("status", .one, placeholder: "Application ID", help: "Prints the status of the application."),
        .init(
            "updateLifetime",
            .one,
            placeholder: "Timeout",
            help: "Sets how many seconds from now the application of -appId may live."
        ),
        .init("updatePriority", .one, placeholder: "Priority", help: "Sets the priority of the application of -appId."),
    ]

    package static func list(_ client: ClusterClient, _ filter: ApplicationFilter, json: Bool) async throws
        -> CommandResult
    {
        let response = try await client.call(
            "getApplications",
            filter.request,
            returning: GetApplicationsResponseProto.self
        )
        return CommandResult(
            output: json
                ? JSONText.array(response.applications.map(\.json)).text + "\n"
                : ApplicationText.list(
                    response.applications,
                    types: filter.types,
                    states: filter.states,
                    tags: filter.tags
                )
        )
    }

    package static func status(_ client: ClusterClient, _ id: ApplicationID, json: Bool) async throws -> CommandResult {
        do {
            let report = try await client.report(id)
            return CommandResult(output: json ? report.json.text + "\n" : ApplicationText.status(report))
        } catch let failure as RPCFailure where failure.exceptionName == "ApplicationNotFoundException" {
            return CommandResult(
                output: "Application with id '\(id)' doesn't exist in RM or Timeline Server.\n",
                exitCode: CommandResult.refused
            )
        }
    }

    /// Kills one after the other; says of each what became of it.
    package static func kill(_ client: ClusterClient, _ ids: [ApplicationID]) async throws -> CommandResult {
        var result = CommandResult()
        for id in ids {
            do {
                if try await client.isFinished(id) {
                    result.output += "Application \(id) has already finished \n"
                } else {
                    result.output += "Killing application \(id)\n"
                    try await client.kill(id)
                }
            } catch let failure as RPCFailure where failure.exceptionName == "ApplicationNotFoundException" {
                result.output += "Application with id '\(id)' doesn't exist in RM.\n"
                result.exitCode = CommandResult.refused
            }
        }
        return result
    }

    package static func move(_ client: ClusterClient, _ id: ApplicationID, to queue: String) async throws
        -> CommandResult
    {
        if try await client.isFinished(id) {
            return CommandResult(output: "Application \(id) has already finished \n")
        }
        var request = MoveApplicationAcrossQueuesRequestProto()
        request.applicationID = id.proto
        request.targetQueue = queue
        _ = try await client.call(
            "moveApplicationAcrossQueues",
            request,
            returning: MoveApplicationAcrossQueuesResponseProto.self
        )
        return CommandResult(output: "Moving application \(id) to queue \(queue)\nSuccessfully completed move.\n")
    }

    package static func updatePriority(_ client: ClusterClient, _ id: ApplicationID, _ priority: Int32) async throws
        -> CommandResult
    {
        var request = UpdateApplicationPriorityRequestProto()
        request.applicationID = id.proto
        request.applicationPriority.priority = priority
        let response = try await client.call(
            "updateApplicationPriority",
            request,
            returning: UpdateApplicationPriorityResponseProto.self
        )
        let head = "Updating priority of an application \(id)\n"
        if response.hasApplicationPriority, response.applicationPriority.priority == priority {
            return CommandResult(
                output: head + "Successfully updated the application \(id) with priority '\(priority)'\n"
            )
        }
        return CommandResult(
            output: head + "Updated priority of an application  \(id) to cluster max priority OR keeping old priority "
                + "as application is in final states\n"
        )
    }

    /// - Parameter expiry: when the application is to end, in milliseconds since the epoch.
    package static func updateLifetime(_ client: ClusterClient, _ id: ApplicationID, expiry: Int64) async throws
        -> CommandResult
    {
        let wanted = HadoopFormat.timeoutTime(expiry)
        var entry = ApplicationUpdateTimeoutMapProto()
        entry.applicationTimeoutType = .appTimeoutLifetime
        entry.expireTime = wanted
        var request = UpdateApplicationTimeoutsRequestProto()
        request.applicationID = id.proto
        request.applicationTimeouts = [entry]
        let response = try await client.call(
            "updateApplicationTimeouts",
            request,
            returning: UpdateApplicationTimeoutsResponseProto.self
        )
        let head = "Updating timeout for given timeoutType: LIFETIME of an application \(id)\n"
        let got = response.applicationTimeouts.first?.expireTime ?? wanted
        if got == wanted {
            return CommandResult(
                output: head + "Successfully updated LIFETIME of an application \(id). New expiry time is \(got)\n"
            )
        }
        return CommandResult(
            output: head + "Updated lifetime of an application  \(id) to queue max/default lifetime. "
                + "New expiry time is \(got)\n"
        )
    }
}

extension ClusterClient {
    fileprivate func isFinished(_ id: ApplicationID) async throws -> Bool {
        let report = try await self.report(id)
        return report.hasYarnApplicationState && ApplicationState(report.yarnApplicationState).isFinal
    }
}
