package import ClusterModel
package import HadoopProtos

extension NodeState {
    package init(_ proto: NodeStateProto) {
        switch proto {
        case .nsNew: self = .new
        case .nsRunning: self = .running
        case .nsUnhealthy: self = .unhealthy
        case .nsDecommissioned: self = .decommissioned
        case .nsLost: self = .lost
        case .nsRebooted: self = .rebooted
        case .nsDecommissioning: self = .decommissioning
        case .nsShutdown: self = .shutdown
        }
    }

    package var proto: NodeStateProto {
        switch self {
        case .new: .nsNew
        case .running: .nsRunning
        case .unhealthy: .nsUnhealthy
        case .decommissioned: .nsDecommissioned
        case .lost: .nsLost
        case .rebooted: .nsRebooted
        case .decommissioning: .nsDecommissioning
        case .shutdown: .nsShutdown
        }
    }
}
