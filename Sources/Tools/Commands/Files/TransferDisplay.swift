import Glibc
import Staging

/// Shows on standard error how transfers get on: a bar where that is a terminal, a line for each file where it is not.
struct TransferDisplay: Sendable {
    /// How often a bar is drawn.
    private static let interval: Duration = .milliseconds(100)

    private let drawsBar: Bool

    /// - Parameter mayDraw: false where several transfers run beside each other, each of which then has its line.
    init(mayDraw: Bool) {
        self.drawsBar = mayDraw && isatty(STDERR_FILENO) == 1
    }

    /// Runs a transfer on a thread of its own.
    /// - Parameter name: what the line calls it.
    func show(
        _ name: String,
        _ transfer: @escaping @Sendable (TransferProgress, Cancellation) throws(TransferFailure) -> Int64
    ) async throws(TransferFailure) {
        let progress = TransferProgress()
        let start = ContinuousClock.now
        let drawing = Task { [drawsBar] in
            guard drawsBar else { return }
            while !Task.isCancelled {
                Self.draw(name, progress, start)
                try? await Task.sleep(for: Self.interval)
            }
        }
        let result: Result<Int64, TransferFailure>
        do throws(TransferFailure) {
            result = .success(
                try await BlockingThreads(threadsMaximum: 1).run { (cancellation) throws(TransferFailure) in
                    try transfer(progress, cancellation)
                }
            )
        } catch {
            result = .failure(error)
        }
        drawing.cancel()
        await drawing.value
        if self.drawsBar {
            Self.draw(name, progress, start)
            writeText("\n", to: STDERR_FILENO)
        } else if case .success(let bytes) = result {
            writeText("\(ProgressLine.printable(name)): \(bytes) bytes\n", to: STDERR_FILENO)
        }
        _ = try result.get()
    }

    private static func draw(_ name: String, _ progress: TransferProgress, _ start: ContinuousClock.Instant) {
        let line = ProgressLine.text(
            name: name,
            done: progress.bytes,
            total: progress.total,
            elapsed: .now - start,
            width: Terminal.width()
        )
        // Back to the line's beginning, and away with what a longer line left.
        writeText("\r\(line)\u{1B}[K", to: STDERR_FILENO)
    }
}
