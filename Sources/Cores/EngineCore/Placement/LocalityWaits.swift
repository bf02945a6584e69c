import ClusterModel

/// How long a task waits at each level of locality for a nearer executor, in milliseconds.
struct LocalityWaits: Sendable {
    private var process: Int64
    private var node: Int64
    private var rack: Int64

    init(settings: LocalitySettings) {
        self.process = settings.processWait.wholeMilliseconds
        self.node = settings.nodeWait.wholeMilliseconds
        self.rack = settings.rackWait.wholeMilliseconds
    }

    func wait(at level: Locality) -> Int64 {
        switch level {
        case .processLocal: self.process
        case .nodeLocal: self.node
        case .rackLocal: self.rack
        case .noPreference, .any: 0
        }
    }
}
