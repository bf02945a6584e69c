package import ClusterModel
import HadoopProtos
import HadoopRPC
import ModelConversion

/// `applicationattempt`.
package enum AttemptOperations {
    package static let options: [DashedOptions.Option] = [
        .init("fail", .one, placeholder: "Application Attempt ID", help: "Fails application attempt."),
        .init("help", help: "Displays help for all commands."),
        .init("json", help: "Prints JSON instead of a table."),
        .init("list", .one, placeholder: "Application ID", help: "List application attempts for application."),
        .init(
            "status",
            .one,
            placeholder: "Application Attempt ID",
            help: "Prints the status of the application attempt."
        ),
    ]

    package static func list(_ client: ClusterClient, _ id: ApplicationID, json: Bool) async throws -> CommandResult {
        var request = GetApplicationAttemptsRequestProto()
        request.applicationID = id.proto
        let attempts = try await client.call(
            "getApplicationAttempts",
            request,
            returning: GetApplicationAttemptsResponseProto.self
        ).applicationAttempts
        return CommandResult(
            output: json ? JSONText.array(attempts.map(\.json)).text + "\n" : AttemptText.list(attempts)
        )
    }

    package static func status(_ client: ClusterClient, _ id: ApplicationAttemptID, json: Bool) async throws
        -> CommandResult
    {
        var request = GetApplicationAttemptReportRequestProto()
        request.applicationAttemptID = id.proto
        do {
            let report = try await client.call(
                "getApplicationAttemptReport",
                request,
                returning: GetApplicationAttemptReportResponseProto.self
            ).applicationAttemptReport
            return CommandResult(output: json ? report.json.text + "\n" : AttemptText.status(report))
        } catch let failure as RPCFailure where failure.exceptionName == "ApplicationNotFoundException" {
            return .missing("Application for AppAttempt with id '\(id)'")
        } catch let failure as RPCFailure where failure.exceptionName == "ApplicationAttemptNotFoundException" {
            return .missing("Application Attempt with id '\(id)'")
        }
    }

    package static func fail(_ client: ClusterClient, _ id: ApplicationAttemptID) async throws -> CommandResult {
        var request = FailApplicationAttemptRequestProto()
        request.applicationAttemptID = id.proto
        _ = try await client.call(
            "failApplicationAttempt",
            request,
            returning: FailApplicationAttemptResponseProto.self
        )
        return CommandResult(output: "Failing attempt \(id) of application \(id.application)\n")
    }
}

/// `container`.
package enum ContainerOperations {
    package static let options: [DashedOptions.Option] = [
        .init("help", help: "Displays help for all commands."),
        .init("json", help: "Prints JSON instead of a table."),
        .init("list", .one, placeholder: "Application Attempt ID", help: "List containers for application attempt."),
        .init(
            "signal",
            .many,
            placeholder: "container ID [signal command]",
            help: "Signal the container. The available signal commands are [OUTPUT_THREAD_DUMP, GRACEFUL_SHUTDOWN, "
                + "FORCEFUL_SHUTDOWN] Default command is OUTPUT_THREAD_DUMP."
        ),
        .init("status", .one, placeholder: "Container ID", help: "Prints the status of the container."),
    ]

    package static func list(_ client: ClusterClient, _ id: ApplicationAttemptID, json: Bool) async throws
        -> CommandResult
    {
        var request = GetContainersRequestProto()
        request.applicationAttemptID = id.proto
        let containers = try await client.call("getContainers", request, returning: GetContainersResponseProto.self)
            .containers
        return CommandResult(
            output: json ? JSONText.array(containers.map(\.json)).text + "\n" : ContainerText.list(containers)
        )
    }

    package static func status(_ client: ClusterClient, _ id: ContainerID, json: Bool) async throws -> CommandResult {
        var request = GetContainerReportRequestProto()
        request.containerID = id.proto
        do {
            let report = try await client.call(
                "getContainerReport",
                request,
                returning: GetContainerReportResponseProto.self
            ).containerReport
            return CommandResult(output: json ? report.json.text + "\n" : ContainerText.status(report))
        } catch let failure as RPCFailure where failure.exceptionName == "ApplicationNotFoundException" {
            return .missing("Application for Container with id '\(id)'")
        } catch let failure as RPCFailure where failure.exceptionName == "ApplicationAttemptNotFoundException" {
            return .missing("Application Attempt for Container with id '\(id)'")
        } catch let failure as RPCFailure where failure.exceptionName == "ContainerNotFoundException" {
            return .missing("Container with id '\(id)'")
        }
    }

    package static func signal(_ client: ClusterClient, _ id: ContainerID, _ command: SignalContainerCommand)
        async throws -> CommandResult
    {
        var request = SignalContainerRequestProto()
        request.containerID = id.proto
        request.command = command.proto
        _ = try await client.call("signalToContainer", request, returning: SignalContainerResponseProto.self)
        return CommandResult(output: "Signalling container \(id)\n")
    }
}

extension CommandResult {
    fileprivate static func missing(_ what: String) -> CommandResult {
        CommandResult(output: "\(what) doesn't exist in RM or Timeline Server.\n", exitCode: Self.refused)
    }
}
