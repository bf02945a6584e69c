import ClusterModel
import Glibc
import Logging
import NodeManagerCore
import Staging
import Synchronization

/// Carries the core's actions out, each in a task of its own, and posts what comes of it.
final class NodeOperations: Sendable {
    typealias Post = @Sendable (Input) -> Void

    private let tracker: ResourceTrackerClient
    let launcher: ContainerLauncher
    private let localizer: ResourceLocalizer
    private let accounts: ContainerAccounts
    let tree: FolderTree
    private let deletionThreads: BlockingThreads
    let localizerThreads: BlockingThreads
    let node: NodeIdentity
    /// nil when logs stay on the node.
    private let aggregator: LogAggregator?
    /// nil when shuffle files are not served.
    private let shuffle: ShuffleSecrets?
    private let logger: Logger
    private let post = Mutex<Post?>(nil)
    /// The core says that the daemon may go; the reason, if nobody asked for it.
    let stopped = FirstEvent<String?>()
    /// Deletions, uploads of logs and the farewell to the ResourceManager.
    let farewells = OutstandingWork()
    /// Ends deletions in the middle: folders of a million files take minutes.
    let deletions = Cancellation()

    init(
        tracker: ResourceTrackerClient,
        launcher: ContainerLauncher,
        localizer: ResourceLocalizer,
        accounts: ContainerAccounts,
        tree: FolderTree,
        deletionThreads: BlockingThreads,
        localizerThreads: BlockingThreads,
        node: NodeIdentity,
        aggregator: LogAggregator?,
        shuffle: ShuffleSecrets?,
        logger: Logger
    ) {
        self.tracker = tracker
        self.launcher = launcher
        self.localizer = localizer
        self.accounts = accounts
        self.tree = tree
        self.deletionThreads = deletionThreads
        self.localizerThreads = localizerThreads
        self.node = node
        self.aggregator = aggregator
        self.shuffle = shuffle
        self.logger = logger
    }

    /// Where the results go.
    func connect(_ post: @escaping Post) {
        self.post.withLock { $0 = post }
    }

    /// Called on the driver's thread; does not block.
    func perform(_ action: Action) {
        guard let post = self.post.withLock({ $0 }) else { return }
        switch action {
        case .register(let report): Task { post(await self.tracker.register(report)) }
        case .heartbeat(let report): Task { post(await self.tracker.heartbeat(report)) }
        case .identify(let order): Task { post(await self.identify(order)) }
        case .localize(let order): Task { post(await self.localize(order)) }
        case .launch(let order): Task { await self.launcher.launch(order, post: post) }
        case .adopt(let order): Task { await self.launcher.adopt(order, post: post) }
        case .signal(let container, let signal): self.launcher.signal(container, signal)
        case .aggregateLogs(let order):
            self.farewells.start { if let input = await self.aggregator?.aggregate(order) { post(input) } }
        case .deleteLogFiles(let files): self.farewells.start { await self.aggregator?.delete(files) }
        case .serveShuffle(let secret, let user): self.shuffle?.learn(secret, user: user)
        case .endShuffle(let id): self.shuffle?.forget(id)
        case .delete(let paths): self.farewells.start { await self.delete(paths) }
        case .unregister: self.farewells.start { await self.tracker.unregister(self.node) }
        case .stop(let reason): self.stopped.happen(reason)
        case .note(let text): self.logger.notice("\(text)")
        }
    }

    private func identify(_ order: LocalizationOrder) async -> Input {
        var request = LocalizationRequest(order.resource, account: nil, user: order.user)
        request.tokens = DelegationTokens(order.tokens)
        let hash = await self.localizer.contentHash(of: request)
        return .resourceIdentified(order.ticket, hash.flatMap(ContentHash.init))
    }

    private func localize(_ order: LocalizationOrder) async -> Input {
        do {
            let account = try self.accounts.account(of: order.user)
            try await self.localizerThreads.run { _ throws(SystemError) in
                for parent in order.parents { try self.tree.make(parent, account: account) }
            }
            var request = LocalizationRequest(
                order.resource,
                account: account,
                user: order.user,
                sha256: order.content?.description
            )
            request.tokens = DelegationTokens(order.tokens)
            let result = try await self.localizer.localize(request, into: order.directory)
            return .resourceLocalized(order.ticket, LocalizedFile(sizeBytes: result.size))
        } catch {
            return .resourceFailed(order.ticket, "\(error)")
        }
    }

    private func delete(_ paths: [String]) async {
        let (deletion, cancellation) = (TreeDeletion(tree: self.tree), self.deletions)
        let logger = self.logger
        await self.deletionThreads.run { _ in
            for path in paths {
                for failure in deletion.delete(path, cancellation: cancellation) {
                    logger.warning("While deleting \(path): \(failure)")
                }
            }
        }
    }

    /// Begins to delete what an earlier NodeManager left.
    func deleteSetAside() {
        let (deletion, cancellation) = (TreeDeletion(tree: self.tree), self.deletions)
        self.farewells.start {
            let failures = await self.deletionThreads.run { _ in deletion.deleteSetAside(cancellation) }
            for failure in failures { self.logger.warning("While deleting what was set aside: \(failure)") }
        }
    }
}

extension DelegationTokens {
    init(_ tokens: [WebHDFSToken]) {
        self.init()
        for token in tokens { self.add(token.text, service: token.service) }
    }
}

extension LocalizationRequest {
    fileprivate init(_ resource: LocalResource, account: OperatingSystemAccount?, user: String, sha256: String? = nil) {
        let kind: Kind =
            switch resource.kind {
            case .file: .file
            case .archive: .archive
            case .pattern: .pattern(resource.pattern)
            }
        let visibility: Visibility =
            switch resource.visibility {
            case .public: .public
            case .private: .private
            case .application: .application
            }
        let source = resource.source
        self.init(
            source: ResourceLocation(
                scheme: source.scheme,
                host: source.host,
                port: source.port.map(Int.init),
                path: source.path,
                userInfo: source.userInfo
            ),
            timestamp: resource.timestamp,
            size: resource.size,
            kind: kind,
            visibility: visibility,
            account: account,
            user: user,
            sha256: sha256
        )
    }
}
