import ClusterModel
import HadoopRPC
import NIOPosix
package import ResourceManagerCore
import Synchronization

/// Turns authenticated callers into the core's, with their groups where access control needs them.
///
/// Groups come from the system's user database (getgrouplist), never from a program, and are remembered for a while
/// since that database may be far away; the look-up runs on a thread of its own pool.
package final class CallerResolution: Sendable {
    private let snapshot: ClusterSnapshot
    private let cache = Mutex<[String: Entry]>([:])

    private struct Entry {
        var groups: [String]
        var expires: ContinuousClock.Instant
    }

    /// `hadoop.security.groups.cache.secs`
    private static let lifetime = Duration.seconds(300)
    /// More users than that at once are not remembered.
    private static let countMaximum = 10_000

    package init(snapshot: ClusterSnapshot) {
        self.snapshot = snapshot
    }

    /// Calls `then` with the caller, at once unless groups have to be looked up.
    func resolve(_ caller: RPCCaller, then: @escaping @Sendable (Caller) -> Void) {
        let core = Caller(user: caller.user, realUser: caller.realUser, address: caller.address)
        self.resolve(core, then: then)
    }

    /// The same for callers who can wait.
    package func resolved(_ caller: Caller) async -> Caller {
        await withCheckedContinuation { continuation in
            self.resolve(caller) { continuation.resume(returning: $0) }
        }
    }

    private func resolve(_ caller: Caller, then: @escaping @Sendable (Caller) -> Void) {
        guard self.snapshot.settings.isAccessControlEnabled else {
            then(caller)
            return
        }
        let now = ContinuousClock.now
        let known = self.cache.withLock { $0[caller.user].flatMap { $0.expires > now ? $0.groups : nil } }
        if let known {
            then(caller.with(groups: known))
            return
        }
        NIOThreadPool.singleton.submit { state in
            let groups = state == .active ? SystemGroups.groups(of: caller.user) : []
            self.cache.withLock { cache in
                if cache.count >= Self.countMaximum {
                    cache = [:]
                }
                cache[caller.user] = Entry(groups: groups, expires: now + Self.lifetime)
            }
            then(caller.with(groups: groups))
        }
    }
}

extension Caller {
    fileprivate func with(groups: [String]) -> Caller {
        var caller = self
        caller.groups = groups
        return caller
    }
}
