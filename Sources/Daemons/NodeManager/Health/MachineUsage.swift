import Glibc
import NodeManagerCore

/// What all processes of this machine use, from /proc.
struct MachineUsage: Sendable {
    private var lastBusyTicks: UInt64?
    private var lastReading: ContinuousClock.Instant = .now

    /// The use now; processors' since the last call.
    mutating func read() -> NodeUsage {
        var usage = NodeUsage()
        let memory = Self.memory()
        usage.physicalMiB = (memory["MemTotal", default: 0] - memory["MemAvailable", default: 0]) >> 10
        let swap = memory["SwapTotal", default: 0] - memory["SwapFree", default: 0]
        usage.virtualMiB = usage.physicalMiB + swap >> 10
        let now = ContinuousClock.now
        if let busy = Self.busyTicks() {
            let seconds = self.lastReading.duration(to: now) / .seconds(1)
            if let last = self.lastBusyTicks, busy >= last, seconds > 0 {
                usage.cpuCores = Double(busy - last) / Double(ProcessTree.ticksPerSecond) / seconds
            }
            self.lastBusyTicks = busy
        }
        self.lastReading = now
        return usage
    }

    /// KiB by name.
    private static func memory() -> [String: Int64] {
        guard let text = readSmallFile("/proc/meminfo", maximum: 1 << 16) else { return [:] }
        var values: [String: Int64] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(whereSeparator: { $0 == ":" || $0 == " " })
            if parts.count >= 2, let value = Int64(parts[1]) { values[String(parts[0])] = value }
        }
        return values
    }

    /// All processors' ticks that were not idle.
    private static func busyTicks() -> UInt64? {
        guard let text = readSmallFile("/proc/stat", maximum: 1 << 16), let line = text.split(separator: "\n").first
        else { return nil }
        let numbers = line.split(separator: " ").dropFirst().compactMap { UInt64($0) }
        guard numbers.count >= 5 else { return nil }
        return numbers.reduce(0, &+) &- numbers[3] &- numbers[4]
    }
}
