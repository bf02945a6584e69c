package import ClusterModel

/// Whether a container has outgrown its grant, by Hadoop's rule, and what to say then.
package struct MemoryLimit: Sendable {
    var physicalBytes: Int64
    var virtualBytes: Int64
    var checksPhysical: Bool
    var checksVirtual: Bool

    package init(_ resource: ResourceVector, _ settings: NodeManagerSettings) {
        self.physicalBytes = resource.memoryMiB << 20
        self.virtualBytes = Int64(Double(self.physicalBytes) * settings.virtualMemoryRatio)
        self.checksPhysical = settings.checksPhysicalMemory
        self.checksVirtual = settings.checksVirtualMemory
    }

    enum Verdict: Sendable, Equatable {
        case within
        case overPhysical(byBytes: Int64)
        case overVirtual(byBytes: Int64)
    }

    /// Over at twice the limit, or when processes that were there at the last look alone pass it: between fork and exec a
    /// child seems to use all that its parent does.
    func verdict(on usage: ContainerUsage) -> Verdict {
        if self.checksVirtual,
            Self.isOver(usage.virtualBytes, aged: usage.agedVirtualBytes, limit: self.virtualBytes)
        {
            return .overVirtual(byBytes: usage.virtualBytes - self.virtualBytes)
        }
        if self.checksPhysical,
            Self.isOver(usage.residentBytes, aged: usage.agedResidentBytes, limit: self.physicalBytes)
        {
            return .overPhysical(byBytes: usage.residentBytes - self.physicalBytes)
        }
        return .within
    }

    private static func isOver(_ current: Int64, aged: Int64, limit: Int64) -> Bool {
        current > 2 * limit || aged > limit
    }

    /// Whether the container will be stopped for this, and its processes be told in its diagnostics.
    package func isExceeded(by usage: ContainerUsage) -> Bool { self.verdict(on: usage) != .within }

    /// Why the container is stopped; nil when it may go on. Spark reads the sizes out of this text.
    func stopReason(for container: Container, _ usage: ContainerUsage) -> StopReason? {
        let kind: String
        let excess: Int64
        let status: ContainerExitStatus
        switch self.verdict(on: usage) {
        case .within: return nil
        case .overPhysical(let bytes): (kind, excess, status) = ("PHYSICAL", bytes, .killedExceededPhysicalMemory)
        case .overVirtual(let bytes): (kind, excess, status) = ("VIRTUAL", bytes, .killedExceededVirtualMemory)
        }
        var text =
            "Container [pid=\(usage.process),containerID=\(container.id)] is running \(excess)B beyond the '\(kind)'"
            + " memory limit. Current usage: \(binarySize(usage.residentBytes)) of \(binarySize(self.physicalBytes))"
            + " physical memory used; \(binarySize(usage.virtualBytes)) of \(binarySize(self.virtualBytes)) virtual"
            + " memory used. Killing container.\nDump of the process-tree for \(container.id) :\n"
            + "\t|- PID PPID PGRPID SESSID CMD_NAME USER_MODE_TIME(MILLIS) SYSTEM_TIME(MILLIS) VMEM_USAGE(BYTES)"
            + " RSSMEM_USAGE(PAGES) FULL_CMD_LINE\n"
        for process in usage.processes.prefix(Self.processesShown) { text += "\t\(process)\n" }
        if usage.processes.count > Self.processesShown {
            text += "\t(and \(usage.processes.count - Self.processesShown) more)\n"
        }
        text += self.advice(for: container, usage, status)
        return StopReason(exitStatus: status, text: text)
    }

    /// Diagnostics are cut to a limit; more processes than this tell nothing more.
    private static let processesShown = 20

    /// The text for a container that the kernel ended at its control group's limit.
    func kernelKilled(_ container: Container) -> String {
        "Container [containerID=\(container.id)] was ended by the kernel at the memory limit of its control group."
            + " Current usage: \(binarySize(container.peakResidentBytes)) of \(binarySize(self.physicalBytes)) physical"
            + " memory used. " + self.physicalAdvice(for: container, wantedBytes: container.peakResidentBytes)
    }

    private func advice(
        for container: Container,
        _ usage: ContainerUsage,
        _ status: ContainerExitStatus
    ) -> String {
        if status == .killedExceededVirtualMemory {
            let tenths = (usage.virtualBytes * 12 / max(self.physicalBytes, 1)) + 1
            return "Largest physical memory seen: \(binarySize(container.peakResidentBytes)). Address space costs"
                + " nothing: set yarn.nodemanager.vmem-check-enabled=false on the NodeManagers, or"
                + " yarn.nodemanager.vmem-pmem-ratio=\(tenths / 10).\(tenths % 10).\n"
        }
        return self.physicalAdvice(
            for: container,
            wantedBytes: max(container.peakResidentBytes, usage.residentBytes)
        )
    }

    private func physicalAdvice(for container: Container, wantedBytes: Int64) -> String {
        // A tenth of room, in steps of 64 MiB.
        let wantedMiB = (((wantedBytes * 11 / 10) >> 20) / 64 + 1) * 64
        let seen =
            "Largest physical memory seen: \(binarySize(container.peakResidentBytes)), limit"
            + " \(binarySize(self.physicalBytes)). "
        guard container.isSpark else {
            return seen + "Ask for containers of at least \(wantedMiB) MiB.\n"
        }
        let heapMiB = maximumHeapMiB(inCommands: container.start.context.commands) ?? 0
        let overhead = "\(max(wantedMiB - heapMiB, 384))m"
        guard container.start.grant.isApplicationMaster else {
            return seen + "Try --conf spark.executor.memoryOverhead=\(overhead).\n"
        }
        return seen + "Try --conf spark.driver.memoryOverhead=\(overhead) in cluster mode, --conf"
            + " spark.yarn.am.memoryOverhead=\(overhead) in client mode.\n"
    }
}

/// The value of the last `-Xmx` of a Java command, in MiB.
func maximumHeapMiB(inCommands commands: [String]) -> Int64? {
    var result: Int64?
    for word in commands.flatMap({ $0.split(separator: " ") }) {
        let word = word.drop { $0 == "'" || $0 == "\"" }
        guard word.hasPrefix("-Xmx") else { continue }
        let value = word.dropFirst(4).prefix { $0.isASCII && ($0.isNumber || $0.isLetter) }
        let digits = value.prefix { $0.isNumber }
        guard let number = Int64(digits) else { continue }
        switch value.dropFirst(digits.count).lowercased() {
        case "g": result = number.multipliedReportingOverflow(by: 1_024).partialValue
        case "m": result = number
        case "k": result = number / 1_024
        case "": result = number >> 20
        default: continue
        }
    }
    return result
}
