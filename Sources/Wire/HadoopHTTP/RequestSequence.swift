import NIOCore
import NIOHTTP1

/// Whose turn it is on one connection: requests are answered one after the other, whatever has come behind the one that is being
/// answered.
///
/// Parts come in as they are read; `next()` says what to do with them. It knows neither sockets nor tasks.
struct RequestSequence {
    /// What the connection does next.
    enum Step {
        /// A new request, whose body may follow.
        case begin(HTTPRequestHead)
        /// A piece of the current request's body.
        case piece(ByteBuffer)
        /// The current request has come in whole.
        case whole
        /// No more of the current request comes: its sender has ended the connection, or its half of it.
        case cutOff
        /// Nothing is answered any more.
        case close
    }

    private enum Answer {
        case awaited
        case written
    }

    private struct Current {
        var answer = Answer.awaited
        /// Whether it has come in whole, or as much of it as will.
        var isOver = false
    }

    private var waiting = CircularBuffer<HTTPServerRequestPart>()
    private var current: Current?
    private var isInputEnded = false
    private var isStopping = false
    private var isClosing = false

    /// Whether parts have come that are nobody's yet: no more should be read.
    var isAhead: Bool { !self.waiting.isEmpty }

    /// Whether the connection ends with the answer that is being written.
    var endsWithAnswer: Bool { self.isStopping || self.isInputEnded && !self.isAhead }

    mutating func received(_ part: HTTPServerRequestPart) {
        if !self.isClosing { self.waiting.append(part) }
    }

    /// Nothing comes any more.
    mutating func inputEnded() { self.isInputEnded = true }

    /// The request that is being answered is the last one.
    mutating func stop() { self.isStopping = true }

    /// The current request's answer is written.
    /// - Parameter keepsConnection: false where its head says that the connection ends with it.
    mutating func answered(keepsConnection: Bool) {
        self.current?.answer = .written
        if !keepsConnection { self.isStopping = true }
    }

    /// - Returns: nil while there is nothing to do but to wait.
    mutating func next() -> Step? {
        guard !self.isClosing else { return nil }
        switch self.current?.answer {
        case nil: return self.begin()
        case .awaited: return self.follow()
        case .written:
            if self.isStopping { return self.close() }
            self.skip()
            guard self.isCurrentOver else { return self.isInputEnded ? self.close() : nil }
            self.current = nil
            return self.begin()
        }
    }

    private var isCurrentOver: Bool { self.current?.isOver ?? true }

    private mutating func begin() -> Step? {
        if self.isStopping { return self.close() }
        while let part = self.waiting.popFirst() {
            if case .head(let head) = part {
                self.current = Current()
                return .begin(head)
            }
        }
        return self.isInputEnded ? self.close() : nil
    }

    private mutating func follow() -> Step? {
        guard !self.isCurrentOver else { return nil }
        switch self.waiting.popFirst() {
        case .body(let piece): return .piece(piece)
        case .end:
            self.current?.isOver = true
            return .whole
        case .head, nil:
            guard self.isInputEnded else { return nil }
            self.current?.isOver = true
            return .cutOff
        }
    }

    /// Who has been answered may still be sending: that is let go, so that the next request can be told from it.
    private mutating func skip() {
        while !self.isCurrentOver, let part = self.waiting.popFirst() {
            if case .end = part { self.current?.isOver = true }
        }
    }

    private mutating func close() -> Step {
        self.isClosing = true
        self.waiting.removeAll()
        return .close
    }
}
