import CLinux
package import ClusterModel
import Glibc
import Staging

/// Why a container's script could not be started, for the container's diagnostics.
package struct ContainerLaunchFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// What became of a container that an earlier NodeManager on this machine started.
package enum ContainerAdoption: Sendable {
    /// It runs, and is watched from now on.
    case running(ContainerProcess)
    /// It ended meanwhile; nothing of it is left.
    case exited(ContainerExit)
    /// It has no file: it was never started.
    case unknown
}

/// Starts containers' scripts, each under a `heddle-supervisor` of its own, and finds them again after a restart.
package final class ContainerProcessLauncher: Sendable {
    private let supervisorPath: String
    private let watch: ProcessWatch
    /// Whether processes may differ from the NodeManager in their user.
    private let canSwitchUser: Bool
    private let killPatience: Duration

    /// Longest answer of a supervisor that is read.
    private static let answerMaximum = 1024

    /// - Parameters:
    ///   - supervisorPath: the `heddle-supervisor` program, as `SupervisorProgram.find` gives it.
    ///   - killPatience: how long a supervisor gets to end its container by force
    ///     (`yarn.nodemanager.process-kill-wait.ms`).
    package init(supervisorPath: String, watch: ProcessWatch, killPatience: Duration) {
        self.supervisorPath = supervisorPath
        self.killPatience = killPatience
        self.watch = watch
        self.canSwitchUser = geteuid() == 0
    }

    /// Starts the script; returns once it runs.
    /// - Throws: what kept it from starting: a folder that is missing, a user that cannot be taken, a full disk. Then
    ///   its control group is gone as well.
    package func launch(
        _ specification: ContainerProcessSpecification
    ) async throws(ContainerLaunchFailure) -> ContainerProcess {
        do throws(ContainerLaunchFailure) {
            return try await self.start(specification)
        } catch {
            specification.cgroup?.remove()
            throw error
        }
    }

    private func start(
        _ specification: ContainerProcessSpecification
    ) async throws(ContainerLaunchFailure) -> ContainerProcess {
        if let account = specification.account, !account.isOwn, !self.canSwitchUser {
            throw ContainerLaunchFailure(
                "cannot run \(specification.container) as user \(account.name): this NodeManager does not run as root"
            )
        }
        let file = ContainerStateFile(specification)
        file.remove()
        do {
            var supervisor: pid_t = 0
            let answer = try self.spawn(specification, file, &supervisor)
            return try await self.started(specification, file, answer: answer, supervisor: supervisor)
        } catch let error as SystemError {
            throw ContainerLaunchFailure("\(specification.container) was not started: \(error)")
        } catch let error as ContainerLaunchFailure {
            throw error
        } catch {
            throw ContainerLaunchFailure("\(specification.container) was not started: \(error)")
        }
    }

    /// Finds a container that an earlier NodeManager started: watches it if it runs, else tells how it ended and ends
    /// what is left of it.
    package func adopt(
        _ container: ContainerID,
        stateDirectory: String,
        cgroup: ContainerCgroup? = nil
    ) async -> ContainerAdoption {
        let file = ContainerStateFile(container: container, stateDirectory: stateDirectory)
        if let (script, supervisor) = file.readProcesses(), let held = supervisor.open(), supervisor.isRunning {
            let process = ContainerProcess(
                container: container,
                supervisor: supervisor,
                script: script,
                cgroup: cgroup,
                killPatience: self.killPatience
            )
            if (try? self.watchExit(of: process, file, held)) != nil { return .running(process) }
        }
        let exit = file.readExit()
        if exit == nil, file.readProcesses() == nil {
            await self.endLeftovers(of: container, stateDirectory: stateDirectory, cgroup: cgroup)
            cgroup?.remove()
            return .unknown
        }
        return .exited(await self.conclude(file, cgroup: cgroup, fallback: nil))
    }

    /// Kills every process that still belongs to the container, supervisor included; returns when they are gone or
    /// refuse to go.
    /// - Returns: the processes that are still there, which the kernel alone can end.
    @discardableResult
    package func endLeftovers(
        of container: ContainerID,
        stateDirectory: String,
        cgroup: ContainerCgroup? = nil
    ) async -> [ProcessIdentity] {
        let file = ContainerStateFile(container: container, stateDirectory: stateDirectory)
        return await LeftoverProcesses(file: file, cgroup: cgroup).end()
    }

    // MARK: - Starting

    private func spawn(
        _ specification: ContainerProcessSpecification,
        _ file: ContainerStateFile,
        _ supervisor: inout pid_t
    ) throws(SystemError) -> OwnedDescriptor {
        var readEnd: Int32 = -1
        var writeEnd: Int32 = -1
        guard unsafe heddle_pipe(&readEnd, &writeEnd) == 0 else { throw SystemError("create", "a pipe") }
        let answer = OwnedDescriptor(owning: readEnd)
        let output = OwnedDescriptor(owning: writeEnd)
        _ = fcntl(answer.number, F_SETFL, O_NONBLOCK)
        var environment = specification.environment
        environment[ContainerStateFile.environmentName] = file.mark
        let arguments = SupervisorProgram.arguments(self.supervisorPath, specification, file)
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let error = unsafe withCStrings(arguments) { arguments in
            unsafe withCStrings(variables) { variables in
                unsafe heddle_spawn(&supervisor, self.supervisorPath, arguments, variables, output.number)
            }
        }
        guard error == 0 else { throw SystemError("run", self.supervisorPath, number: error) }
        return answer
    }

    private func started(
        _ specification: ContainerProcessSpecification,
        _ file: ContainerStateFile,
        answer: consuming OwnedDescriptor,
        supervisor: pid_t
    ) async throws -> ContainerProcess {
        let answer = answer
        let text = try await self.answer(on: answer)
        let fields = text.split(separator: " ")
        let descriptor = heddle_pidfd_open(supervisor)
        guard descriptor >= 0 else { throw SystemError("watch", "process \(supervisor)") }
        let held = OwnedDescriptor(owning: descriptor)
        guard fields.count == 4, fields[0] == "started", let script = Int32(fields[1]),
            let scriptStart = UInt64(fields[2]), let supervisorStart = UInt64(fields[3])
        else {
            // It answers only when nothing of the container is left; what remains is to reap it.
            try self.watch.watch(held) { descriptor in
                var code: Int32 = 0
                var isSignal: Int32 = 0
                return unsafe heddle_pidfd_reap(descriptor, &code, &isSignal) == 0
            }
            let reason =
                text.hasPrefix("failed ")
                ? SupervisorProgram.explained(text.dropFirst(7)) : "its supervisor ended without a word"
            throw ContainerLaunchFailure("\(specification.container) was not started: \(reason)")
        }
        let process = ContainerProcess(
            container: specification.container,
            supervisor: ProcessIdentity(number: supervisor, startTicks: supervisorStart),
            script: ProcessIdentity(number: script, startTicks: scriptStart),
            cgroup: specification.cgroup,
            killPatience: self.killPatience
        )
        try self.watchExit(of: process, file, held)
        return process
    }

    /// Waits for the supervisor's one line.
    private func answer(on descriptor: consuming OwnedDescriptor) async throws -> String {
        let answer = SupervisorAnswer(maximum: Self.answerMaximum)
        try self.watch.watch(descriptor) { answer.read(from: $0) }
        return await answer.text
    }

    // MARK: - Ending

    private func watchExit(
        of process: ContainerProcess,
        _ file: ContainerStateFile,
        _ held: consuming OwnedDescriptor
    ) throws(SystemError) {
        try self.watch.watch(held) { descriptor in
            var code: Int32 = 0
            var isSignal: Int32 = 0
            // An adopted supervisor is init's child, not ours: then only the file knows the code.
            let reaped = unsafe heddle_pidfd_reap(descriptor, &code, &isSignal)
            if reaped == 0 { return true }
            let fallback: Int32? = reaped == 1 && isSignal == 0 ? code : nil
            // Off the watch's thread: looking for leftovers can take a while.
            Task {
                let exit = await self.conclude(file, cgroup: process.cgroup, fallback: fallback)
                process.finish(exit)
            }
            return false
        }
    }

    private func conclude(
        _ file: ContainerStateFile,
        cgroup: ContainerCgroup?,
        fallback: Int32?
    ) async -> ContainerExit {
        var exit: ContainerExit
        if let (code, message) = file.readExit() {
            exit = ContainerExit(code: code, message: message)
        } else if let fallback {
            exit = ContainerExit(code: fallback, message: "the exit code could not be written to \(file.path)")
        } else {
            // The supervisor itself was killed: the script went with it, but what left the script's session did not.
            let remaining = await LeftoverProcesses(file: file, cgroup: cgroup).end()
            let rest = remaining.isEmpty ? "" : "; still there: \(remaining.map(\.description).joined(separator: ", "))"
            exit = ContainerExit(code: nil, message: "the container's supervisor was killed\(rest)")
        }
        if let cgroup {
            exit.memoryPeak = cgroup.memoryPeak
            exit.wasKilledForMemory = cgroup.wasKilledForMemory
            cgroup.remove()
        }
        return exit
    }
}

/// Hands a call the strings as C wants an argument vector: pointers that end with a null.
private func withCStrings<Result>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = unsafe strings.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer {
        unsafe pointers.forEach { unsafe free($0) }
    }
    return unsafe pointers.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("an argument vector is never empty") }
        return unsafe body(base)
    }
}
