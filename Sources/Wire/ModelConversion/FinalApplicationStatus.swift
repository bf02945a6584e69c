package import ClusterModel
package import HadoopProtos

extension FinalApplicationStatus {
    package init(_ proto: FinalApplicationStatusProto) {
        switch proto {
        case .appUndefined: self = .undefined
        case .appSucceeded: self = .succeeded
        case .appFailed: self = .failed
        case .appKilled: self = .killed
        case .appEnded: self = .ended
        }
    }

    package var proto: FinalApplicationStatusProto {
        switch self {
        case .undefined: .appUndefined
        case .succeeded: .appSucceeded
        case .failed: .appFailed
        case .killed: .appKilled
        case .ended: .appEnded
        }
    }
}
