import NIOPosix
import Synchronization

/// The groups of users who call, for access control.
///
/// They come from the system's user database, never from a program, and are remembered for a while since that database may
/// be far away; the look-up runs on a thread of its own pool.
package final class UserGroups: Sendable {
    private let cache = Mutex<[String: Entry]>([:])

    private struct Entry {
        var groups: [String]
        var expires: ContinuousClock.Instant
    }

    /// `hadoop.security.groups.cache.secs`
    private static let lifetime = Duration.seconds(300)
    /// More users than that at once are not remembered.
    private static let countMaximum = 10_000

    package init() {}

    /// Calls `then` with the groups' names, at once where they are remembered.
    package func look(up user: String, then: @escaping @Sendable ([String]) -> Void) {
        let now = ContinuousClock.now
        let known = self.cache.withLock { $0[user].flatMap { $0.expires > now ? $0.groups : nil } }
        if let known {
            then(known)
            return
        }
        NIOThreadPool.singleton.submit { state in
            let groups = state == .active ? SystemGroups.groups(of: user) : []
            self.cache.withLock { cache in
                if cache.count >= Self.countMaximum {
                    cache = [:]
                }
                cache[user] = Entry(groups: groups, expires: now + Self.lifetime)
            }
            then(groups)
        }
    }

    /// The same for callers who can wait.
    package func groups(of user: String) async -> [String] {
        await withCheckedContinuation { continuation in
            self.look(up: user) { continuation.resume(returning: $0) }
        }
    }
}
