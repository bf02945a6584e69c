internal import CLinux
internal import Glibc

/// A command that elements are piped through. One thread feeds it, reads it and takes its errors, whatever comes first, so
/// that neither side waits for the other for ever. The command and all that it starts end with this value.
final class PipedProcess {
    /// How long nothing may happen before the task is asked whether it is still wanted.
    private static let waitMilliseconds: Int32 = 100
    private static let errorTailBytes = 4 << 10
    private static let pieceBytes = 64 << 10

    private let name: String
    private var process: pid_t = 0
    private var input: Int32
    private var output: Int32
    private var errors: Int32
    /// Written to the command next.
    private var waiting: [UInt8] = []
    private var written = 0
    private var errorTail: [UInt8] = []
    private let checkCancellation: () throws -> Void

    /// - Parameters:
    ///   - command: the program, looked for in PATH, and its arguments. No shell is involved.
    ///   - environment: what is set besides the executor's own environment.
    init(
        _ command: [String],
        environment: [String: String],
        checkCancellation: @escaping () throws -> Void
    ) throws {
        self.name = command.first ?? ""
        self.checkCancellation = checkCancellation
        (self.input, self.output, self.errors) = (-1, -1, -1)
        let (childInput, input) = try Self.pipe()
        defer { close(childInput) }
        self.input = input
        let (output, childOutput) = try Self.pipe()
        defer { close(childOutput) }
        self.output = output
        let (errors, childErrors) = try Self.pipe()
        defer { close(childErrors) }
        self.errors = errors
        for descriptor in [input, output, errors] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        self.process = try Self.start(command, environment, [childInput, childOutput, childErrors])
    }

    deinit {
        for descriptor in [self.input, self.output, self.errors] where descriptor >= 0 { close(descriptor) }
        if self.process > 0 {
            kill(-self.process, SIGKILL)
            _ = Self.wait(self.process)
        }
    }

    /// What the command says next.
    ///
    /// - Parameter feed: gives more to tell it; nil at the end.
    /// - Returns: empty at the end, when the command has ended well.
    func read(feed: () throws -> [UInt8]?) throws -> [UInt8] {
        while true {
            if self.output < 0 && self.errors < 0 {
                try self.finish()
                return []
            }
            if self.input >= 0 && self.written == self.waiting.count {
                (self.waiting, self.written) = ([], 0)
                if let more = try feed() { self.waiting = more } else { self.closeInput() }
            }
            var polled = [
                pollfd(fd: self.output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: self.errors, events: Int16(POLLIN), revents: 0),
                pollfd(fd: self.waiting.isEmpty ? -1 : self.input, events: Int16(POLLOUT), revents: 0),
            ]
            // With nothing to write and an input that goes on, the next round asks for more.
            let isHungry = self.input >= 0 && self.waiting.isEmpty
            let count = unsafe Glibc.poll(&polled, nfds_t(polled.count), isHungry ? 0 : Self.waitMilliseconds)
            if count < 0 && errno != EINTR { throw PipeFailure("\(self.name) cannot be waited for: \(Self.reason())") }
            if count <= 0 {
                try self.checkCancellation()
                continue
            }
            if polled[2].revents != 0 { self.write() }
            if polled[1].revents != 0 { try self.readErrors() }
            if polled[0].revents != 0, let piece = try Self.piece(&self.output), !piece.isEmpty { return piece }
        }
    }

    private func closeInput() {
        close(self.input)
        self.input = -1
    }

    /// A command may end before it has read everything, as `head` does; that is no error in itself.
    private func write() {
        let count = unsafe self.waiting[self.written...].withUnsafeBytes { unsafe Self.write(self.input, $0) }
        if count >= 0 {
            self.written += count
        } else if errno != EAGAIN && errno != EINTR {
            (self.waiting, self.written) = ([], 0)
            self.closeInput()
        }
    }

    private func readErrors() throws {
        guard let piece = try Self.piece(&self.errors) else { return }
        self.errorTail = Array((self.errorTail + piece).suffix(Self.errorTailBytes))
    }

    /// - Throws: `PipeFailure` unless the command ended with 0.
    private func finish() throws {
        guard self.process > 0 else { return }
        if self.input >= 0 { self.closeInput() }
        var status: Int32? = Self.poll(self.process)
        while status == nil {
            try self.checkCancellation()
            // It has closed what it says and not ended yet.
            Glibc.poll(nil, 0, 1)
            status = Self.poll(self.process)
        }
        self.process = 0
        let ended = status ?? 0
        if ended == 0 { return }
        let signal = ended & 0x7F
        let how = signal == 0 ? "ended with exit status \((ended >> 8) & 0xFF)" : "was ended by signal \(signal)"
        let tail = String(decoding: self.errorTail, as: UTF8.self)
        throw PipeFailure("\(self.name) \(how)" + (tail.isEmpty ? "" : "; the end of what it said on stderr:\n\(tail)"))
    }
}

/// Why elements could not be piped through a command.
struct PipeFailure: Error, CustomStringConvertible {
    var description: String

    init(_ text: String) { self.description = text }
}

// MARK: - The system's calls

extension PipedProcess {
    private static func reason() -> String { unsafe String(cString: strerror(errno)) }

    private static func pipe() throws -> (read: Int32, write: Int32) {
        var (read, write): (Int32, Int32) = (-1, -1)
        guard unsafe heddle_pipe(&read, &write) == 0 else { throw PipeFailure("no pipe can be made: \(self.reason())") }
        return (read, write)
    }

    /// What is there to read; nil for nothing yet. At the end the descriptor is closed.
    private static func piece(_ descriptor: inout Int32) throws -> [UInt8]? {
        var failure: Int32 = 0
        let source = descriptor
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: self.pieceBytes) { buffer, count in
            let read = unsafe Glibc.read(source, buffer.baseAddress, buffer.count)
            if read < 0 { failure = errno }
            count = max(0, read)
        }
        if failure == EAGAIN || failure == EINTR { return nil }
        if failure != 0 {
            throw PipeFailure("what a command says cannot be read: \(unsafe String(cString: strerror(failure)))")
        }
        if piece.isEmpty {
            close(descriptor)
            descriptor = -1
        }
        return piece
    }

    /// Writes without being ended by SIGPIPE, which a write to a command that has gone sends to this thread.
    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        var (mask, before) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&mask)
        unsafe sigaddset(&mask, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &mask, &before)
        let count = unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        let failure = errno
        if count < 0 && failure == EPIPE {
            var now = timespec()
            while unsafe sigtimedwait(&mask, nil, &now) < 0 && errno == EINTR {}
        }
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        errno = failure
        return count
    }

    /// - Returns: nil while it runs.
    private static func poll(_ process: pid_t) -> Int32? {
        var status: Int32 = 0
        let ended = unsafe waitpid(process, &status, WNOHANG)
        return ended == 0 || (ended < 0 && errno == EINTR) ? nil : status
    }

    private static func wait(_ process: pid_t) -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status
    }

    private static func start(_ command: [String], _ environment: [String: String], _ ends: [Int32]) throws -> pid_t {
        let spawn = Spawn(
            program: command.first ?? "",
            arguments: command,
            environment: environment,
            descriptors: ends.map { .same($0) }
        )
        let (process, failure) = spawn.start()
        guard failure == 0 else {
            let reason = unsafe String(cString: strerror(failure))
            throw PipeFailure("\(command.first ?? "the empty command") cannot be started: \(reason)")
        }
        return process
    }
}
