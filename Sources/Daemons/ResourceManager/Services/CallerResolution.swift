import HadoopHTTP
import HadoopRPC
package import ResourceManagerCore

/// Turns authenticated callers into the core's, with their groups where access control needs them.
package final class CallerResolution: Sendable {
    private let snapshot: ClusterSnapshot
    private let groups = UserGroups()

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
        self.groups.look(up: caller.user) { then(caller.with(groups: $0)) }
    }
}

extension Caller {
    fileprivate func with(groups: [String]) -> Caller {
        var caller = self
        caller.groups = groups
        return caller
    }
}
