/// Decides, at regular looks, whether a connection holds resources without using them. Counts looks instead of reading
/// a clock, so that the calls themselves cost nothing.
struct IdleWatch {
    struct Observation: Equatable {
        var framesCompleted: UInt64
        var isInsideFrame: Bool
        var callsInFlight: Int
    }

    private var last: Observation?
    private var quietLooks = 0
    private var frameLooks = 0
    private var unreadLooks = 0
    private var isWritable = true

    mutating func writabilityChanged(isWritable: Bool) {
        self.isWritable = isWritable
        self.unreadLooks = 0
    }

    /// One look, `limits.watchInterval` after the last.
    /// - Parameter isCrowded: whether so many connections are open that idle ones are to go early.
    /// - Returns: why the connection must close, or nil.
    mutating func timePassed(_ now: Observation, isCrowded: Bool, limits: RPCServerLimits) -> String? {
        let isSameFrame = now.framesCompleted == self.last?.framesCompleted
        self.last = now
        self.unreadLooks = self.isWritable ? 0 : self.unreadLooks + 1
        self.frameLooks = isSameFrame && now.isInsideFrame ? self.frameLooks + 1 : 0
        self.quietLooks = isSameFrame && now.callsInFlight == 0 && !now.isInsideFrame ? self.quietLooks + 1 : 0
        let interval = limits.watchInterval
        if interval * self.unreadLooks >= limits.writeTimeout { return "the peer does not read its answers" }
        if interval * self.frameLooks >= limits.frameTimeout { return "a request took too long to arrive" }
        let idleTimeout = isCrowded ? limits.idleTimeout : limits.idleTimeoutMaximum
        if interval * self.quietLooks >= idleTimeout { return "the connection was idle" }
        return nil
    }
}
