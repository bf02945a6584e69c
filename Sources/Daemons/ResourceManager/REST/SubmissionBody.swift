import ClusterModel
package import HadoopHTTP
package import HadoopProtos

/// Reads the body of `POST /ws/v1/cluster/apps` (ApplicationSubmissionContextInfo) as the message that the RPC would
/// carry, so that both doors lead to the same place.
package enum SubmissionBody {
    /// - Throws: `RESTFailure` 400 that names the member.
    package static func context(_ body: RESTBody) throws(RESTFailure) -> ApplicationSubmissionContextProto {
        guard let id = body.text("application-id"), !id.isEmpty else {
            throw .badRequest("The body has no application-id.")
        }
        var context = ApplicationSubmissionContextProto()
        context.applicationID = try Self.applicationID(id)
        if let name = body.text("application-name") { context.applicationName = name }
        if let queue = body.text("queue") { context.queue = queue }
        if let priority = try Self.int32(body, "priority") { context.priority.priority = priority }
        if let type = body.text("application-type") { context.applicationType = type }
        if let unmanaged = try Self.flag(body, "unmanaged-AM") { context.unmanagedAm = unmanaged }
        if let cancel = try Self.flag(body, "cancel-tokens-when-complete") { context.cancelTokensWhenComplete = cancel }
        if let attempts = try Self.int32(body, "max-app-attempts") { context.maxAppAttempts = attempts }
        if let keep = try Self.flag(body, "keep-containers-across-application-attempts") {
            context.keepContainersAcrossApplicationAttempts = keep
        }
        if let interval = try Self.int64(body, "attempt-failures-validity-interval") {
            context.attemptFailuresValidityInterval = interval
        }
        context.applicationTags = Self.texts(body.first("application-tags"), "tag")
        if let label = body.text("app-node-label-expression") { context.nodeLabelExpression = label }
        try Self.readResource(body, into: &context)
        if let timeouts = body.first("application-timeouts") {
            try Self.readTimeouts(timeouts, into: &context)
        }
        if let aggregation = body.first("log-aggregation-context") {
            Self.readLogAggregation(aggregation, into: &context)
        }
        if let launch = body.first("am-container-spec") {
            context.amContainerSpec = try LaunchContextBody.context(launch)
        }
        return context
    }

    package static func applicationID(_ text: String) throws(RESTFailure) -> ApplicationIdProto {
        let id = try RESTIdentifiers.application(text)
        var proto = ApplicationIdProto()
        proto.clusterTimestamp = id.clusterTimestamp
        proto.id = id.number
        return proto
    }

    /// The size of the ApplicationMaster's container; with a label of its own it becomes a request.
    private static func readResource(
        _ body: RESTBody,
        into context: inout ApplicationSubmissionContextProto
    ) throws(RESTFailure) {
        var resource = ResourceProto()
        if let size = body.first("resource") {
            if let memory = try Self.int64(size, "memory") { resource.memory = memory }
            if let vcores = try Self.int32(size, "vCores") { resource.virtualCores = vcores }
            context.resource = resource
        }
        guard let label = body.text("am-container-node-label-expression"), !label.isEmpty else { return }
        var request = ResourceRequestProto()
        request.priority.priority = 0
        request.resourceName = "*"
        request.capability = resource
        request.numContainers = 1
        request.nodeLabelExpression = label
        context.amContainerResourceRequest = [request]
    }

    private static func readTimeouts(
        _ body: RESTBody,
        into context: inout ApplicationSubmissionContextProto
    ) throws(RESTFailure) {
        for entry in body.all("entry") {
            guard entry.text("key")?.uppercased() == "LIFETIME" else {
                throw .badRequest("application-timeouts knows only the key LIFETIME.")
            }
            var timeout = ApplicationTimeoutMapProto()
            timeout.applicationTimeoutType = .appTimeoutLifetime
            timeout.timeout = try Self.int64(entry, "value") ?? -1
            context.applicationTimeouts.append(timeout)
        }
    }

    private static func readLogAggregation(
        _ body: RESTBody,
        into context: inout ApplicationSubmissionContextProto
    ) {
        var aggregation = LogAggregationContextProto()
        if let text = body.text("log-include-pattern") { aggregation.includePattern = text }
        if let text = body.text("log-exclude-pattern") { aggregation.excludePattern = text }
        if let text = body.text("rolled-log-include-pattern") { aggregation.rolledLogsIncludePattern = text }
        if let text = body.text("rolled-log-exclude-pattern") { aggregation.rolledLogsExcludePattern = text }
        if let text = body.text("log-aggregation-policy-class-name") {
            aggregation.logAggregationPolicyClassName = text
        }
        if let text = body.text("log-aggregation-policy-parameters") {
            aggregation.logAggregationPolicyParameters = text
        }
        context.logAggregationContext = aggregation
    }

    static func texts(_ body: RESTBody?, _ name: String) -> [String] {
        (body?.all(name) ?? [])
            .compactMap { value in
                guard case .text(let text) = value else { return nil }
                return text
            }
    }

    static func int64(_ body: RESTBody, _ name: String) throws(RESTFailure) -> Int64? {
        guard let text = body.text(name), !text.isEmpty else { return nil }
        guard let number = Int64(text) else { throw .badRequest("\(name) is no whole number: \(text.prefix(64))") }
        return number
    }

    static func int32(_ body: RESTBody, _ name: String) throws(RESTFailure) -> Int32? {
        guard let number = try Self.int64(body, name) else { return nil }
        guard let small = Int32(exactly: number) else { throw .badRequest("\(name) is out of range: \(number)") }
        return small
    }

    static func flag(_ body: RESTBody, _ name: String) throws(RESTFailure) -> Bool? {
        switch body.text(name)?.lowercased() {
        case nil, "": return nil
        case "true": return true
        case "false": return false
        case .some(let text): throw .badRequest("\(name) is neither true nor false: \(text.prefix(64))")
        }
    }
}
