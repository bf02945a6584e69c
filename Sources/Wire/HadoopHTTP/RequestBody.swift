import NIOCore
import Synchronization

/// The body of one request between its connection's loop, which brings pieces, and whoever takes them.
final class RequestBody: Sendable {
    private enum End {
        case whole
        case cutOff
    }

    private struct State {
        var pieces = CircularBuffer<ByteBuffer>()
        var end: End?
        /// Nobody takes what still comes.
        var isLeft = false
        var taker: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    /// Told when there is room for more again.
    private let hasRoom: @Sendable () -> Void

    init(hasRoom: @escaping @Sendable () -> Void) { self.hasRoom = hasRoom }

    /// How many pieces wait for whoever takes them, before no more is read: so much that neither side waits for the other.
    /// Ten are a dozen megabytes of memory where pieces are large, and with a hundred uploads nearly four times as much.
    static let piecesMaximum = 2

    var isFull: Bool { self.state.withLock { $0.pieces.count >= Self.piecesMaximum } }

    // MARK: The connection

    func received(_ piece: ByteBuffer) {
        self.change { state in
            if !state.isLeft { state.pieces.append(piece) }
        }
    }

    func becameWhole() { self.change { $0.end = $0.end ?? .whole } }

    func wasCutOff() { self.change { $0.end = $0.end ?? .cutOff } }

    /// Its request is answered: what nobody has taken, nobody will.
    func leave() {
        self.state.withLock { state in
            state.isLeft = true
            state.pieces.removeAll()
        }
    }

    private func change(_ change: (inout State) -> Void) {
        let taker = self.state.withLock { state in
            change(&state)
            defer { state.taker = nil }
            return state.taker
        }
        taker?.resume()
    }

    // MARK: Whoever takes it

    /// The next piece; nil behind the last one. One caller at a time.
    /// - Throws: `WebBodyCutOff` when the connection ended before the body.
    func next() async throws -> ByteBuffer? {
        while true {
            let (piece, end, hasRoom) = self.state.withLock { state in
                let piece = state.pieces.popFirst()
                return (piece, state.end, piece != nil && state.pieces.isEmpty && state.end == nil)
            }
            if hasRoom { self.hasRoom() }
            if let piece { return piece }
            switch end {
            case .whole: return nil
            case .cutOff: throw WebBodyCutOff()
            case nil: await self.change()
            }
        }
    }

    private func change() async {
        await withCheckedContinuation { continuation in
            let isLate = self.state.withLock { state in
                guard state.pieces.isEmpty, state.end == nil else { return true }
                state.taker = continuation
                return false
            }
            if isLate { continuation.resume() }
        }
    }
}

extension WebBody {
    init(_ body: RequestBody) {
        self.init { piece in
            while let next = try await body.next() { try await piece(next) }
        }
    }
}
