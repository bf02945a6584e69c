package import ClusterModel
package import SchedulerCore

extension ResourceManagerCore {
    /// Everything that can happen to a ResourceManager.
    package enum Input: Sendable {
        /// What the store held at start, in any order; empty for a new store. Always the first input.
        case recovered([Record])
        case settingsChanged(ResourceManagerSettings)
        case timePassed
        /// Random bytes for a key ring that asked for them (`Action.masterKeyWanted`).
        case masterKeyOffered(MasterKeyKind, bytes: [UInt8])

        // MARK: Clients

        case newApplicationRequested(RequestID)
        case applicationSubmitted(RequestID, ApplicationSubmission, by: Caller)
        /// - Parameter diagnostics: what the caller gave as the reason (`KillApplicationRequestProto.diagnostics`).
        case killRequested(RequestID, ApplicationID, diagnostics: String?, by: Caller)
        /// failApplicationAttempt: the attempt ends as failed, so that the next one starts if there is one left.
        case attemptFailureRequested(RequestID, ApplicationAttemptID, by: Caller)
        case priorityUpdateRequested(RequestID, ApplicationID, priority: Int32, by: Caller)
        /// - Parameter expiresAt: when the application is to be killed (LIFETIME).
        case timeoutUpdateRequested(RequestID, ApplicationID, expiresAt: Timestamp, by: Caller)
        case queueMoveRequested(RequestID, ApplicationID, queue: String, by: Caller)
        case containerSignalRequested(RequestID, ContainerID, SignalContainerCommand, by: Caller)
        case delegationTokenRequested(RequestID, renewer: String, by: Caller)
        case delegationTokenRenewalRequested(RequestID, sequenceNumber: Int32, by: Caller)
        case delegationTokenCancellationRequested(RequestID, sequenceNumber: Int32, by: Caller)

        // MARK: ApplicationMasters; the attempt is the one its token names

        case applicationMasterRegistered(RequestID, ApplicationAttemptID, MasterRegistration)
        /// - Parameter keyID: of the AMRM token that the call was authenticated with.
        case allocateRequested(RequestID, ApplicationAttemptID, keyID: Int32, AllocateRequest)
        case applicationMasterFinished(RequestID, ApplicationAttemptID, MasterFinish)
        /// startContainers for the ApplicationMaster succeeded.
        case applicationMasterLaunched(ApplicationAttemptID)
        case applicationMasterLaunchFailed(ApplicationAttemptID, diagnostics: String)

        // MARK: WebHDFS servers

        case tokenRenewed(RenewableToken, expiresAt: Timestamp)
        /// - Parameter mayPass: false for a refusal.
        case tokenRenewalFailed(RenewableToken, reason: String, mayPass: Bool)

        // MARK: Nodes

        case nodeRegistered(RequestID, NodeRegistration)
        case nodeHeartbeat(RequestID, NodeHeartbeat)
        case nodeUnregistered(RequestID, NodeID)
        /// refreshQueues: the scheduler's files were read again.
        case queuesRefreshed(RequestID, SchedulerSettings, by: Caller)
        /// refreshNodes.
        case nodesRefreshed(RequestID, NodeRefresh, by: Caller)
    }

    /// registerApplicationMaster.
    package struct MasterRegistration: Sendable, Hashable {
        package var host: String
        package var rpcPort: Int32
        package var trackingURL: String

        package init(host: String, rpcPort: Int32, trackingURL: String) {
            self.host = host
            self.rpcPort = rpcPort
            self.trackingURL = trackingURL
        }
    }

    /// allocate. Container updates and scheduling requests are refused at the edge; they do not come here.
    package struct AllocateRequest: Sendable, Hashable {
        package var responseID: Int32
        /// 0...1.
        package var progress: Float
        package var asks: [ResourceRequest]
        package var releases: [ContainerID]
        package var blacklistAdditions: [String]
        package var blacklistRemovals: [String]
        /// A new tracking URL (3.3 clients); nil: unchanged.
        package var trackingURL: String?

        package init(
            responseID: Int32,
            progress: Float = 0,
            asks: [ResourceRequest] = [],
            releases: [ContainerID] = [],
            blacklistAdditions: [String] = [],
            blacklistRemovals: [String] = [],
            trackingURL: String? = nil
        ) {
            self.responseID = responseID
            self.progress = progress
            self.asks = asks
            self.releases = releases
            self.blacklistAdditions = blacklistAdditions
            self.blacklistRemovals = blacklistRemovals
            self.trackingURL = trackingURL
        }
    }

    /// finishApplicationMaster.
    package struct MasterFinish: Sendable, Hashable {
        package var finalStatus: FinalApplicationStatus
        package var diagnostics: String
        package var trackingURL: String

        package init(finalStatus: FinalApplicationStatus, diagnostics: String = "", trackingURL: String = "") {
            self.finalStatus = finalStatus
            self.diagnostics = diagnostics
            self.trackingURL = trackingURL
        }
    }
}
