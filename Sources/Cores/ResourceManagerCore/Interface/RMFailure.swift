package import ClusterModel

/// Why a request is refused. The edge chooses the Java exception by the case; `message` is the text clients see, with
/// Hadoop's wording where clients read it.
package enum RMFailure: Error, Sendable, Hashable {
    /// ApplicationNotFoundException.
    case applicationNotFound(ApplicationID)
    /// ApplicationAttemptNotFoundException, asked for by a client.
    case attemptNotFound(ApplicationAttemptID)
    /// ApplicationAttemptNotFoundException for an ApplicationMaster: its attempt is over or unknown, it must exit.
    case attemptUnknown(ApplicationAttemptID)
    /// ApplicationMasterNotRegisteredException: it must register (again).
    case applicationMasterNotRegistered(ApplicationAttemptID)
    /// InvalidApplicationMasterRequestException.
    case alreadyRegistered(ApplicationID)
    /// InvalidApplicationMasterRequestException.
    case invalidResponseID(ApplicationAttemptID, expected: Int32, received: Int32)
    /// InvalidResourceRequestException.
    case invalidResourceRequest(String)
    /// InvalidLabelResourceRequestException.
    case invalidLabel(String)
    /// InvalidResourceBlacklistRequestException.
    case invalidBlacklist(String)
    /// InvalidContainerReleaseException.
    case invalidRelease(ContainerID, ApplicationAttemptID)
    /// ContainerNotFoundException.
    case containerNotFound(ContainerID)
    /// YarnException that wraps an AccessControlException.
    case accessDenied(user: String, operation: ApplicationOperation, ApplicationID)
    /// YarnException that wraps an AccessControlException: the method needs an administrator.
    case administratorOnly(user: String, operation: String)
    /// SecretManager$InvalidToken.
    case invalidToken(String)
    /// AccessControlException of token calls.
    case tokenAccessDenied(String)
    /// YarnException.
    case refused(String)
    /// RetriableException: the first keys have not been made yet.
    case notReady

    package var message: String {
        switch self {
        case .applicationNotFound(let id):
            "Application with id '\(id)' doesn't exist in RM. Please check that the job submission was successful."
        case .attemptNotFound(let id):
            "ApplicationAttempt with id '\(id)' doesn't exist in RM."
        case .attemptUnknown(let id):
            "Application attempt \(id) doesn't exist in ApplicationMasterService cache."
        case .applicationMasterNotRegistered(let id):
            "AM is not registered for known application attempt: \(id)"
                + " or RM had restarted after AM registered. AM should re-register."
        case .alreadyRegistered(let id):
            "Application Master is already registered : \(id)"
        case .invalidResponseID(let id, let expected, let received):
            "Invalid responseId in AllocateRequest from application attempt: \(id), expect responseId to be "
                + "\(expected), but get \(received)"
        case .invalidRelease(let container, let attempt):
            "Cannot release container : \(container) not belonging to this application attempt : \(attempt)"
        case .containerNotFound(let id):
            "Container with id '\(id)' doesn't exist in RM."
        case .accessDenied(let user, let operation, let id):
            "org.apache.hadoop.security.AccessControlException: User \(user) cannot perform operation "
                + "\(operation.rawValue) on \(id)"
        case .administratorOnly(let user, let operation):
            "org.apache.hadoop.security.AccessControlException: User \(user) doesn't have permission to call "
                + "'\(operation)'"
        case .invalidResourceRequest(let text), .invalidLabel(let text), .invalidBlacklist(let text),
            .invalidToken(let text), .tokenAccessDenied(let text), .refused(let text):
            text
        case .notReady:
            "The ResourceManager has no master keys yet; try again."
        }
    }
}

/// ApplicationAccessType: what an application's access control lists speak of.
package enum ApplicationOperation: String, Sendable, Hashable {
    case view = "VIEW_APP"
    case modify = "MODIFY_APP"
}
