import ClusterModel
import Glibc
import Staging

/// One container's control groups: directories that the kernel shows limits and use in.
package struct ContainerCgroup: Sendable, Hashable {
    package var directories: [String]

    package init(directories: [String]) {
        self.directories = directories
    }

    package var memoryPeak: UInt64? { nil }
    package var wasKilledForMemory: Bool { false }
    package func remove() {}
}
