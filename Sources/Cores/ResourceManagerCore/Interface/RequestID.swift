/// Names one request of the driver, so that its reply finds the way back. Every input that carries one is answered by
/// exactly one reply in the same step.
package struct RequestID: Hashable, Comparable, Sendable {
    package var number: UInt64

    package init(_ number: UInt64) {
        self.number = number
    }

    package static func < (left: RequestID, right: RequestID) -> Bool { left.number < right.number }
}

/// Who asks, as the edge authenticated and resolved them.
package struct Caller: Hashable, Sendable {
    /// Short name of the effective user.
    package var user: String
    /// The authenticated user who acts for `user` (hadoop.proxyuser), if there is one.
    package var realUser: String?
    /// Groups of `user`, for access control lists.
    package var groups: [String]
    /// Peer address, for diagnostics.
    package var address: String

    package init(user: String, realUser: String? = nil, groups: [String] = [], address: String = "") {
        self.user = user
        self.realUser = realUser
        self.groups = groups
        self.address = address
    }
}
