import NIOCore
import NIOHTTP1
import Testing

@testable import HadoopHTTP

/// Whose turn it is, whatever comes when.
@Suite struct RequestSequenceTests {
    /// What a sequence did, as text: `/1 ab.` is a request whose body `ab` came whole, `/2 a!` one that was cut off.
    private struct Player {
        var sequence = RequestSequence()
        var log = ""
        var isAwaited = false
        var isClosed = false

        mutating func play() {
            while let step = self.sequence.next() {
                switch step {
                case .begin(let head):
                    #expect(!self.isAwaited, "the request before is not answered")
                    self.log += "\(head.uri) "
                    self.isAwaited = true
                case .piece(let piece): self.log += String(buffer: piece)
                case .whole: self.log += "."
                case .cutOff: self.log += "!"
                case .close:
                    self.log += "x"
                    self.isClosed = true
                }
            }
        }

        mutating func answer(keepsConnection: Bool = true) {
            self.log += "a "
            self.isAwaited = false
            self.sequence.answered(keepsConnection: keepsConnection)
            self.play()
        }

        mutating func receive(_ parts: HTTPServerRequestPart...) {
            for part in parts { self.sequence.received(part) }
            self.play()
        }
    }

    @Test func `requests wait for each other's answers, and the input's end for all of them`() {
        var player = Player()
        player.receive(.put("/1"), .body("ab"), .end(nil), .get("/2"))
        player.receive(.end(nil))
        player.sequence.inputEnded()
        player.play()
        #expect(player.log == "/1 ab.")
        player.answer()
        #expect(player.log == "/1 ab.a /2 .")
        player.answer()
        #expect(player.log == "/1 ab.a /2 .a x")
    }

    @Test func `a body that ends with its connection is cut off, once`() {
        var player = Player()
        player.receive(.put("/1"), .body("a"))
        player.sequence.inputEnded()
        player.play()
        player.sequence.inputEnded()
        player.play()
        #expect(player.log == "/1 a!")
        player.answer()
        #expect(player.log == "/1 a!a x")
    }

    @Test func `an answer that ends the connection is the last, and nothing is kept of what comes then`() {
        var player = Player()
        player.receive(.get("/1"), .end(nil), .get("/2"), .end(nil))
        player.answer(keepsConnection: false)
        player.receive(.get("/3"), .end(nil))
        #expect(player.log == "/1 .a x")
        #expect(!player.sequence.isAhead)
    }

    /// Random requests, cut into random reads and answered at random moments, some before they have come in whole.
    @Test(arguments: 1...200)
    func `every request is answered once, in its order, with its own body`(seed: UInt64) {
        var bytes = SeededBytes(seed: seed)
        var parts: [HTTPServerRequestPart] = []
        var bodies: [String] = []
        for number in 0..<(2 + bytes.next() % 6) {
            parts.append(.put("/\(number)"))
            let body = (0..<(bytes.next() % 5)).map { "\(number)\($0)," }
            parts += body.map { .body($0) } + [.end(nil)]
            bodies.append(body.joined())
        }
        let count = bodies.count
        var player = Player()
        var answered = 0
        while answered < count {
            if !parts.isEmpty, bytes.next() % 3 > 0 || !player.isAwaited {
                player.sequence.received(parts.removeFirst())
                if bytes.next() % 2 == 0 { player.play() }
            } else if player.isAwaited {
                player.answer()
                answered += 1
            }
            if parts.isEmpty { player.play() }
        }
        #expect(!player.isAwaited)
        let turns = player.log.split(separator: "a ").map { $0.split(separator: " ", omittingEmptySubsequences: false) }
        #expect(turns.map { String($0[0]) } == (0..<count).map { "/\($0)" })
        for (turn, body) in zip(turns, bodies) {
            // Who is answered early may not have got all of it, but nothing of anybody else's.
            let came = turn[1].hasSuffix(".") ? turn[1].dropLast() : turn[1]
            #expect(turn[1].hasSuffix(".") ? came == body : body.hasPrefix(came))
        }
    }
}
