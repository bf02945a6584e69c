internal import ApplicationMaster
internal import Dispatch
internal import EngineCore
internal import Glibc
internal import Staging
internal import Synchronization

/// Shows on a terminal how far the stages are that take a while (`spark.ui.showConsoleProgress`).
final class ConsoleProgress: Sendable {
    private struct State {
        var isShown = false
        var isOver = false
    }

    private let status: @Sendable () -> LiveStatus
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "heddle.engine.progress")

    /// As Spark: nothing of stages that are over at once, and the others a few times a second.
    private static let patience = Int64(500)
    private static let pause = DispatchTimeInterval.milliseconds(200)

    /// - Returns: nil where nobody looks.
    /// - Throws: where the property cannot be used.
    static func start(
        _ properties: EngineProperties,
        _ status: @escaping @Sendable () -> LiveStatus
    ) throws(EngineProperties.Unusable) -> ConsoleProgress? {
        let isTerminal = isatty(STDERR_FILENO) == 1
        guard try properties.flag(.consoleProgress, default: true), isTerminal else { return nil }
        let progress = ConsoleProgress(status)
        progress.show(after: Self.pause)
        return progress
    }

    private init(_ status: @escaping @Sendable () -> LiveStatus) { self.status = status }

    /// Takes the line away.
    func stop() {
        self.queue.sync {
            self.state.withLock { state in
                state.isOver = true
                if state.isShown { Self.write("\r\u{1B}[K") }
                state.isShown = false
            }
        }
    }

    private func show(after time: DispatchTimeInterval) {
        self.queue.asyncAfter(deadline: .now() + time) { [weak self] in
            guard let self else { return }
            let line = ProgressLine.text(self.status().stages(runningFor: Self.patience), width: Terminal.width())
            let isOver = self.state.withLock { state in
                if state.isOver { return true }
                if let line {
                    Self.write("\r\(line)\u{1B}[K")
                } else if state.isShown {
                    Self.write("\r\u{1B}[K")
                }
                state.isShown = line != nil
                return false
            }
            if !isOver { self.show(after: Self.pause) }
        }
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
