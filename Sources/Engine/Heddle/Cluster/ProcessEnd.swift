internal import CLinux
internal import Glibc
internal import Synchronization

/// What is to be done when this process ends by `exit` or the end of its main, with its exit code.
enum ProcessEnd {
    private static let actions = Mutex<[@Sendable (Int) -> Void]>([])
    private static let registration: Int32 = heddle_on_exit { code in
        // Standard output is emptied only after this: who hears that the program has ended may look for what it printed.
        fflush(nil)
        for action in ProcessEnd.actions.withLock({ $0 }) { action(Int(code)) }
    }

    static func atExit(_ action: @escaping @Sendable (_ code: Int) -> Void) {
        self.actions.withLock { $0.append(action) }
        _ = self.registration
    }
}
