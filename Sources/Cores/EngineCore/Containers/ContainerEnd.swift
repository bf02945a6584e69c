/// What a container's end means for the tasks in it, by YARN's exit status.
package enum ContainerEnd {
    /// Statuses of `ContainerExitStatus` that nobody inside is to blame for.
    private static let released = [
        -105: "its ApplicationMaster", -106: "the ResourceManager", -107: "the end of its application",
    ]
    private static let aborted = -100
    private static let disksFailed = -101
    private static let preempted = -102
    private static let exceededVirtualMemory = -103
    private static let exceededPhysicalMemory = -104

    package static func cause(exitStatus: Int, diagnostics: String) -> ExecutorLossCause {
        switch exitStatus {
        case 0: return .ended(message: "it ended")
        case Self.aborted: return .ended(message: "its container was given up: \(diagnostics)")
        case Self.disksFailed: return .hostLost(message: "its node has no usable disks: \(diagnostics)")
        case Self.preempted: return .ended(message: "its container was taken for another application")
        case Self.exceededVirtualMemory, Self.exceededPhysicalMemory:
            return .crashed(
                message:
                    "its container was killed for its memory: \(diagnostics); set spark.executor.memoryOverhead or "
                    + "spark.executor.memory higher"
            )
        default:
            if let who = Self.released[exitStatus] { return .ended(message: "it was ended by \(who)") }
            return ExecutorEnd.cause("it ended with exit code \(exitStatus)", isOrderly: false, lastWords: diagnostics)
        }
    }
}
