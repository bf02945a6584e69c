import ClusterModel
import NIOCore
import ResourceManagerCore

/// What the driver's loop alone touches.
final class DriverState {
    var core: ResourceManagerCore
    var handlers: [RequestID: ResourceManagerDriver.ReplyHandler] = [:]
    /// Batches that have been stepped and wait for their own records or those of an earlier batch, oldest first.
    var unreleased = CircularBuffer<Batch>()
    var nextBatch: UInt64 = 0
    var scheduledDeadline: Timestamp?
    var deadlineTask: Scheduled<Void>?
    var whenReady: ((Result<Void, DriverStopped>) -> Void)?
    var isHalted = false

    let perform: @Sendable (ResourceManagerDriver, ResourceManagerCore.Action) -> Void
    let stepDown: @Sendable (String) -> Void

    struct Batch {
        var number: UInt64
        var isStored: Bool
        var effects: ResourceManagerCore.Effects
    }

    init(
        core: ResourceManagerCore,
        perform: @escaping @Sendable (ResourceManagerDriver, ResourceManagerCore.Action) -> Void,
        stepDown: @escaping @Sendable (String) -> Void
    ) {
        self.core = core
        self.perform = perform
        self.stepDown = stepDown
    }

    /// Bytes of a new master key: as long as HMAC-SHA1's block holds without hashing is 64; half of it is ample.
    static let masterKeyLength = 32
    /// A timer is set at most a day ahead; a deadline beyond it is looked at again then.
    static let waitMaximum: Int64 = 86_400_000
}
