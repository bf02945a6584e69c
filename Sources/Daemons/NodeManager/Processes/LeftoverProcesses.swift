import CLinux
import Glibc
import Staging

/// The processes of a container whose supervisor is gone or is to go: found by the mark in their environment, by the
/// script's session, by their control group and by descent from any of these.
struct LeftoverProcesses: Sendable {
    let file: ContainerStateFile
    let cgroup: ContainerCgroup?

    /// Rounds of killing, and the pause after each; a process that outlasts them hangs in the kernel.
    private static let rounds = 40
    private static let pause = Duration.milliseconds(25)
    /// More environment than a process can start with (ARG_MAX is 2 MiB by default).
    private static let environmentMaximum = 4 << 20

    /// Kills them all.
    /// - Returns: those that are still there at the end.
    func end() async -> [ProcessIdentity] {
        var found: [ProcessIdentity] = []
        for round in 0..<Self.rounds {
            found = self.find()
            if found.isEmpty { break }
            for process in found {
                process.send(SIGKILL)
            }
            if round + 1 < Self.rounds {
                try? await Task.sleep(for: Self.pause)
            }
        }
        return found
    }

    func find() -> [ProcessIdentity] {
        let table = ProcessTable.read()
        let recorded = self.file.readProcesses()
        let own = getpid()
        let members = Set(self.cgroup?.processes ?? [])
        let variable = Array("\(ContainerStateFile.environmentName)=\(self.file.mark)".utf8)
        var found: Set<ProcessIdentity> = []
        for process in table.all where process.number != own && process.number > 1 && !process.hasEnded {
            if members.contains(process.number) || self.isRecorded(process, recorded, table)
                || Self.carries(variable, process.number)
            {
                found.insert(process.identity)
            }
        }
        for root in found {
            found.formUnion(table.tree(below: root).processes.map(\.identity))
        }
        found = found.filter { $0.number != own }
        return found.sorted { $0.number < $1.number }
    }

    private func isRecorded(
        _ process: ProcessStatus,
        _ recorded: (script: ProcessIdentity, supervisor: ProcessIdentity)?,
        _ table: ProcessTable
    ) -> Bool {
        guard let recorded else { return false }
        if process.identity == recorded.supervisor || process.identity == recorded.script { return true }
        // A session keeps its number from being given away, so a member of the script's session is the container's,
        // unless a stranger got the number after the whole session had ended and made a session of its own.
        guard process.session == recorded.script.number, process.startTicks >= recorded.script.startTicks else {
            return false
        }
        let leader = table.all.first { $0.number == recorded.script.number }
        return leader.map { $0.identity == recorded.script } ?? true
    }

    private static func carries(_ variable: [UInt8], _ process: Int32) -> Bool {
        guard let environment = readSmallFileBytes("/proc/\(process)/environ", maximum: self.environmentMaximum) else {
            return false
        }
        return environment.split(separator: 0).contains { $0.elementsEqual(variable) }
    }
}
