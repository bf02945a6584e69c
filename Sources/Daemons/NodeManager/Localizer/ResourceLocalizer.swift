import CLinux
import Glibc
package import Staging

/// Brings resources onto this node: fetched, checked and unpacked beside their place, then moved there whole.
package final class ResourceLocalizer: Sendable {
    private let transfers: Transfers
    private let limits: UnpackLimits
    private let threads: BlockingThreads
    private let roots: [String]

    /// - Parameters:
    ///   - threadsMaximum: resources in work at once (yarn.nodemanager.localizer.fetch.thread-count).
    ///   - roots: folders that only the NodeManager may change (yarn.nodemanager.local-dirs). Below them are folders of
    ///     users, who may put links there: a destination below a root is reached from it without passing any.
    package init(
        transfers: Transfers = Transfers(),
        limits: UnpackLimits = UnpackLimits(),
        threadsMaximum: Int = 4,
        roots: [String] = []
    ) {
        self.roots = roots
        self.transfers = transfers
        self.limits = limits
        self.threads = BlockingThreads(threadsMaximum: threadsMaximum)
    }

    /// The SHA-256 that a resource's server states for it, unproved; nil when it states none or cannot be asked: the
    /// download that follows says then why.
    package func contentHash(of request: LocalizationRequest) async -> String? {
        let transfers = self.transfers(for: request)
        return await self.threads.run { cancellation in
            transfers.contentHash(of: request.source, user: request.user, cancellation: cancellation)
        }
    }

    private func transfers(for request: LocalizationRequest) -> Transfers {
        var transfers = self.transfers
        transfers.tokens = request.tokens
        return transfers
    }

    /// Brings one resource into a folder of its own, for example `<local-dir>/filecache/17`.
    ///
    /// The folder must not exist, its parent must; `<directory>_tmp` is used on the way. When this throws, neither
    /// exists. Cancelling the task ends a running transfer.
    package func localize(
        _ request: LocalizationRequest,
        into directory: String
    ) async throws(LocalizationFailure) -> LocalizedResource {
        let (transfers, limits, roots) = (self.transfers(for: request), self.limits, self.roots)
        return try await self.threads.run { (cancellation) throws(LocalizationFailure) in
            let work = LocalizationWork(
                request: request,
                directory: directory,
                roots: roots,
                transfers: transfers,
                limits: limits,
                cancellation: cancellation
            )
            return try work.run()
        }
    }
}
