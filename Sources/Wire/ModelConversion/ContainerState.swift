package import ClusterModel
package import HadoopProtos

extension ContainerState {
    package init(_ proto: ContainerStateProto) {
        switch proto {
        case .cNew: self = .new
        case .cRunning: self = .running
        case .cComplete: self = .complete
        }
    }

    package var proto: ContainerStateProto {
        switch self {
        case .new: .cNew
        case .running: .cRunning
        case .complete: .cComplete
        }
    }
}
