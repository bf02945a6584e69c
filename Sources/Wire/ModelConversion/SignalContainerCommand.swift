package import ClusterModel
package import HadoopProtos

extension SignalContainerCommand {
    package init(_ proto: SignalContainerCommandProto) {
        switch proto {
        case .outputThreadDump: self = .outputThreadDump
        case .gracefulShutdown: self = .gracefulShutdown
        case .forcefulShutdown: self = .forcefulShutdown
        }
    }

    package var proto: SignalContainerCommandProto {
        switch self {
        case .outputThreadDump: .outputThreadDump
        case .gracefulShutdown: .gracefulShutdown
        case .forcefulShutdown: .forcefulShutdown
        }
    }
}
