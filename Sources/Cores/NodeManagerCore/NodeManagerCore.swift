package import ClusterModel

/// Every decision of one NodeManager as a value: no clock, lock, log or file in it.
package struct NodeManagerCore: Sendable {
    package let settings: NodeManagerSettings
    package let node: NodeIdentity

    package init(settings: NodeManagerSettings, node: NodeIdentity) {
        self.settings = settings
        self.node = node
    }

    /// Applies one input. The same history gives the same effects, in the same order.
    package mutating func step(_ input: Input, at now: Timestamp, into effects: inout Effects) {
    }

    /// When `Input.timePassed` is wanted next.
    package var nextDeadline: Timestamp? { nil }
}
