package import HadoopRPC
package import ModelConversion
package import ResourceManagerCore

extension RPCFailure {
    /// The Java exception by which clients know the core's reason.
    package init(_ failure: RMFailure) {
        self =
            switch failure {
            case .applicationNotFound: .applicationNotFound(failure.message)
            case .attemptNotFound, .attemptUnknown: .applicationAttemptNotFound(failure.message)
            case .applicationMasterNotRegistered: .applicationMasterNotRegistered(failure.message)
            case .alreadyRegistered, .invalidResponseID: .invalidApplicationMasterRequest(failure.message)
            case .invalidResourceRequest: .invalidResourceRequest(failure.message)
            case .invalidLabel: .invalidLabelResourceRequest(failure.message)
            case .invalidBlacklist: .invalidResourceBlacklistRequest(failure.message)
            case .invalidRelease: .invalidContainerRelease(failure.message)
            case .containerNotFound: .containerNotFound(failure.message)
            case .accessDenied, .administratorOnly, .refused: .yarn(failure.message)
            case .invalidToken: .invalidToken(failure.message)
            case .tokenAccessDenied: .accessControl(failure.message)
            case .notReady: .retriable(failure.message)
            }
    }

    /// A request whose fields cannot be read as what they stand for.
    package static func malformed(_ method: String, _ error: ConversionError) -> RPCFailure {
        .yarn("The request of \(method) is malformed: \(error).")
    }

    /// This ResourceManager carries nothing out any more; clients that know another one go there.
    package init(_ stopped: DriverStopped) {
        self = .standby(stopped.reason)
    }
}
