/// What a container ended with: its process's exit code, or one of YARN's own negative codes (ContainerExitStatus).
package struct ContainerExitStatus: Hashable, Sendable, CustomStringConvertible {
    package var code: Int32

    package init(code: Int32) {
        self.code = code
    }

    package static let success = ContainerExitStatus(code: 0)
    /// Not finished, never started, or its resources could not be localized.
    package static let invalid = ContainerExitStatus(code: -1000)
    /// Released by the application, lost with its node, or expired unused.
    package static let aborted = ContainerExitStatus(code: -100)
    package static let disksFailed = ContainerExitStatus(code: -101)
    package static let preempted = ContainerExitStatus(code: -102)
    package static let killedExceededVirtualMemory = ContainerExitStatus(code: -103)
    package static let killedExceededPhysicalMemory = ContainerExitStatus(code: -104)
    package static let killedByApplicationMaster = ContainerExitStatus(code: -105)
    package static let killedByResourceManager = ContainerExitStatus(code: -106)
    package static let killedAfterApplicationCompletion = ContainerExitStatus(code: -107)
    package static let killedByContainerScheduler = ContainerExitStatus(code: -108)
    package static let killedForExcessLogs = ContainerExitStatus(code: -109)
    /// The exit code is unknown because the NodeManager was away when the container ended.
    package static let lost = ContainerExitStatus(code: 154)

    package var description: String { String(self.code) }
}
