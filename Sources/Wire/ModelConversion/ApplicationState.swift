package import ClusterModel
package import HadoopProtos

extension ApplicationState {
    package init(_ proto: YarnApplicationStateProto) {
        switch proto {
        case .new: self = .new
        case .newSaving: self = .newSaving
        case .submitted: self = .submitted
        case .accepted: self = .accepted
        case .running: self = .running
        case .finished: self = .finished
        case .failed: self = .failed
        case .killed: self = .killed
        }
    }

    package var proto: YarnApplicationStateProto {
        switch self {
        case .new: .new
        case .newSaving: .newSaving
        case .submitted: .submitted
        case .accepted: .accepted
        case .running: .running
        case .finished: .finished
        case .failed: .failed
        case .killed: .killed
        }
    }
}
