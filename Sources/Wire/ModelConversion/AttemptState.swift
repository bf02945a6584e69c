package import ClusterModel
package import HadoopProtos

extension AttemptState {
    package init(_ proto: YarnApplicationAttemptStateProto) {
        switch proto {
        case .appAttemptNew: self = .new
        case .appAttemptSubmitted: self = .submitted
        case .appAttemptScheduled: self = .scheduled
        case .appAttemptAllocatedSaving: self = .allocatedSaving
        case .appAttemptAllocated: self = .allocated
        case .appAttemptLaunched: self = .launched
        case .appAttemptFailed: self = .failed
        case .appAttemptRunning: self = .running
        case .appAttemptFinishing: self = .finishing
        case .appAttemptFinished: self = .finished
        case .appAttemptKilled: self = .killed
        }
    }

    package var proto: YarnApplicationAttemptStateProto {
        switch self {
        case .new: .appAttemptNew
        case .submitted: .appAttemptSubmitted
        case .scheduled: .appAttemptScheduled
        case .allocatedSaving: .appAttemptAllocatedSaving
        case .allocated: .appAttemptAllocated
        case .launched: .appAttemptLaunched
        case .failed: .appAttemptFailed
        case .running: .appAttemptRunning
        case .finishing: .appAttemptFinishing
        case .finished: .appAttemptFinished
        case .killed: .appAttemptKilled
        }
    }
}
