/// Decides whether and when a transfer is tried again: pauses double, half of each is chance, so that many nodes that
/// lost one server at the same moment do not come back at the same moment.
struct RetryPlan: Sendable, Hashable {
    private let attemptsMaximum: Int
    private let pauseMaximum: Duration
    private var next: Duration
    /// Attempts so far that brought little.
    private(set) var attempts = 1

    /// Bytes that make an attempt worth going on from: as long as this much comes each time, a bad line is only slow.
    static let progressMinimum: Int64 = 1 << 20

    init(_ settings: TransferSettings) {
        self.attemptsMaximum = settings.attemptsMaximum
        self.pauseMaximum = settings.pauseMaximum
        self.next = settings.firstPause
        self.firstPause = settings.firstPause
    }

    private let firstPause: Duration

    /// - Parameters:
    ///   - progress: bytes that the failed attempt kept.
    ///   - chance: from 0 up to 1.
    /// - Returns: how long to wait; nil to give up.
    mutating func pause(
        after failure: TransferFailure,
        progress: Int64 = 0,
        chance: Double
    ) -> Duration? {
        guard failure.isTransient else { return nil }
        if progress >= Self.progressMinimum {
            self.attempts = 1
            self.next = self.firstPause
        } else {
            guard self.attempts < self.attemptsMaximum else { return nil }
            self.attempts += 1
        }
        let pause = self.next * (0.5 + 0.5 * min(max(chance, 0), 1))
        self.next = min(self.next * 2, self.pauseMaximum)
        guard let asked = failure.retryAfter else { return pause }
        return max(pause, min(asked, self.pauseMaximum))
    }

    /// The failure that ends it all, with how often it was tried.
    func final(_ failure: TransferFailure) -> TransferFailure {
        guard self.attempts > 1 else { return failure }
        var last = failure
        last.description += " (tried \(self.attempts) times)"
        return last
    }
}
