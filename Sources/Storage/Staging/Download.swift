import Glibc

/// Fetches one file into an open one: goes on where a connection broke, fetches large files with several streams, and
/// never mixes two versions of the file. Blocks its thread; the bytes move on that of the `TransferLoop`.
struct Download {
    /// What is to be fetched, and how.
    struct Order: Sendable {
        var source: any DownloadSource
        var expectation: ResourceExpectation
        var settings: TransferSettings
        /// Open for reading and writing.
        var target: Int32
        /// What the target is called in errors.
        var path: String
        var progress: TransferProgress?
        var loop: TransferLoop
        var cancellation: Cancellation
        /// Chance for pauses, from 0 up to 1.
        var chance: @Sendable () -> Double
    }

    private enum Message: Sendable {
        case learned(FileVersion)
        case ended(part: Int, HTTPExchange.Outcome)
    }

    /// A part of the file that one stream after another fetches.
    private struct Part {
        /// Where its next stream begins.
        var position: Int64
        /// nil for the end of the file, wherever that is.
        var end: Int64?
        var exchange: HTTPExchange?
        var sink: PartSink?
        var startsAt = ContinuousClock.now
        var isDone = false
    }

    private var order: Order
    private let mailbox = Mailbox<Message>()
    private var plan: RetryPlan
    private var parts: [Part] = []
    private var version: FileVersion?
    /// When the first answer began.
    private var begunAt = ContinuousClock.now
    private var digest: GrowingDigest?
    private var requests = 0
    /// Cleared for good when a server was caught.
    private var usesRanges = true

    init(_ order: Order) {
        self.order = order
        self.plan = RetryPlan(order.settings)
    }

    /// - Returns: the file's size.
    mutating func run() throws(TransferFailure) -> FileVersion {
        while true {
            let failure: TransferFailure
            do throws(TransferFailure) {
                return try self.attempt()
            } catch {
                failure = error
            }
            guard let pause = self.plan.pause(after: failure, chance: self.order.chance()) else {
                throw self.plan.final(failure)
            }
            try Self.wait(pause, self.order.cancellation)
            if failure.needsRestart {
                self.usesRanges = false
                self.order.source = try self.order.source.renewed()
            }
        }
    }

    /// The whole file from its first byte, with as many streams as it takes.
    private mutating func attempt() throws(TransferFailure) -> FileVersion {
        try self.empty()
        self.order.progress?.start(of: nil)
        self.parts = [Part(position: 0, end: nil)]
        self.version = nil
        self.digest = nil
        self.requests = 0
        do throws(TransferFailure) {
            try self.fetch()
        } catch {
            self.stop()
            throw error
        }
        var version = self.version ?? FileVersion()
        let size = try self.targetSize()
        if let length = version.length, length != size {
            throw self.broken("\(size) of its \(length) bytes came")
        }
        version.length = size
        try self.order.expectation.check(size: size, of: self.order.source.location)
        try self.digest?.check(upTo: size, self.order.cancellation)
        try self.order.source.confirm(
            version,
            isPieced: self.requests > 1,
            target: self.order.target,
            path: self.order.path
        )
        return version
    }

    /// Takes away what an earlier attempt has left. A file without bytes is let alone: ext4 writes one that was cut off at 0
    /// to the disk when it is closed, and holds up whoever closes it meanwhile (its mount option auto_da_alloc).
    private func empty() throws(TransferFailure) {
        guard try self.targetSize() > 0 else { return }
        guard ftruncate(self.order.target, 0) == 0 else {
            throw TransferFailure("\(SystemError("empty", self.order.path))")
        }
    }

    private func targetSize() throws(TransferFailure) -> Int64 {
        var status = stat()
        guard unsafe fstat(self.order.target, &status) == 0 else {
            throw TransferFailure("\(SystemError("stat", self.order.path))")
        }
        return Int64(status.st_size)
    }

    private func broken(_ what: String) -> TransferFailure {
        TransferFailure("Resource \(self.order.source.location): \(what)", isTransient: true)
    }

    private mutating func fetch() throws(TransferFailure) {
        while true {
            if self.order.cancellation.isCancelled { throw .cancelled }
            let now = ContinuousClock.now
            var next: ContinuousClock.Instant?
            for index in self.parts.indices where !self.parts[index].isDone && self.parts[index].exchange == nil {
                if self.parts[index].startsAt <= now {
                    try self.start(index)
                } else {
                    next = min(next ?? self.parts[index].startsAt, self.parts[index].startsAt)
                }
            }
            if self.parts.allSatisfy(\.isDone) { return }
            self.shareIfSlow(now)
            // This thread has nothing else to do meanwhile.
            let frontier = self.frontier
            let isBehind = try self.digest?.advance(to: frontier) ?? false
            let patience = isBehind ? .zero : min(next.map { $0 - now } ?? Self.interval, Self.interval)
            switch self.mailbox.take(within: patience) {
            case .learned(let version): self.learn(version)
            case .ended(let part, let outcome): try self.end(part, outcome)
            case nil: break
            }
        }
    }

