import CLinux
import Glibc
import Settings
import Staging

/// Runs an administrator's program that says whether the node is well.
struct HealthScript: Sendable {
    var settings: HealthScriptSettings

    enum Outcome: Sendable, Equatable {
        case healthy
        /// It printed a line that starts with ERROR, or took too long.
        case unhealthy(String)
    }

    /// As much of what it prints is read; the rest is thrown away.
    private static let outputMaximum = 1 << 16
    /// How often a silent script's end is looked for.
    private static let pollMilliseconds: Int32 = 100

    /// Blocks for at most the script's time limit.
    func run() -> Outcome {
        guard unsafe access(self.settings.path, X_OK) == 0 else {
            // Hadoop runs no script that it cannot; a node is not ill because of it.
            return .healthy
        }
        var readEnd: Int32 = -1
        var writeEnd: Int32 = -1
        guard unsafe heddle_pipe(&readEnd, &writeEnd) == 0 else { return .healthy }
        let output = OwnedDescriptor(owning: readEnd)
        var process: pid_t = 0
        let error: Int32 = {
            let input = OwnedDescriptor(owning: writeEnd)
            return unsafe withArguments([self.settings.path] + self.settings.arguments) { arguments in
                unsafe withArguments(["PATH=/usr/bin:/bin:/usr/sbin:/sbin"]) { environment in
                    unsafe heddle_spawn(&process, self.settings.path, arguments, environment, input.number)
                }
            }
        }()
        guard error == 0 else { return .healthy }
        let (text, hasEnded) = self.read(output)
        if !hasEnded { _ = kill(-process, SIGKILL) }
        var status: Int32 = 0
        // It has closed its output or was killed: the wait is short.
        unsafe _ = waitpid(process, &status, 0)
        guard hasEnded else { return .unhealthy("Node health script timed out") }
        let complaints = text.split(separator: "\n").filter { $0.hasPrefix("ERROR") }
        return complaints.isEmpty ? .healthy : .unhealthy(complaints.joined(separator: "\n"))
    }

    private func read(_ output: borrowing OwnedDescriptor) -> (text: String, hasEnded: Bool) {
        let deadline = ContinuousClock.now + self.settings.timeout
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while ContinuousClock.now < deadline {
            var wanted = pollfd(fd: output.number, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&wanted, 1, Self.pollMilliseconds) > 0 else { continue }
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(output.number, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return (String(decoding: bytes, as: UTF8.self), true) }
            if bytes.count < Self.outputMaximum { bytes += buffer[..<count] }
        }
        return (String(decoding: bytes, as: UTF8.self), false)
    }
}

/// Hands a call the strings as C wants an argument vector: pointers that end with a null.
private func withArguments<Result>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = unsafe strings.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("an argument vector is never empty") }
        return unsafe body(base)
    }
}
