package import ClusterModel
import DequeModule
import OrderedCollections
import SchedulerCore

/// Every decision of a ResourceManager, as a value: applications, attempts, nodes, tokens, expiry, recovery, and by the
/// `Scheduler` it owns, placement.
///
/// The driver owns it on one thread. It steps the inputs of a batch at their time, publishes once, stores the records,
/// and only then lets changes, replies and actions out:
///
///     for (input, now) in batch { core.step(input, at: now, into: &effects) }
///     core.publish(into: &effects)
///
/// The first input is `recovered`, with an empty list for a new store. At `nextDeadline` the driver posts `timePassed`.
package struct ResourceManagerCore: Sendable {
    package internal(set) var settings: ResourceManagerSettings
    /// When this run of the ResourceManager started, in ms: the cluster timestamp of new applications and the
    /// identifier in container tokens.
    package let clusterTimestamp: Int64

    var scheduler: Scheduler
    var epoch = EpochRecord(next: 0)
    var lastApplicationNumber: Int32 = 0
    var applications: [ApplicationID: Application] = [:]
    /// Ended applications, the oldest end first.
    var endedApplications: Deque<ApplicationID> = []
    /// How many of them, the newest, the store has.
    var storedEnds = 0
    /// Applications whose ApplicationMaster waits for a container, oldest first.
    var waitingForMaster: OrderedSet<ApplicationID> = []
    var nodes: [NodeID: Node] = [:]
    /// Inactive nodes, the oldest first.
    var inactiveNodes: OrderedSet<NodeID> = []
    /// How many nodes are in each state.
    var nodeCounts: [NodeState: Int32] = [:]
    var nodeUpdates = NodeUpdateLog()
    /// Applications whose ApplicationMaster was placed before a restart and has not been seen on its node since.
    var recoveredMasters: OrderedSet<ApplicationID> = []
    /// Live containers, ended ones that their ApplicationMaster has not confirmed, and the last few that it has.
    var containers: [ContainerID: Container] = [:]
    var keyRings: [MasterKeyKind: KeyRing] = [:]
    var delegationTokens: [Int32: DelegationTokenRecord] = [:]
    /// Of the applications' credentials.
    var renewals: TokenRenewals
    var timers = Deadlines<Timer>()

    /// Counts of applications by the path of their queue.
    var statistics: [String: QueueStatisticsView] = [:]

    /// What waits for `publish`.
    var unpublished = Unpublished()
    /// What the current step must store, each once, in its form at the end of the step.
    var unstored = Unstored()
    /// Decisions of the scheduler that have not been carried out.
    var decisions: Deque<Scheduler.Output> = []
    var isCarryingOut = false
    /// Of the current step.
    var now = Timestamp.unset
    var effects = Effects()

    package init(settings: ResourceManagerSettings, clusterTimestamp: Int64) {
        self.settings = settings
        self.clusterTimestamp = clusterTimestamp
        self.scheduler = Scheduler(settings: settings.scheduler, epoch: 0)
        self.renewals = TokenRenewals(cancellationDelay: settings.tokenCancellationDelay)
    }

    /// What is waited for.
    enum Timer: Hashable, Sendable {
        case masterSilent(ApplicationAttemptID)
        /// The ApplicationMaster has unregistered and its container has not ended.
        case masterLingers(ApplicationAttemptID)
        case nodeSilent(NodeID)
        case nodeDrains(NodeID)
        case lifetimeEnds(ApplicationID)
        case logsTimeOut(ApplicationID)
        case keyRolls(MasterKeyKind)
        case keyActivates(MasterKeyKind)
        case keyDrops(MasterKeyKind)
        case delegationTokenExpires(Int32)
    }

    /// When the next `timePassed` is due; nil: nothing waits for time.
    package var nextDeadline: Timestamp? {
        [self.timers.next, self.scheduler.nextDeadline, self.renewals.nextDeadline].compactMap { $0 }.min()
    }

    /// Applies one input. Records, replies and actions are appended to `effects`; changes wait for `publish`.
    package mutating func step(_ input: Input, at now: Timestamp, into effects: inout Effects) {
        self.now = now
        swap(&self.effects, &effects)
        self.apply(input)
        self.store()
        swap(&self.effects, &effects)
    }

    private mutating func apply(_ input: Input) {
        switch input {
        case .recovered(let records): self.recover(records)
        case .settingsChanged(let settings): self.change(to: settings)
        case .timePassed: self.fireTimers()
        case .masterKeyOffered(let kind, let bytes): self.takeKey(kind, bytes)

        case .newApplicationRequested(let request): self.newApplication(request)
        case .applicationSubmitted(let request, let submission, let caller):
            self.reply(request, self.submit(submission, by: caller))
        case .killRequested(let request, let id, let diagnostics, let caller):
            self.reply(request, self.kill(id, diagnostics: diagnostics, by: caller))
        case .attemptFailureRequested(let request, let id, let caller):
            self.reply(request, self.failAttempt(id, by: caller))
        case .priorityUpdateRequested(let request, let id, let priority, let caller):
            self.reply(request, self.updatePriority(of: id, to: priority, by: caller))
        case .timeoutUpdateRequested(let request, let id, let expiresAt, let caller):
            self.reply(request, self.updateTimeout(of: id, to: expiresAt, by: caller))
        case .queueMoveRequested(let request, let id, let queue, let caller):
            self.reply(request, self.move(id, to: queue, by: caller))
        case .containerSignalRequested(let request, let id, let command, let caller):
            self.reply(request, self.signal(id, command, by: caller))
        case .delegationTokenRequested(let request, let renewer, let caller):
            self.reply(request, self.issueDelegationToken(renewer: renewer, to: caller))
        case .delegationTokenRenewalRequested(let request, let number, let caller):
            self.reply(request, self.renewDelegationToken(number, by: caller))
        case .delegationTokenCancellationRequested(let request, let number, let caller):
            self.reply(request, self.cancelDelegationToken(number, by: caller))

        case .applicationMasterRegistered(let request, let attempt, let registration):
            self.reply(request, self.registerMaster(of: attempt, registration))
        case .allocateRequested(let request, let attempt, let keyID, let allocation):
            self.reply(request, self.allocate(for: attempt, keyID: keyID, allocation))
        case .applicationMasterFinished(let request, let attempt, let finish):
            self.reply(request, self.finishMaster(of: attempt, finish))
        case .applicationMasterLaunched(let attempt): self.masterLaunched(attempt)
        case .applicationMasterLaunchFailed(let attempt, let diagnostics):
            self.masterLaunchFailed(attempt, diagnostics)

        case .tokenRenewed(let token, let expiresAt):
            self.renewals.renewed(token, until: expiresAt, at: self.now)
            self.followRenewals()
        case .tokenRenewalFailed(let token, let reason, let mayPass):
            self.renewals.failed(token, reason, mayPass: mayPass, at: self.now)
            self.followRenewals()

        case .nodeRegistered(let request, let registration):
            self.reply(request, self.register(registration))
        case .nodeHeartbeat(let request, let heartbeat):
            self.reply(request, .nodeHeartbeat(self.heartbeat(heartbeat)))
        case .nodeUnregistered(let request, let node):
            self.deactivate(node, as: .shutdown)
            self.reply(request, .done)
        case .queuesRefreshed(let request, let scheduler, let caller):
            self.reply(request, self.refreshQueues(scheduler, by: caller))
        case .nodesRefreshed(let request, let refresh, let caller):
            self.reply(request, self.refreshNodes(refresh, by: caller))
        }
    }

    mutating func reply(_ request: RequestID, _ reply: Reply) {
        self.effects.replies.append((request, reply))
    }

    private mutating func fireTimers() {
        while let timer = self.timers.popDue(at: self.now) {
            switch timer {
            case .masterSilent(let attempt): self.masterFellSilent(attempt)
            case .masterLingers(let attempt): self.masterLingered(attempt)
            case .nodeSilent(let node): self.deactivate(node, as: .lost)
            case .nodeDrains(let node): self.deactivate(node, as: .decommissioned)
            case .lifetimeEnds(let application): self.lifetimeEnded(application)
            case .logsTimeOut(let application): self.logsTimedOut(application)
            case .keyRolls(let kind): self.effects.actions.append(.masterKeyWanted(kind))
            case .keyActivates(let kind): self.activateKey(kind)
            case .keyDrops(let kind): self.dropRetiredKeys(kind)
            case .delegationTokenExpires(let number): self.removeDelegationToken(number)
            }
        }
        self.renewals.passTime(at: self.now)
        self.followRenewals()
        self.schedule(.timePassed)
    }

    /// Takes what capacity-scheduler.xml says of queues and limits. Sizes of containers and how resources are compared
    /// hold until a restart, as in YARN.
    private mutating func refreshQueues(_ read: SchedulerSettings, by caller: Caller) -> Reply {
        guard self.settings.isAdministrator(caller) else {
            return .failed(.administratorOnly(user: caller.user, operation: "refreshQueues"))
        }
        var settings = self.settings
        settings.scheduler.queues = read.queues
        settings.scheduler.maximumApplications = read.maximumApplications
        settings.scheduler.maximumMasterResourcePartsPerMillion = read.maximumMasterResourcePartsPerMillion
        settings.scheduler.nodeLocalityDelay = read.nodeLocalityDelay
        settings.scheduler.rackLocalityAdditionalDelay = read.rackLocalityAdditionalDelay
        self.change(to: settings)
        return .done
    }

    private mutating func change(to settings: ResourceManagerSettings) {
        let lists = self.settings.nodeLists
        self.settings = settings
        // The lists change by refreshNodes alone.
        self.settings.nodeLists = lists
        self.unpublished.settings = true
        self.schedule(.settingsChanged(settings.scheduler))
    }
}
