import Synchronization

/// Makes single requests and waits for their answers: tried again when the fault may pass, cancelled when the caller is.
struct HTTPCalls: Sendable {
    var settings: TransferSettings
    var loop: TransferLoop
    var cancellation: Cancellation
    /// Chance for pauses, from 0 up to 1.
    var chance: @Sendable () -> Double

    /// No answer that is read as a whole is longer, where nothing else is said.
    static let answerMaximum = 16 << 20

    /// - Parameters:
    ///   - subject: what an error calls the resource.
    ///   - maximum: bytes of an answer's body.
    ///   - request: made anew for each attempt, since signatures carry a time.
    ///   - accepted: whether an answer is what was hoped for; others are failures.
    /// - Returns: the answer and its body.
    func call(
        _ subject: String,
        isRepeatable: Bool = true,
        maximum: Int = HTTPCalls.answerMaximum,
        progress: TransferProgress? = nil,
        accepts: (HTTPAnswer) -> Bool = { $0.head.isSuccess },
        failure: (HTTPAnswer) -> TransferFailure,
        request: () throws(TransferFailure) -> HTTPRequest
    ) throws(TransferFailure) -> (answer: HTTPAnswer, body: [UInt8]) {
        try self.call(
            subject,
            isRepeatable: isRepeatable,
            maximum: maximum,
            progress: progress,
            accepts: accepts,
            failure: failure,
            request: request,
            reading: { (answer: HTTPAnswer, body: [UInt8]) throws(TransferFailure) in (answer, body) }
        )
    }

    /// The same where only the body says whether an accepted answer is one.
    /// - Parameter reading: what is wanted of an answer; its failures are the attempt's.
    func call<Value>(
        _ subject: String,
        isRepeatable: Bool = true,
        maximum: Int = HTTPCalls.answerMaximum,
        progress: TransferProgress? = nil,
        accepts: (HTTPAnswer) -> Bool = { $0.head.isSuccess },
        failure: (HTTPAnswer) -> TransferFailure,
        request: () throws(TransferFailure) -> HTTPRequest,
        reading: (HTTPAnswer, [UInt8]) throws(TransferFailure) -> Value
    ) throws(TransferFailure) -> Value {
        var plan = RetryPlan(self.settings)
        while true {
            // Work of many short requests ends between them, too.
            if self.cancellation.isCancelled { throw .cancelled }
            let problem: TransferFailure
            do throws(TransferFailure) {
                let (answer, body) = try self.once(subject, maximum, progress, try request())
                if accepts(answer) { return try reading(answer, body) }
                problem = failure(answer)
            } catch {
                problem = error
            }
            guard isRepeatable, let pause = plan.pause(after: problem, chance: self.chance()) else {
                throw plan.final(problem)
            }
            try Download.wait(pause, self.cancellation)
        }
    }

    private func once(
        _ subject: String,
        _ maximum: Int,
        _ progress: TransferProgress?,
        _ request: HTTPRequest
    ) throws(TransferFailure) -> (HTTPAnswer, [UInt8]) {
        let mailbox = Mailbox<HTTPExchange.Outcome>()
        let sink = MemorySink(subject, maximum: maximum)
        let exchange = try HTTPExchange(
            request,
            subject: subject,
            settings: self.settings,
            sink: sink,
            progress: progress
        ) { mailbox.put($0) }
        self.loop.start(exchange)
        while true {
            if let outcome = mailbox.take(within: .milliseconds(100)) { return (try outcome.get(), sink.bytes) }
            // The outcome still comes, and is waited for: the body may be a file of the caller's.
            if self.cancellation.isCancelled { self.loop.cancel(exchange) }
        }
    }
}

/// Keeps the body of a short answer.
final class MemorySink: BodySink {
    private let subject: String
    private let maximum: Int
    private let kept = Mutex<[UInt8]>([])

    init(_ subject: String, maximum: Int) {
        self.subject = subject
        self.maximum = maximum
    }

    var bytes: [UInt8] { self.kept.withLock { $0 } }

    func begin(_ head: HTTPHead) {}

    func take(_ bytes: UnsafeRawBufferPointer) throws(TransferFailure) -> Bool {
        let isTooLong = self.kept.withLock { kept in
            guard kept.count + bytes.count <= self.maximum else { return true }
            unsafe kept += bytes
            return false
        }
        if isTooLong { throw TransferFailure("\(self.subject): the answer is longer than \(self.maximum) bytes") }
        return true
    }
}
