package import ClusterModel

/// The part of an ApplicationSubmissionContext that decisions need, beside the client's own bytes.
package struct ApplicationSubmission: Hashable, Sendable {
    package var id: ApplicationID
    /// `application_name`; empty is shown as `N/A`.
    package var name: String
    /// As the client named it; empty means `default`.
    package var queue: String
    /// The user whose containers these are.
    package var user: String
    /// nil: the queue's default.
    package var priority: Int32?
    /// `applicationType`, at most 20 characters; `YARN` when unset.
    package var applicationType: String
    /// As sent; the core lowers their case and checks number and length.
    package var tags: [String]
    /// Demand for the ApplicationMaster's container: `am_container_resource_request`, or one `*` row made from
    /// `resource`. Empty for an unmanaged one.
    package var masterRequests: [ResourceRequest]
    package var isUnmanaged: Bool
    /// `maxAppAttempts`; 0: the cluster's limit.
    package var maximumAttempts: Int32
    /// `keep_containers_across_application_attempts`.
    package var keepsContainers: Bool
    /// `attempt_failures_validity_interval` in ms: older failures are not counted; -1: all are.
    package var attemptFailuresValidityMilliseconds: Int64
    /// LIFETIME of `application_timeouts` in seconds.
    package var lifetimeSeconds: Int64?
    /// `application_ACLs` of the launch context, in Hadoop's form `users groups`.
    package var viewAccessControl: String?
    package var modifyAccessControl: String?
    /// `node_label_expression` of the application.
    package var nodeLabelExpression: String
    /// Label expression of the ApplicationMaster's own request.
    package var masterNodeLabelExpression: String
    /// The WebHDFS delegation tokens in the launch context's credentials.
    package var webTokens: [RenewableToken]
    /// `cancel_tokens_when_complete`
    package var cancelsTokens: Bool
    /// The ApplicationSubmissionContextProto as the client sent it.
    package var context: OpaqueBytes

    package init(
        id: ApplicationID,
        name: String = "",
        queue: String = "default",
        user: String,
        priority: Int32? = nil,
        applicationType: String = "YARN",
        tags: [String] = [],
        masterRequests: [ResourceRequest] = [],
        isUnmanaged: Bool = false,
        maximumAttempts: Int32 = 0,
        keepsContainers: Bool = false,
        attemptFailuresValidityMilliseconds: Int64 = -1,
        lifetimeSeconds: Int64? = nil,
        viewAccessControl: String? = nil,
        modifyAccessControl: String? = nil,
        nodeLabelExpression: String = "",
        masterNodeLabelExpression: String = "",
        webTokens: [RenewableToken] = [],
        cancelsTokens: Bool = true,
        context: OpaqueBytes = OpaqueBytes()
    ) {
        self.id = id
        self.name = name
        self.queue = queue
        self.user = user
        self.priority = priority
        self.applicationType = applicationType
        self.tags = tags
        self.masterRequests = masterRequests
        self.isUnmanaged = isUnmanaged
        self.maximumAttempts = maximumAttempts
        self.keepsContainers = keepsContainers
        self.attemptFailuresValidityMilliseconds = attemptFailuresValidityMilliseconds
        self.lifetimeSeconds = lifetimeSeconds
        self.viewAccessControl = viewAccessControl
        self.modifyAccessControl = modifyAccessControl
        self.nodeLabelExpression = nodeLabelExpression
        self.masterNodeLabelExpression = masterNodeLabelExpression
        self.webTokens = webTokens
        self.cancelsTokens = cancelsTokens
        self.context = context
    }
}
