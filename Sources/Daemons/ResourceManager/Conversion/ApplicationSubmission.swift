package import ClusterModel
import HadoopProtos
package import ModelConversion
package import ResourceManagerCore
import SwiftProtobuf

extension ApplicationSubmission {
    /// Reads what decisions need from the bytes of an ApplicationSubmissionContextProto and keeps the bytes.
    /// - Throws: `ConversionError` when they are no such message, have no application id, or ask for amounts that cannot
    ///   be counted.
    package init(context: OpaqueBytes, user: String) throws(ConversionError) {
        let proto: ApplicationSubmissionContextProto
        do {
            proto = try ApplicationSubmissionContextProto(serializedBytes: context.bytes)
        } catch {
            throw ConversionError(field: "application_submission_context", problem: "is not readable: \(error)")
        }
        guard proto.hasApplicationID else { throw ConversionError(field: "application_id", problem: "is missing") }
        let id = try converting("application_id") { () throws(ConversionError) in
            try ApplicationID(validating: proto.applicationID)
        }
        let access = proto.amContainerSpec.applicationAcls
        self.init(
            id: id,
            name: proto.hasApplicationName ? proto.applicationName : "",
            queue: proto.queue.isEmpty ? "default" : proto.queue,
            user: user,
            priority: proto.hasPriority ? proto.priority.priority : nil,
            applicationType: proto.applicationType.isEmpty ? "YARN" : proto.applicationType,
            tags: proto.applicationTags,
            masterRequests: try Self.masterRequests(proto),
            isUnmanaged: proto.unmanagedAm,
            maximumAttempts: proto.maxAppAttempts,
            keepsContainers: proto.keepContainersAcrossApplicationAttempts,
            attemptFailuresValidityMilliseconds: proto.attemptFailuresValidityInterval,
            lifetimeSeconds: proto.applicationTimeouts.last { $0.applicationTimeoutType == .appTimeoutLifetime }?
                .timeout,
            viewAccessControl: access.last { $0.accessType == .appaccessViewApp }?.acl,
            modifyAccessControl: access.last { $0.accessType == .appaccessModifyApp }?.acl,
            nodeLabelExpression: proto.nodeLabelExpression,
            masterNodeLabelExpression: proto.amContainerResourceRequest.first { $0.resourceName == "*" }?
                .nodeLabelExpression ?? proto.nodeLabelExpression,
            webTokens: RenewableToken.all(in: proto.amContainerSpec),
            cancelsTokens: proto.cancelTokensWhenComplete,
            context: context
        )
    }

    /// `am_container_resource_request` where there is one, else one `*` row of `resource`.
    private static func masterRequests(
        _ proto: ApplicationSubmissionContextProto
    ) throws(ConversionError) -> [ResourceRequest] {
        guard !proto.unmanagedAm else { return [] }
        guard proto.amContainerResourceRequest.isEmpty else {
            return try converting("am_container_resource_request") { () throws(ConversionError) in
                var requests: [ResourceRequest] = []
                for request in proto.amContainerResourceRequest {
                    requests.append(try ResourceRequest(validating: request))
                }
                return requests
            }
        }
        let capability = try converting("resource") { () throws(ConversionError) in
            try ResourceVector(validating: proto.resource)
        }
        return [
            ResourceRequest(
                priority: 0,
                location: .any,
                capability: capability,
                containerCount: 1,
                nodeLabelExpression: proto.nodeLabelExpression
            )
        ]
    }
}
