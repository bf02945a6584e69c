internal import Dispatch
internal import EngineCore
internal import EngineLink

/// Where executors of a driver come from: this machine, or a cluster.
protocol ExecutorSource: Sendable {
    /// Begins.
    func start(_ invitation: ExecutorInvitation, _ events: ExecutorEvents) throws
    /// The driver wants so many executors, whatever it wanted before.
    func request(_ total: Int)
    /// An executor has been told to end.
    func remove(_ executor: ExecutorID)
    /// Ends what is left, and waits for it.
    /// - Parameter failure: why the application counts as failed; nil where it does not.
    func stop(failure: String?)
    /// Answers a control call of the source's own processes.
    /// - Returns: false if it is none of these.
    func handle(_ method: String, _ request: [UInt8], _ answer: ControlAnswer) -> Bool
}

extension ExecutorSource {
    func handle(_ method: String, _ request: [UInt8], _ answer: ControlAnswer) -> Bool { false }
}

/// What a source of executors tells its driver.
struct ExecutorEvents: Sendable {
    /// An executor is gone.
    var lost: @Sendable (ExecutorID, ExecutorLossCause) -> Void
    /// All executors with lower numbers are gone.
    var lostBefore: @Sendable (ExecutorID, ExecutorLossCause) -> Void
    /// There will be no executors any more, and why.
    var gaveUp: @Sendable (String) -> Void
}

/// What an executor has to know to find its driver.
struct ExecutorInvitation: Sendable {
    var host: String
    var port: Int
    var secret: ApplicationSecret
    /// Where the application's pages are, if it has any.
    var pages: String?
}

/// Work of the engine that blocks.
enum EngineWork {
    static let queue = DispatchQueue(label: "heddle.engine.work", attributes: .concurrent)
}
