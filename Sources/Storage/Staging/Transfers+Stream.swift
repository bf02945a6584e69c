import Crypto
import Synchronization

extension Transfers {
    /// Hands a file on while it comes: its bytes in their order, each once, and never more than a piece of it in memory.
    /// Where a connection breaks another one goes on, if the server can say that it is still the same file.
    ///
    /// What was handed on cannot be taken back: a wrong checksum is told at the end.
    /// - Parameters:
    ///   - user: whom WebHDFS knows the reader as; nil: by the name of this process's account.
    ///   - take: gets the next bytes, and may take its time; false: no more is wanted.
    /// - Returns: whether the file came to its end; false when no more of it was wanted.
    package func stream(
        _ location: ResourceLocation,
        user: String? = nil,
        cancellation: Cancellation = Cancellation(),
        _ take: @escaping @Sendable ([UInt8]) throws(TransferFailure) -> Bool
    ) throws(TransferFailure) -> Bool {
        if location.scheme == "file" { return try self.streamLocal(location, cancellation, take) }
        let (files, mapped) = try self.files(location, as: nil, user: user, cancellation)
        var stream = FileStream(
            source: try files.source(mapped, expecting: ResourceExpectation()),
            settings: self.settings,
            cancellation: cancellation,
            chance: self.chance,
            take: take
        )
        return try stream.run()
    }

    private func streamLocal(
        _ location: ResourceLocation,
        _ cancellation: Cancellation,
        _ take: ([UInt8]) throws(TransferFailure) -> Bool
    ) throws(TransferFailure) -> Bool {
        let source = try LocalSource(location, expecting: ResourceExpectation(), as: nil)
        while true {
            if cancellation.isCancelled { throw .cancelled }
            var problem: SystemError?
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, count in
                do throws(SystemError) {
                    count = unsafe try source.descriptor.read(
                        into: UnsafeMutableRawBufferPointer(buffer),
                        path: location.path
                    )
                } catch {
                    problem = error
                }
            }
            if let problem { throw TransferFailure("Resource \(location): \(problem)") }
            if piece.isEmpty { return true }
            guard try take(piece) else { return false }
        }
    }
}

/// One file that is handed on while it comes. Blocks its thread; bytes are handed on by that of a `TransferLoop` of its
/// own, since whoever takes them may hold it up.
private struct FileStream {
    private var source: any DownloadSource
    private let settings: TransferSettings
    private let cancellation: Cancellation
    private let chance: @Sendable () -> Double
    private let take: @Sendable ([UInt8]) throws(TransferFailure) -> Bool
    private let loop = TransferLoop()
    private var version: FileVersion?
    private var position: Int64 = 0
    private var digest: RunningDigest?
    private var requests = 0
    /// Whoever takes the bytes made the last request wait.
    private var wasHeldUp = false

    init(
        source: any DownloadSource,
        settings: TransferSettings,
        cancellation: Cancellation,
        chance: @escaping @Sendable () -> Double,
        take: @escaping @Sendable ([UInt8]) throws(TransferFailure) -> Bool
    ) {
        self.source = source
        self.settings = settings
        self.cancellation = cancellation
        self.chance = chance
        self.take = take
    }

    mutating func run() throws(TransferFailure) -> Bool {
        var plan = RetryPlan(self.settings)
        while true {
            let before = self.position
            let failure: TransferFailure
            do throws(TransferFailure) {
                guard try self.request() else { return false }
                try self.confirm()
                return true
            } catch {
                failure = error
            }
            // A server may give up a slow reader as often as it likes: it is the reader who sets the pace.
            if self.wasHeldUp { plan = RetryPlan(self.settings) }
            // What was handed on must be the beginning of what comes next.
            let goesOn = self.position == 0 || (self.version?.validator != nil && !failure.needsRestart)
            guard goesOn,
                let pause = plan.pause(after: failure, progress: self.position - before, chance: self.chance())
            else {
                var last = plan.final(failure)
                if !goesOn, failure.isTransient {
                    last.description += " (after \(self.position) bytes, from which it cannot be gone on)"
                }
                throw last
            }
            try Download.wait(pause, self.cancellation)
            if self.position == 0 {
                self.version = nil
                self.source = try self.source.renewed()
            }
        }
    }

