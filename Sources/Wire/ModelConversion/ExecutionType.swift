package import ClusterModel
package import HadoopProtos

extension ExecutionType {
    package init(_ proto: ExecutionTypeProto) {
        switch proto {
        case .guaranteed: self = .guaranteed
        case .opportunistic: self = .opportunistic
        }
    }

    package var proto: ExecutionTypeProto {
        switch self {
        case .guaranteed: .guaranteed
        case .opportunistic: .opportunistic
        }
    }
}
