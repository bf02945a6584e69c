import ClusterModel
package import HadoopHTTP
import ModelConversion
import ResourceManagerCore
import SwiftProtobuf

extension ClusterResource {
    /// Everything under `/ws/v1/cluster` that changes something. Each checks the accepted form and the user before it
    /// reads a body.
    package func addWriting(to routes: inout WebRoutes) {
        let base = "/ws/v1/cluster"
        routes.add(.post, "\(base)/apps/new-application") { request, _ in try await self.newApplication(request) }
        routes.add(.post, "\(base)/apps") { request, _ in try await self.submit(request) }
        routes.add(.put, "\(base)/apps/{app}/state") { request, path in try await self.putState(request, path) }
        routes.add(.put, "\(base)/apps/{app}/queue") { request, path in try await self.putQueue(request, path) }
        routes.add(.put, "\(base)/apps/{app}/priority") { request, path in
            try await self.putPriority(request, path)
        }
        routes.add(.put, "\(base)/apps/{app}/timeout") { request, path in try await self.putTimeout(request, path) }
        routes.add(.post, "\(base)/containers/{container}/signal/{command}") { request, path in
            try await self.signal(request, path)
        }
    }

    private func body(of request: WebRequest) async throws -> RESTBody {
        try await RESTBody.read(from: request, upTo: self.bodyBytesMaximum)
    }

    private func location(of application: String) -> String {
        "http://\(self.identity.webAddress)/ws/v1/cluster/apps/\(application)"
    }

    private func newApplication(_ request: WebRequest) async throws -> WebAnswer {
        let format = try request.acceptedFormat()
        _ = try await self.writer(request)
        let application = try await self.carryOut { () throws(ResourceManagerGateway.Failure) in
            try await self.writing.newApplication()
        }
        var content = RESTObject()
        content.add("application-id", application.id.description)
        content.add("maximum-resource-capability", application.maximumAllocation.rest())
        return .document(RESTDocument("NewApplication", content, isUnwrapped: true), as: format)
    }

    private func submit(_ request: WebRequest) async throws -> WebAnswer {
        _ = try request.acceptedFormat()
        guard self.isSubmissionEnabled else {
            throw PlainRefusal(
                status: 403,
                text: "App submission via REST is disabled. Set yarn.webapp.enable-rest-app-submissions to allow it."
            )
        }
        let caller = try await self.writer(request)
        let context = try SubmissionBody.context(try await self.body(of: request))
        let submission: ApplicationSubmission
        do {
            let bytes: [UInt8] = try context.serializedBytes()
            submission = try ApplicationSubmission(context: OpaqueBytes(bytes), user: caller.user)
        } catch {
            throw RESTFailure.badRequest("The submission is malformed: \(error)")
        }
        try await self.carryOut { () throws(ResourceManagerGateway.Failure) in
            try await self.writing.submit(submission, by: caller)
        }
        return WebAnswer(
            status: 202,
            headers: WebAnswer.hadoopHeaders
                + [WebHeader("Location", self.location(of: submission.id.description))]
        )
    }

    private func putState(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        let format = try request.acceptedFormat()
        let caller = try await self.writer(request)
        let application = try self.application(path["app"])
        let body = try await self.body(of: request)
        guard let state = body.text("state") else { throw RESTFailure.badRequest("The body has no state.") }
        guard state == ApplicationState.killed.name else {
            throw RESTFailure.badRequest("Only 'KILLED' is allowed as a target state.")
        }
        if application.state.isFinal { return .document(Self.stateDocument(application.state), as: format) }
        let isCompleted = try await self.carryOut { () throws(ResourceManagerGateway.Failure) in
            try await self.writing.kill(application.id, diagnostics: body.text("diagnostics"), by: caller)
        }
        let now = self.snapshot.application(application.id)?.state ?? .killed
        let answer = WebAnswer.document(Self.stateDocument(now), as: format, status: isCompleted ? 200 : 202)
        guard !isCompleted else { return answer }
        return answer.adding("Location", self.location(of: "\(application.id)/state"))
    }

    private func putQueue(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        let format = try request.acceptedFormat()
        let caller = try await self.writer(request)
        let application = try self.application(path["app"])
        guard let queue = try await self.body(of: request).text("queue"), !queue.isEmpty else {
            throw RESTFailure.badRequest("The body has no queue.")
        }
        try await self.carryOut { () throws(ResourceManagerGateway.Failure) in
            try await self.writing.move(application.id, to: queue, by: caller)
        }
        var content = RESTObject()
        content.add("queue", self.snapshot.application(application.id)?.queue ?? queue)
        return .document(RESTDocument("appqueue", content, isUnwrapped: true), as: format)
    }

    private func putPriority(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        let format = try request.acceptedFormat()
        let caller = try await self.writer(request)
        let application = try self.application(path["app"])
        guard let priority = try SubmissionBody.int32(try await self.body(of: request), "priority") else {
            throw RESTFailure.badRequest("The body has no priority.")
        }
        let inForce = try await self.carryOut { () throws(ResourceManagerGateway.Failure) in
            try await self.writing.updatePriority(of: application.id, to: priority, by: caller)
        }
        return .document(Self.priorityDocument(inForce), as: format)
    }

    private func putTimeout(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        let format = try request.acceptedFormat()
        let caller = try await self.writer(request)
        let application = try self.application(path["app"])
        let outer = try await self.body(of: request)
        // JSON carries the name of the type around its members, XML has it as the root.
        let body = outer.first("timeout") ?? outer
        guard body.text("type")?.uppercased() == "LIFETIME", let text = body.text("expiryTime"),
            let end = ISO8601.timestamp(text)
        else {
            throw RESTFailure.badRequest(
                "The body needs the type LIFETIME and an expiryTime like 2026-11-23T17:09:56.000+0000."
            )
        }
        let inForce = try await self.carryOut { () throws(ResourceManagerGateway.Failure) in
            try await self.writing.updateLifetime(of: application.id, endsAt: end, by: caller)
        }
        var changed = application
        changed.lifetimeEndsAt = inForce
        return .document(RESTDocument("timeout", changed.lifetimeREST(at: self.clock.now)), as: format)
    }

    private func signal(_ request: WebRequest, _ path: PathParameters) async throws -> WebAnswer {
        _ = try request.acceptedFormat()
        let caller = try await self.writer(request)
        let container = try RESTIdentifiers.container(path["container"])
        let name = path["command"].uppercased()
        guard let command = SignalContainerCommand.allCases.first(where: { $0.name == name }) else {
            let known = SignalContainerCommand.allCases.map(\.name).joined(separator: ", ")
            throw RESTFailure.badRequest("Invalid command; it should be one of [\(known)]")
        }
        try await self.carryOut { () throws(ResourceManagerGateway.Failure) in
            try await self.writing.signal(container, command, by: caller)
        }
        return WebAnswer(status: 200, headers: WebAnswer.hadoopHeaders)
    }
}