    /// - Returns: whether the file came to its end; false when no more of it was wanted.
    private mutating func request() throws(TransferFailure) -> Bool {
        if let length = self.version?.length, self.position > 0, self.position >= length { return true }
        let part = self.position == 0 ? nil : self.position..<Int64.max
        let sink = StreamSink(
            self.source,
            part,
            version: self.version,
            position: self.position,
            digest: self.digest,
            checks: self.settings.checksums != .none,
            take: self.take
        )
        let mailbox = Mailbox<HTTPExchange.Outcome>()
        let exchange = try HTTPExchange(
            try self.source.request(part, of: self.version),
            subject: "Resource \(self.source.location) cannot be fetched",
            settings: self.settings,
            sink: sink
        ) { mailbox.put($0) }
        self.requests += 1
        self.loop.start(exchange)
        var outcome = mailbox.take(within: Self.interval)
        while outcome == nil {
            if self.cancellation.isCancelled { self.loop.cancel(exchange) }
            outcome = mailbox.take(within: Self.interval)
        }
        let reached = sink.reached
        self.position = reached.position
        self.version = reached.version
        self.digest = reached.digest
        self.wasHeldUp = reached.wasHeldUp
        if reached.isEnough { return false }
        guard let answer = try outcome?.get() else { return false }
        guard answer.head.isSuccess else { throw self.source.failure(answer) }
        if let length = self.version?.length, self.position < length {
            throw TransferFailure(
                "Resource \(self.source.location): \(self.position) of its \(length) bytes came",
                isTransient: true
            )
        }
        return true
    }

    /// How soon a cancellation is seen.
    private static let interval: Duration = .milliseconds(50)

    private func confirm() throws(TransferFailure) {
        guard let version = self.version else { return }
        if let digest = self.digest { try digest.check(self.source.location) }
        try self.source.confirm(version, isPieced: self.requests > 1, target: nil, path: "")
    }
}

/// Hands one answer's bytes on, as far as they are those that were asked for.
private final class StreamSink: BodySink {
    struct Reached {
        var position: Int64
        var version: FileVersion?
        var digest: RunningDigest?
        /// Whoever takes the bytes wants no more.
        var isEnough = false
        /// They once took their time.
        var wasHeldUp = false
    }

    private static let patience: Duration = .seconds(1)

    private let source: any DownloadSource
    private let part: Range<Int64>?
    private let checks: Bool
    private let taking: @Sendable ([UInt8]) throws(TransferFailure) -> Bool
    private let state: Mutex<Reached>

    init(
        _ source: any DownloadSource,
        _ part: Range<Int64>?,
        version: FileVersion?,
        position: Int64,
        digest: RunningDigest?,
        checks: Bool,
        take: @escaping @Sendable ([UInt8]) throws(TransferFailure) -> Bool
    ) {
        self.source = source
        self.part = part
        self.checks = checks
        self.taking = take
        self.state = Mutex(Reached(position: position, version: version, digest: digest))
    }

    var reached: Reached { self.state.withLock { $0 } }

    func begin(_ head: HTTPHead) throws(TransferFailure) {
        let version = try self.source.judge(head, for: self.part, of: self.reached.version)
        self.state.withLock { state in
            state.version = version
            if self.part == nil, self.checks { state.digest = RunningDigest(version.digests) }
        }
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws(TransferFailure) -> Bool {
        let reached = self.reached
        if let length = reached.version?.length, Int64(bytes.count) > length - reached.position {
            throw TransferFailure("Resource \(self.source.location): its server sent more bytes than it stated")
        }
        let begin = ContinuousClock.now
        let isWanted = try self.taking(unsafe Array(bytes))
        let wasHeldUp = ContinuousClock.now - begin > Self.patience
        self.state.withLock { state in
            state.position += Int64(bytes.count)
            unsafe state.digest?.add(bytes)
            state.isEnough = !isWanted
            state.wasHeldUp = state.wasHeldUp || wasHeldUp
        }
        return isWanted
    }
}

/// The checksum of bytes that are not kept, against those that their server stated.
struct RunningDigest: Sendable {
    private let stated: [StatedDigest]
    private var function: any HashFunction

    /// - Returns: nil where nothing was stated.
    init?(_ stated: [StatedDigest]) {
        guard let algorithm = StatedDigest.strongest(of: stated) else { return nil }
        self.stated = stated.filter { $0.algorithm == algorithm }
        self.function =
            switch algorithm {
            case .md5: Insecure.MD5()
            case .sha1: Insecure.SHA1()
            case .sha256: SHA256()
            case .sha512: SHA512()
            }
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) { unsafe self.function.update(bufferPointer: bytes) }

    func check(_ location: ResourceLocation) throws(TransferFailure) {
        let actual = Self.bytes(self.function)
        guard let wrong = self.stated.first(where: { $0.bytes != actual }) else { return }
        throw StatedDigest.failure(wrong.algorithm, actual, of: location)
    }

    private static func bytes(_ function: some HashFunction) -> [UInt8] { Array(function.finalize()) }
}
