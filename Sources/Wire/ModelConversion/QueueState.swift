package import ClusterModel
package import HadoopProtos

extension QueueState {
    package init(_ proto: QueueStateProto) {
        switch proto {
        case .qStopped: self = .stopped
        case .qRunning: self = .running
        case .qDraining: self = .draining
        }
    }

    package var proto: QueueStateProto {
        switch self {
        case .stopped: .qStopped
        case .running: .qRunning
        case .draining: .qDraining
        }
    }
}
