import CLinux
import Glibc
package import Staging

/// One process, for good: a number alone may belong to a stranger later.
package struct ProcessIdentity: Sendable, Hashable, CustomStringConvertible {
    package var number: Int32
    /// When it started, in clock ticks since the machine did (field 22 of /proc/N/stat).
    package var startTicks: UInt64

    package init(number: Int32, startTicks: UInt64) {
        self.number = number
        self.startTicks = startTicks
    }

    package var description: String { "\(self.number)" }

    /// Holds exactly this process: readable when it ends, and the target for signals meanwhile.
    /// - Returns: nil if it is gone, also when another has its number now.
    package func open() -> OwnedDescriptor? {
        guard self.number > 0 else { return nil }
        let descriptor = heddle_pidfd_open(self.number)
        guard descriptor >= 0 else { return nil }
        let held = OwnedDescriptor(owning: descriptor)
        // Checked after the descriptor is taken: from here on the number cannot change hands unseen.
        guard ProcessStatus.read(self.number)?.startTicks == self.startTicks else { return nil }
        return held
    }

    /// Whether the process exists; one that has ended but was not yet waited for counts as gone.
    package var isRunning: Bool {
        guard let status = ProcessStatus.read(self.number) else { return false }
        return status.startTicks == self.startTicks && !status.hasEnded
    }

    /// Sends a signal to this process and no other.
    /// - Returns: whether it was there to receive it.
    @discardableResult
    package func send(_ signal: Int32) -> Bool {
        guard let held = self.open() else { return false }
        return heddle_pidfd_send_signal(held.number, signal) == 0
    }
}
