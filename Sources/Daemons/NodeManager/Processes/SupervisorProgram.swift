import ClusterModel
import Glibc
import Staging

/// The `heddle-supervisor` program: where it is and what it is told.
package enum SupervisorProgram {
    /// Overrides where the program is looked for.
    package static let environmentName = "HEDDLE_SUPERVISOR"
    private static let name = "heddle-supervisor"

    /// Finds the program beside the running executable, or where `HEDDLE_SUPERVISOR` says.
    package static func find(environment: [String: String]) throws(ContainerLaunchFailure) -> String {
        if let path = environment[self.environmentName], !path.isEmpty {
            guard unsafe access(path, X_OK) == 0 else {
                throw ContainerLaunchFailure("\(self.environmentName)=\(path) is not an executable file")
            }
            return path
        }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = unsafe readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
        guard length > 0 else { throw ContainerLaunchFailure("cannot read /proc/self/exe to find \(self.name)") }
        let own = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let path = "\(folder)/\(self.name)"
        guard unsafe access(path, X_OK) == 0 else {
            throw ContainerLaunchFailure(
                "\(path) is missing: install \(self.name) beside heddle, or set \(self.environmentName) to its path"
            )
        }
        return path
    }

    /// The argument vector for one container. Nothing of it passes through a shell.
    static func arguments(
        _ program: String,
        _ specification: ContainerProcessSpecification,
        _ file: ContainerStateFile
    ) -> [String] {
        var arguments = [
            program,
            "--state-file", file.path,
            "--work-directory", specification.workDirectory,
            "--kill-delay-ms", "\(self.milliseconds(specification.killDelay))",
        ]
        if let path = specification.standardOutput { arguments += ["--stdout", path] }
        if let path = specification.standardError { arguments += ["--stderr", path] }
        if let account = specification.account, !account.isOwn || account.user == 0 {
            if geteuid() == 0 {
                let groups = account.groups.map { ",\($0)" }.joined()
                arguments += ["--user", "\(account.user):\(account.group)\(groups)"]
            }
        }
        for directory in specification.cgroup?.directories ?? [] {
            arguments += ["--cgroup", directory]
        }
        for limit in specification.resourceLimits {
            arguments += ["--rlimit", limit.argument]
        }
        if specification.forbidsNewPrivileges { arguments.append("--no-new-privileges") }
        return arguments + ["--", "/bin/bash", specification.script]
    }

    /// What a supervisor says of a failure, with the system's words for the error number at its end: it has no C library, which
    /// would know them.
    static func explained(_ message: Substring) -> String {
        let mark = ": error "
        let number = message.reversed().prefix { $0.isNumber }.reversed()
        guard let error = Int32(String(number)), message.dropLast(number.count).hasSuffix(mark) else {
            return String(message)
        }
        return "\(message.dropLast(number.count + mark.count)): \(SystemError.text(of: error))"
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        min(max(0, duration.wholeMilliseconds), 86_399_999)
    }
}

extension ResourceLimit {
    fileprivate var argument: String {
        switch self {
        case .coreFileBytes(let value): "core=\(value)"
        case .openFiles(let value): "nofile=\(value)"
        case .processes(let value): "nproc=\(value)"
        }
    }
}
