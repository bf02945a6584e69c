package import ClusterModel
package import HadoopProtos

extension LogAggregationStatus {
    package init(_ proto: LogAggregationStatusProto) {
        switch proto {
        case .logDisabled: self = .disabled
        case .logNotStart: self = .notStart
        case .logRunning: self = .running
        case .logSucceeded: self = .succeeded
        case .logFailed: self = .failed
        case .logTimeOut: self = .timeOut
        case .logRunningWithFailure: self = .runningWithFailure
        }
    }

    package var proto: LogAggregationStatusProto {
        switch self {
        case .disabled: .logDisabled
        case .notStart: .logNotStart
        case .running: .logRunning
        case .succeeded: .logSucceeded
        case .failed: .logFailed
        case .timeOut: .logTimeOut
        case .runningWithFailure: .logRunningWithFailure
        }
    }
}