    /// How soon a cancellation is seen.
    private static let interval: Duration = .milliseconds(50)

    private mutating func start(_ index: Int) throws(TransferFailure) {
        let part = self.parts[index]
        let isWhole = index == 0 && part.position == 0 && part.end == nil
        let range = isWhole ? nil : part.position..<(part.end ?? Int64.max)
        let mailbox = self.mailbox
        let sink = PartSink(self.order, part: range, of: self.version) { version in
            // Of a short file there is nothing to do before its end.
            mailbox.put(.learned(version), wakes: version.length ?? .max >= GrowingDigest.pieceBytes)
        }
        let exchange = try HTTPExchange(
            try self.order.source.request(range, of: self.version),
            subject: "Resource \(self.order.source.location) cannot be fetched",
            settings: self.order.settings,
            sink: sink
        ) { mailbox.put(.ended(part: index, $0)) }
        self.parts[index].sink = sink
        self.parts[index].exchange = exchange
        self.requests += 1
        self.order.loop.start(exchange)
    }

    /// The first stream has begun.
    private mutating func learn(_ version: FileVersion) {
        self.version = version
        self.begunAt = .now
        if self.order.settings.checksums != .none {
            self.digest = GrowingDigest(version.digests, of: self.order.target, from: self.order.source.location)
        }
        self.shareIfSlow(self.begunAt)
    }

    /// Has others help the first stream, where that is possible and worth it.
    private mutating func shareIfSlow(_ now: ContinuousClock.Instant) {
        let settings = self.order.settings
        let rule = SplitRule(
            streamsMaximum: settings.streamsMaximum,
            partMinimum: settings.streamBytesMinimum,
            timeMinimum: settings.streamTimeMinimum
        )
        guard self.usesRanges, let version = self.version, version.takesRanges, version.validator != nil,
            let length = version.length, self.parts.count == 1, let sink = self.parts[0].sink
        else { return }
        let position = sink.position
        let done = position - self.parts[0].position
        guard rule.isWorthwhile(done: done, left: length - position, elapsed: now - self.begunAt) else { return }
        let parts = rule.parts(from: position, to: length)
        guard parts.count > 1, sink.cut(at: parts[0].upperBound) else { return }
        self.parts[0].end = parts[0].upperBound
        for part in parts.dropFirst() { self.parts.append(Part(position: part.lowerBound, end: part.upperBound)) }
    }

    /// How far the target is filled without a gap.
    private var frontier: Int64 {
        var frontier: Int64 = 0
        for part in self.parts {
            frontier = part.sink?.position ?? part.position
            guard frontier == part.end else { break }
        }
        return frontier
    }

    private mutating func end(_ index: Int, _ outcome: HTTPExchange.Outcome) throws(TransferFailure) {
        let position = self.parts[index].sink?.position ?? 0
        let progress = position - self.parts[index].position
        self.parts[index].exchange = nil
        self.parts[index].sink = nil
        self.parts[index].position = position
        var failure: TransferFailure
        switch outcome {
        case .success(let answer) where answer.head.isSuccess:
            guard let end = self.parts[index].end ?? self.version?.length, position < end else {
                self.parts[index].isDone = true
                return
            }
            failure = self.broken("\(position) of its \(end) bytes came")
        case .success(let answer): failure = self.order.source.failure(answer)
        case .failure(let error): failure = error
        }
        guard self.canContinue(from: position), !failure.needsRestart else { throw failure }
        guard let pause = self.plan.pause(after: failure, progress: progress, chance: self.order.chance()) else {
            failure.isTransient = false
            throw failure
        }
        self.parts[index].startsAt = .now + pause
    }

    private func canContinue(from position: Int64) -> Bool {
        self.usesRanges && position > 0 && self.version?.validator != nil
    }

    /// Ends every stream and waits for it: they write into a file that is the caller's again.
    private mutating func stop() {
        for part in self.parts {
            if let exchange = part.exchange { self.order.loop.cancel(exchange) }
        }
        while self.parts.contains(where: { $0.exchange != nil }) {
            if case .ended(let index, _) = self.mailbox.take(within: .seconds(1)) {
                self.parts[index].exchange = nil
            }
        }
    }

    static func wait(_ duration: Duration, _ cancellation: Cancellation) throws(TransferFailure) {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            if cancellation.isCancelled { throw .cancelled }
            usleep(20_000)
        }
    }
}
