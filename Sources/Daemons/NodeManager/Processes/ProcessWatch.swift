import CLinux
import Glibc
package import Staging
import Synchronization

/// One thread that waits for processes to end and for supervisors to answer, for all containers of a NodeManager.
///
/// It sleeps in epoll on pidfds and pipes: nothing polls, and a process that is no child (a container adopted after a
/// restart) is watched like any other.
package final class ProcessWatch: Sendable {
    /// Called on the watch's thread when the descriptor is readable; must not block. False ends the watching and
    /// closes the descriptor.
    package typealias Handler = @Sendable (_ descriptor: Int32) -> Bool

    private struct Entry: Sendable {
        var descriptor: Int32
        var handler: Handler
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var nextToken: UInt64 = 1
        var isClosed = false
    }

    private let queue: OwnedDescriptor
    /// Wakes the thread to end it.
    private let wake: OwnedDescriptor
    private let state = Mutex(State())
    private static let wakeToken: UInt64 = 0

    package init() throws(SystemError) {
        let queue = heddle_event_queue()
        guard queue >= 0 else { throw SystemError("create", "an event queue") }
        self.queue = OwnedDescriptor(owning: queue)
        let wake = heddle_event()
        guard wake >= 0 else { throw SystemError("create", "an event descriptor") }
        self.wake = OwnedDescriptor(owning: wake)
        try self.add(self.wake.number, token: Self.wakeToken)
        try self.startThread()
    }

    /// Watches a descriptor, which the watch then owns, until the handler says false or `close` is called.
    package func watch(_ descriptor: consuming OwnedDescriptor, _ handler: @escaping Handler) throws(SystemError) {
        let number = descriptor.number
        let token: UInt64? = self.state.withLock { state in
            guard !state.isClosed else { return nil }
            let token = state.nextToken
            state.nextToken += 1
            state.entries[token] = Entry(descriptor: number, handler: handler)
            return token
        }
        guard let token else { throw SystemError("watch", "a process after shutdown", number: ECANCELED) }
        do {
            try self.add(number, token: token)
        } catch {
            _ = self.state.withLock { $0.entries.removeValue(forKey: token) }
            throw error
        }
        _ = descriptor.release()
    }

    /// Ends the thread and forgets all processes; they go on unwatched.
    package func close() {
        self.state.withLock { $0.isClosed = true }
        _ = heddle_event_signal(self.wake.number)
    }

    private func add(_ descriptor: Int32, token: UInt64) throws(SystemError) {
        guard heddle_event_queue_add(self.queue.number, descriptor, token) == 0 else {
            throw SystemError("watch", "descriptor \(descriptor)")
        }
    }

    private func startThread() throws(SystemError) {
        var thread = pthread_t()
        let owner = unsafe Unmanaged.passRetained(self).toOpaque()
        let error = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<ProcessWatch>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            },
            owner
        )
        guard error == 0 else {
            unsafe Unmanaged<ProcessWatch>.fromOpaque(owner).release()
            throw SystemError("start", "the process watch", number: error)
        }
        pthread_detach(thread)
    }

    private func run() {
        var tokens = [UInt64](repeating: 0, count: 64)
        while true {
            let count = unsafe heddle_event_queue_wait(self.queue.number, &tokens, Int32(tokens.count))
            for token in tokens.prefix(max(0, Int(count))) {
                self.dispatch(token)
            }
            if self.state.withLock({ $0.isClosed }) { break }
        }
        let entries = self.state.withLock { state in
            defer { state.entries = [:] }
            return state.entries
        }
        for entry in entries.values {
            _ = Glibc.close(entry.descriptor)
        }
    }

    private func dispatch(_ token: UInt64) {
        guard let entry = self.state.withLock({ $0.entries[token] }) else { return }
        if entry.handler(entry.descriptor) { return }
        _ = self.state.withLock { $0.entries.removeValue(forKey: token) }
        _ = heddle_event_queue_remove(self.queue.number, entry.descriptor)
        _ = Glibc.close(entry.descriptor)
    }
}
